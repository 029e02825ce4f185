/** A file that was made on the phone. */
export type Made = { readonly id: string; readonly blob: Blob };

/** Proof that is a file. */
export type Given = { readonly signature?: Made; readonly photo?: Made };

/** What the access log tells of. `changed` is the journal's; the others are written when they are answered. */
export const accessVerbs = [
  'signed_in',
  'sign_in_refused',
  'read',
  'listed',
  'found',
  'exported',
  'printed',
  'changed',
  'lost',
] as const;
export type AccessVerb = (typeof accessVerbs)[number];

/** The word of each in the list and in the file. */
export const accessWords: { readonly [V in AccessVerb]: string } = {
  signed_in: 'Signed in',
  sign_in_refused: 'Sign-in refused',
  read: 'Read',
  listed: 'Listed',
  found: 'Searched',
  exported: 'Exported',
  printed: 'Printed',
  changed: 'Changed',
  lost: 'Not recorded',
};

/** One line of the access log, as it is shown. */
export type AccessRow = {
  /** Of this line: for a change the entry's seq, else an id. */
  id: string;
  /** Milliseconds since the epoch. */
  at: number;
  what: AccessVerb;
  /** Who; absent where nobody is known. */
  actor?: { type: 'person' | 'key' | 'system'; id: string };
  /** Who, by name as it is now. */
  who?: string;
  /** Of a change: the command's name, as `batch.seal`. */
  verb?: string;
  kind?: string;
  /** The record's id. */
  record?: string;
  /** The record by its name or reference as it is now. */
  name?: string;
  /** What was looked for, filtered by or changed: words and names of fields, never values that are personal. */
  detail?: string;
  /** Of a change: the reason that was given. */
  why?: string;
  /** The client's address. */
  address?: string;
};

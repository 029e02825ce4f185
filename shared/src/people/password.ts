/** How long a password is, in characters. There are no other rules: length is what counts. */
export const passwordLength = { min: 10, max: 200 } as const;

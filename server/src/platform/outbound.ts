/**
 * What became of something that was sent out of the house. `refused` is for good; `later` means that nothing was taken
 * and the same may be tried again; `unknown` means that it may or may not have been taken, and must not be repeated
 * without a person who wants it. `why` is a sentence for people, without addresses in it.
 */
export type Outcome = { outcome: 'sent' } | { outcome: 'refused' | 'later' | 'unknown'; why: string };

/** A thing is given up when it has taken this long, milliseconds. */
export const sendDeadline = 30_000;

/** What another server said, fit to be shown: one line, not long, and without anybody's address. */
export function quoted(text: string): string {
  const plain = text
    // eslint-disable-next-line no-control-regex -- a server may say anything, and people are to read it
    .replace(/[\u0000-\u001f\u007f]+/g, ' ')
    .replace(/[^\s<>"']+@[^\s<>"']+/g, '…')
    .replace(/\+?\d(?:[ ()/-]*\d){6,}/g, '…')
    .replace(/ {2,}/g, ' ')
    .trim();
  return plain.length > 120 ? `${plain.slice(0, 119)}…` : plain;
}

/** Names in one cell, as `Harbour; Airport`; a semicolon or backslash in a name gets a backslash. */
export const writeList = (names: readonly string[]): string =>
  // An empty list must not read as if nothing had been given.
  names.length === 0 ? 'none' : names.map((name) => name.replace(/[\\;]/g, (sign) => `\\${sign}`)).join('; ');

/** The inverse of {@link writeList}. */
export function readList(text: string): string[] {
  if (text.toLowerCase() === 'none') return [];
  const pieces = [...text.matchAll(/((?:\\.|[^\\;])+)(?:;|$)/gsu)].map(([, piece = '']) => piece.trim());
  return pieces.filter((piece) => piece !== '').map((piece) => piece.replace(/\\(.)/gsu, '$1'));
}

import { maxParts, partIdPattern } from '@opsboard/shared/batches/steps';

/** What somebody typed or pasted as a list of parts. */
export type TypedParts = {
  /** Each part once, in upper case, in the order of first mention. */
  readonly parts: readonly string[];
  /** Named more than once. */
  readonly repeated: readonly string[];
  /** Not a part ID. */
  readonly wrong: readonly string[];
  readonly tooMany: boolean;
};

/** Reads part IDs, one to a line, or parted by commas, semicolons, tabs, bars, blanks or quotes, as tables are copied. */
export function readParts(text: string): TypedParts {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  const wrong = new Set<string>();
  for (const word of text.split(/[\s,;|"'\u200b\ufeff]+/)) {
    if (word === '') continue;
    const part = word.toUpperCase();
    if (!partIdPattern.test(word)) wrong.add(word.slice(0, 48));
    else if (seen.has(part)) repeated.add(part);
    else seen.add(part);
  }
  return { parts: [...seen], repeated: [...repeated], wrong: [...wrong], tooMany: seen.size > maxParts };
}

/** The first few of a list in words: `P-1, P-2 and 3 more`. */
export function named(list: readonly string[], most = 3): string {
  const shown = list.slice(0, most);
  const rest = list.length - shown.length;
  if (rest > 0) return `${shown.join(', ')} and ${rest} more`;
  return shown.length > 1 ? `${shown.slice(0, -1).join(', ')} and ${shown.at(-1) ?? ''}` : (shown[0] ?? '');
}

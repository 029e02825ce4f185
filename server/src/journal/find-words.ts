import type { Batch } from '@opsboard/shared/batches/schema';

/** The text behind the first dash: people say "2041" for B-2041, and "40017" for P-40017. */
export const tailOf = (text: string): string => text.slice(text.indexOf('-') + 1);

/**
 * What an archived batch is found by, through an index: the beginnings of its reference, of its parts, and of their
 * numbers. Absent while it is on the boards: those are searched in memory, and a command need not pay for it.
 */
export function findWords(batch: Batch): string[] | undefined {
  if (batch.archivedAt === undefined) return undefined;
  const words = new Set<string>();
  for (const text of [batch.reference, ...Object.keys(batch.parts)]) words.add(text).add(tailOf(text));
  words.delete('');
  return [...words];
}

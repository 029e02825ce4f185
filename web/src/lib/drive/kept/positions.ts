import type { KeptFix } from '../outbox.ts';
import { database } from './database.ts';

/** Keeps a position. @returns its key; undefined when this browser keeps nothing */
export async function keepFix(kept: KeptFix): Promise<number | undefined> {
  try {
    return await (await database()).add('positions', kept);
  } catch {
    return undefined;
  }
}

/** What a person's earlier pages have kept, the oldest first. */
export async function keptFixes(person: string): Promise<KeptFix[]> {
  try {
    return (await (await database()).getAll('positions')).filter((kept) => kept.person === person);
  } catch {
    return [];
  }
}

/** Lets go of what the server has, or nobody will take. */
export async function dropFixes(fixes: readonly KeptFix[]): Promise<void> {
  const keys = fixes.flatMap(({ key }) => (key === undefined ? [] : [key]));
  if (keys.length === 0) return;
  try {
    const transaction = (await database()).transaction('positions', 'readwrite');
    await Promise.all([...keys.map((key) => transaction.store.delete(key)), transaction.done]);
  } catch {
    // They are sent once more by the next page, which makes no second points of them.
  }
}

/** A part as it stands in a manifest. */
export type ManifestPart = {
  id: string;
  /** What it is, where that is known. */
  label?: string;
  /** It will not come back with the batch. */
  out?: { how: 'lost' | 'scrapped'; at: number };
};

/** All that a manifest says. Names are words for people; times are milliseconds since the epoch. */
export type ManifestData = {
  organization: string;
  /** What the product is called there. */
  product: string;
  /** A PNG or a JPEG. */
  logo?: Buffer;
  /** The organization's: every time is written in it. */
  timeZone: string;
  reference: string;
  customer: string;
  center: { name: string; address?: string; phone?: string };
  branch: string;
  driver?: string;
  /** Expected return date. */
  dueAt: number;
  sealed: { at: number; by: string; count?: number };
  /** Custody passed to a driver before it departed. */
  handover?: { at: number; by: string; to: string };
  /** The reference of the batch that these parts stayed behind from. */
  splitFrom?: string;
  /** In the order in which they are listed. */
  parts: readonly ManifestPart[];
  /** The moment that all of this is of. */
  at: number;
};

/** What the counts of a manifest come to. */
export type Counts = { listed: number; lost: number; scrapped: number; expected: number };

export function countsOf(parts: readonly ManifestPart[]): Counts {
  const how = (outcome: 'lost' | 'scrapped') => parts.filter(({ out }) => out?.how === outcome).length;
  const [lost, scrapped] = [how('lost'), how('scrapped')];
  return { listed: parts.length, lost, scrapped, expected: parts.length - lost - scrapped };
}

/** `1 part`, `2 parts`. */
export const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

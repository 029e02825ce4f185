/** A new batch that was not created yet, as it was left. */
export type Unfinished = {
  customer: string;
  center: string;
  branch: string;
  driver: string;
  /** Newest first. */
  parts: string[];
  /** As the field shows it; empty while the proposal stands. */
  ownDate: string;
  /** When it was left, milliseconds. */
  at: number;
};

/** Kept for a day: later it would only be in the way. */
const keptFor = 86_400_000;
/** One for each person: screens are shared. */
const keyOf = (person: string): string => `opsboard.new-batch.${person}`;

/** Keeps what was begun, so that a dialog closed by mistake, or a browser that ended, costs nothing. */
export function keepUnfinished(person: string, left: Unfinished): void {
  try {
    localStorage.setItem(keyOf(person), JSON.stringify(left));
  } catch {
    // A browser that keeps nothing keeps it as long as the dialog is open.
  }
}

export function forgetUnfinished(person: string): void {
  try {
    localStorage.removeItem(keyOf(person));
  } catch {
    // Nothing was kept then.
  }
}

/** What the person left, unless it is older than a day. */
export function readUnfinished(person: string, now: number): Unfinished | undefined {
  try {
    return unfinishedFrom(localStorage.getItem(keyOf(person)), now);
  } catch {
    return undefined;
  }
}

/** Reads what was stored; undefined where it is not whole, or too old. */
export function unfinishedFrom(text: string | null, now: number): Unfinished | undefined {
  if (text === null) return undefined;
  let read: Partial<Unfinished> | null;
  try {
    read = JSON.parse(text) as Partial<Unfinished> | null;
  } catch {
    return undefined;
  }
  if (typeof read !== 'object' || read === null || typeof read.at !== 'number' || now - read.at > keptFor)
    return undefined;
  const word = (value: unknown): string => (typeof value === 'string' ? value : '');
  const parts = Array.isArray(read.parts) ? read.parts.filter((part) => typeof part === 'string') : [];
  return {
    customer: word(read.customer),
    center: word(read.center),
    branch: word(read.branch),
    driver: word(read.driver),
    ownDate: word(read.ownDate),
    parts,
    at: read.at,
  };
}

/** Set by what opens the dialog to go on with what was left, without being asked again. */
export const resuming = { wanted: false };

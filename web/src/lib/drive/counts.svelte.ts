import { SvelteSet } from 'svelte/reactivity';
import { lookUp, type Lists, type Seen } from './count.ts';

/** What was scanned and typed at a stop so far, as it is kept. */
type Kept = {
  ticked?: string[];
  strangers?: { readonly [batch: string]: readonly string[] };
  typed?: { [batch: string]: number };
  reasons?: { [batch: string]: string };
  receiver?: string;
};

/** Kept with the tab: a phone that needs its memory for the camera throws the page away and loads it again. */
const prefix = 'opsboard.drive.count.';
const key = (stop: string): string => prefix + stop;

/**
 * The physical count at one stop: every part that is scanned is ticked off in the batch that lists it, whichever is in
 * hand.
 */
export class StopCount {
  readonly ticked = new SvelteSet<string>();
  /** Scanned, and on no list of this stop: by the batch that was in hand. */
  strangers = $state.raw<{ readonly [batch: string]: readonly string[] }>({});
  /** Counted by hand and typed. */
  typed = $state.raw<{ readonly [batch: string]: number }>({});
  /** Why a batch goes on although something differs. */
  reasons = $state.raw<{ readonly [batch: string]: string }>({});
  /** Who receives here: asked once, proposed for every batch of the stop. */
  receiver = $state('');
  /** Drawn here once, used for every batch that the same person receives. Not kept: it is drawn again. */
  signature = $state.raw<{ blob: Blob; id: string } | undefined>(undefined);
  #stop: string;

  constructor(stop: string) {
    this.#stop = stop;
    const kept = read(stop);
    for (const part of kept.ticked ?? []) this.ticked.add(part);
    this.strangers = kept.strangers ?? {};
    this.typed = kept.typed ?? {};
    this.reasons = kept.reasons ?? {};
    this.receiver = kept.receiver ?? '';
  }

  /** Takes a scanned part. */
  take(part: string, lists: Lists, inHand: string): Seen {
    const seen = lookUp(part, lists, inHand, this.ticked);
    if (seen.is === 'ticked') this.ticked.add(part);
    else if (seen.is === 'stranger' && !this.strangers[inHand]?.includes(part)) {
      this.strangers = { ...this.strangers, [inHand]: [...(this.strangers[inHand] ?? []), part] };
    }
    this.keep();
    return seen;
  }

  type(batch: string, count: number | undefined): void {
    const { [batch]: _, ...rest } = this.typed;
    this.typed = count === undefined ? rest : { ...rest, [batch]: count };
    this.keep();
  }

  because(batch: string, reason: string): void {
    this.reasons = { ...this.reasons, [batch]: reason };
    this.keep();
  }

  /** Counts one batch afresh. */
  again(batch: string, parts: Iterable<string>): void {
    for (const part of parts) this.ticked.delete(part);
    const { [batch]: _, ...strangers } = this.strangers;
    this.strangers = strangers;
    this.type(batch, undefined);
  }

  keep(): void {
    const { strangers, typed, reasons, receiver } = this;
    try {
      sessionStorage.setItem(
        key(this.#stop),
        JSON.stringify({ ticked: [...this.ticked], strangers, typed, reasons, receiver } satisfies Kept),
      );
    } catch {
      // It holds as long as the page does.
    }
  }
}

function read(stop: string): Kept {
  try {
    return JSON.parse(sessionStorage.getItem(key(stop)) ?? '{}') as Kept;
  } catch {
    return {};
  }
}

const counts = new Map<string, StopCount>();

/** The count at a stop, as far as it has come. */
export function countAt(stop: string): StopCount {
  let count = counts.get(stop);
  if (!count) counts.set(stop, (count = new StopCount(stop)));
  return count;
}

/** Forgets the count at a stop: it was left. */
export function forgetCount(stop: string): void {
  counts.delete(stop);
  try {
    sessionStorage.removeItem(key(stop));
  } catch {
    // Then nothing was kept.
  }
}

/** Forgets every count, names of receivers with them: somebody else may use this phone next. */
export function forgetCounts(): void {
  counts.clear();
  try {
    for (const name of Object.keys(sessionStorage)) if (name.startsWith(prefix)) sessionStorage.removeItem(name);
  } catch {
    // Then nothing was kept.
  }
}

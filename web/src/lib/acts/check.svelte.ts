import type { Batch } from '@opsboard/shared/batches/schema';
import { SvelteSet } from 'svelte/reactivity';
import { call } from '#lib/socket/http.ts';
import { byPartId } from './read.ts';

/** What a physical count is for. */
export type CountFor = 'sealed' | 'handOver' | 'completed';

/**
 * A part that was scanned and is not on the list; `in`: the open batch that lists it, `elsewhere` one that this person
 * does not see. Absent while it is being looked up.
 */
export type Stranger = {
  readonly part: string;
  readonly in?: { readonly batch: string; readonly reference: string } | 'elsewhere' | 'nowhere';
};

type Looked = { parts: { part: string; in?: { batch: string; reference: string }; elsewhere?: true }[] };

/** What a scan turned out to be. */
export type Tick = 'ticked' | 'again' | 'out' | 'stranger';

/**
 * A count by scanning: each part on the list is ticked off, so that what is missing has a name. It outlives the form: a
 * part that is reported lost in between leaves the rest ticked.
 */
export class Check {
  /** Whether parts are scanned; otherwise they are counted and the number is typed. */
  scanning = $state(false);
  /** Whether somebody said that these were all. */
  finished = $state(false);
  readonly ticked = new SvelteSet<string>();
  strangers = $state.raw<readonly Stranger[]>([]);

  /** Takes a scanned part. Where a stranger belongs is looked up. */
  take(part: string, parts: Batch['parts']): Tick {
    const listed = Object.hasOwn(parts, part) ? parts[part] : undefined;
    if (listed?.out) return 'out';
    if (listed) {
      if (this.ticked.has(part)) return 'again';
      this.ticked.add(part);
      return 'ticked';
    }
    if (!this.strangers.some((one) => one.part === part)) {
      this.strangers = [...this.strangers, { part }];
      void this.#lookUp(part);
    }
    return 'stranger';
  }

  /** Takes a stranger off the list: it was laid aside. */
  setAside(part: string): void {
    this.strangers = this.strangers.filter((one) => one.part !== part);
  }

  /** The parts on the list that were not scanned, lost and scrapped ones left out. */
  missing(parts: Batch['parts']): string[] {
    return Object.keys(parts)
      .filter((part) => !parts[part]?.out && !this.ticked.has(part))
      .toSorted(byPartId);
  }

  /** How many of those on the list were scanned: what was ticked and is off the list by now does not count. */
  counted(parts: Batch['parts']): number {
    let count = 0;
    for (const part of this.ticked) if (Object.hasOwn(parts, part) && !parts[part]?.out) count++;
    return count;
  }

  again(): void {
    this.ticked.clear();
    this.strangers = [];
    this.finished = false;
  }

  async #lookUp(part: string): Promise<void> {
    const answer = await call<Looked>('POST', '/api/parts/check', { parts: [part] });
    if (!answer.ok) return;
    const [found] = answer.value.parts;
    const where = found?.in ?? (found?.elsewhere ? 'elsewhere' : 'nowhere');
    this.strangers = this.strangers.map((one) => (one.part === part ? { part, in: where } : one));
  }
}

const checks = new Map<string, Check>();

/** The count that is under way for a batch, or a fresh one. */
export function checkOf(batch: string, what: CountFor): Check {
  const key = `${what}/${batch}`;
  let check = checks.get(key);
  if (!check) checks.set(key, (check = new Check()));
  return check;
}

/** Forgets a count: it was used, or given up. */
export const forgetCheck = (batch: string, what: CountFor): void => void checks.delete(`${what}/${batch}`);

import type { WireError } from '@opsboard/shared/protocol/errors';
import { maxParts } from '@opsboard/shared/batches/steps';
import { app } from '#lib/app.ts';
import { call } from '#lib/socket/http.ts';
import type { Scanned } from '#lib/scan/parse.ts';
import { counted } from '#lib/time/format.ts';
import { named, readParts } from './parts.ts';

/** The open batch that a part is in; `elsewhere` where the person does not see which. */
export type Holder = { batch: string; reference: string } | 'elsewhere';

/** A part on its way into a batch. */
export type PartLine = {
  part: string;
  /** What it is, where that is on record. */
  label?: string;
  /** Whether an open batch holds it is being asked; `unknown`: it could not be, and is judged when it is sent. */
  state: 'asking' | 'free' | 'unknown' | 'taken';
  /** Of one that is taken. */
  holder?: Holder;
};

/** Something that was not taken, and why: by name. */
export type Refused = { n: number; text: string; why: string; holder?: Holder };

/** What came of the last entry: the parts that came in, which can be taken back together, and what is to be said. */
export type Report = { parts: readonly string[]; rest: readonly string[] };

/** A report in words; what was refused by name is not in it. */
export const reportWords = ({ parts, rest }: Report): string => {
  const [first] = parts;
  const added =
    first === undefined ? [] : [parts.length === 1 ? `${first} added` : `${counted(parts.length, 'part')} added`];
  return [...added, ...rest].map((sentence) => `${sentence}.`).join(' ');
};

/** For a batch that is there: parts go in as they come. */
export type DeskOptions = {
  /** The batch's id. */
  self?: string;
  /** How many more it takes. */
  room?: () => number;
  /** Puts parts in, in the order given. */
  send?: (parts: readonly string[]) => Promise<WireError | undefined>;
};

type Checked = { part: string; label?: string; in?: { batch: string; reference: string }; elsewhere?: true };

/** More refusals than this are not read one by one. */
const refusalsShown = 50;

/**
 * Where parts gather before they go into a batch: typed, pasted or scanned, each asked about as it comes. What another
 * open batch holds is refused by name and the rest is kept.
 */
export class PartsDesk {
  /** Newest first. */
  lines = $state.raw<readonly PartLine[]>([]);
  /** Newest first. */
  refused = $state.raw<readonly Refused[]>([]);
  report = $state.raw<Report | undefined>(undefined);
  /** The part that was named last, to be shown: it came in, or was there already. */
  last = $state<string | undefined>(undefined);

  /** Why what is ready could not be sent; it stays in the list. */
  failure = $state<string | undefined>(undefined);

  readonly #options: DeskOptions;
  #asking = false;
  #next = 0;

  /** Without options it gathers parts for a batch that is not there yet. */
  constructor(options: DeskOptions = {}) {
    this.#options = options;
  }

  readonly parts: readonly string[] = $derived(this.lines.map(({ part }) => part));
  readonly taken: readonly PartLine[] = $derived(this.lines.filter(({ state }) => state === 'taken'));
  readonly asking: boolean = $derived(this.lines.some(({ state }) => state === 'asking'));

  /** Takes what was typed or pasted. @returns what came of it, in words */
  addText(text: string): string {
    const { parts, repeated, wrong } = readParts(text);
    for (const word of wrong) this.#refuse(word, 'not a part ID');
    const there = parts.filter((part) => this.#there(part));
    const added = this.#put(parts.filter((part) => !there.includes(part)));
    const over = parts.length - there.length - added.length;
    const rest = [
      there.length > 0 ? `${named(there)} ${there.length === 1 ? 'was' : 'were'} in the list already` : '',
      repeated.length > 0 ? `${named(repeated)} given more than once: counted once` : '',
      over > 0 ? `${over} too many: a batch holds ${maxParts}` : '',
    ].filter((sentence) => sentence !== '');
    const report = { parts: added, rest };
    this.report = added.length + rest.length === 0 ? undefined : report;
    this.last = added[0] ?? there[0] ?? this.last;
    const refused = wrong.length > 0 ? `${named(wrong)}: not a part ID.` : '';
    return [reportWords(report), refused].filter((sentence) => sentence !== '').join(' ');
  }

  /** Takes what a scanner or a camera read. @returns whether it is a new part, and what to say of it */
  addScan(scanned: Scanned): { taken: boolean; said: string } {
    const { part, reference, batch, text } = scanned;
    this.report = undefined;
    const known =
      reference === undefined ? undefined : [...app.all('batch').values()].find((one) => one.reference === reference);
    if (part === undefined || known) {
      const why = known || batch !== undefined ? 'a batch, not a part' : 'not a part ID';
      this.#refuse(text, why, known && { batch: known.id, reference: known.reference });
      return { taken: false, said: why };
    }
    if (this.#there(part)) {
      this.last = part;
      return { taken: false, said: 'in the list already' };
    }
    if (this.#put([part]).length === 0) {
      this.#refuse(part, `too many: a batch holds ${maxParts}`);
      return { taken: false, said: 'too many' };
    }
    return { taken: true, said: `added, ${counted(this.lines.length, 'part')}` };
  }

  /** Puts back a list as it was left, newest first. */
  restore(parts: readonly string[]): void {
    this.lines = [];
    this.#put(parts);
  }

  remove(parts: readonly string[]): void {
    const gone = new Set(parts);
    this.lines = this.lines.filter(({ part }) => !gone.has(part));
    if (this.report?.parts.some((part) => gone.has(part))) this.report = undefined;
  }

  dismiss(n?: number): void {
    this.refused = n === undefined ? [] : this.refused.filter((one) => one.n !== n);
  }

  /**
   * What the server answered when the parts were sent: those it names, and whichever others are in an open batch by now,
   * are marked in the list. Everything else is left as it is.
   */
  async refusedBy(error: WireError): Promise<void> {
    const { part, batch, reference } = (error.details ?? {}) as { part?: string; batch?: string; reference?: string };
    if (part !== undefined) {
      const holder: Holder =
        batch !== undefined && reference !== undefined && app.get('batch', batch) ? { batch, reference } : 'elsewhere';
      this.lines = this.lines.map((line) => (line.part === part ? { ...line, state: 'taken', holder } : line));
      this.last = part;
    }
    const answer = await ask(this.parts);
    if (answer) this.#note(answer, 'mark');
  }

  #there(part: string): boolean {
    return this.lines.some((line) => line.part === part);
  }

  #put(parts: readonly string[]): string[] {
    const added = parts.slice(0, Math.max(0, (this.#options.room?.() ?? maxParts) - this.lines.length));
    if (added.length === 0) return [];
    this.lines = [...added.map((part): PartLine => ({ part, state: 'asking' })), ...this.lines];
    this.last = added[0];
    void this.#askAll();
    return added;
  }

  #refuse(text: string, why: string, holder?: Holder): void {
    const other = this.refused.filter((one) => one.text !== text);
    this.refused = [{ n: this.#next++, text, why, ...(holder ? { holder } : {}) }, ...other].slice(0, refusalsShown);
  }

  /** Asks about everything that has come in; what comes meanwhile is asked about in the next round. */
  async #askAll(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    // Everything that is put in within this turn is asked about together.
    await Promise.resolve();
    for (;;) {
      const parts = this.lines.filter(({ state }) => state === 'asking').map(({ part }) => part);
      if (parts.length === 0) break;
      const answer = await ask(parts);
      const asked = new Set(parts);
      this.lines = this.lines.map((line) =>
        asked.has(line.part) && line.state === 'asking' ? { ...line, state: answer ? 'free' : 'unknown' } : line,
      );
      if (answer) this.#note(answer, 'refuse');
      await this.#send();
    }
    this.#asking = false;
  }

  /** Sends what is ready, where parts go in as they come. A part that is refused by name does not hold up the rest. */
  async #send(): Promise<void> {
    const { send } = this.#options;
    if (!send) return;
    for (;;) {
      const ready = this.lines.filter(({ state }) => state === 'free' || state === 'unknown').map(({ part }) => part);
      if (ready.length === 0) return;
      const error = await send(ready.toReversed());
      const named = (error?.details as { part?: string } | undefined)?.part;
      if (error && named !== undefined && ready.includes(named)) {
        this.#refuse(named, error.code === 'duplicate_part' ? 'in this batch already' : 'in another open batch');
        this.remove([named]);
        continue;
      }
      this.failure = error?.message;
      if (!error) {
        const rest = this.report?.rest ?? [];
        this.remove(ready);
        this.report = { parts: ready.toReversed(), rest };
      }
      return;
    }
  }

  /** Sends again what could not be sent. */
  retry(): void {
    this.failure = undefined;
    this.lines = this.lines.map((line) => ({ ...line, state: 'asking' }));
    void this.#askAll();
  }

  #note(answer: readonly Checked[], taken: 'refuse' | 'mark'): void {
    const known = new Map(answer.map((one) => [one.part, one]));
    const holderOf = (one: Checked | undefined): Holder | undefined =>
      one?.in ?? (one?.elsewhere ? 'elsewhere' : undefined);
    if (taken === 'refuse') {
      const held = this.lines.filter(({ part }) => holderOf(known.get(part)) !== undefined).map(({ part }) => part);
      for (const part of held.toReversed()) {
        const holder = holderOf(known.get(part));
        if (holder && holder !== 'elsewhere' && holder.batch === this.#options.self)
          this.#refuse(part, 'in this batch already');
        else this.#refuse(part, 'in another open batch', holder);
      }
      if (held.length > 0) {
        this.lines = this.lines.filter(({ part }) => !held.includes(part));
        const { report } = this;
        if (report) this.report = { ...report, parts: report.parts.filter((part) => !held.includes(part)) };
        this.onTaken?.(held);
      }
    }
    this.lines = this.lines.map((line) => {
      const one = known.get(line.part);
      if (!one) return line;
      const holder = holderOf(one);
      return {
        ...line,
        ...(one.label === undefined ? {} : { label: one.label }),
        ...(holder ? { state: 'taken' as const, holder } : {}),
      };
    });
  }

  /** Called with parts that were refused because another open batch holds them. */
  onTaken: ((parts: readonly string[]) => void) | undefined;
}

async function ask(parts: readonly string[]): Promise<readonly Checked[] | undefined> {
  if (parts.length === 0) return [];
  const answer = await call<{ parts: Checked[] }>('POST', '/api/parts/check', { parts });
  return answer.ok ? answer.value.parts : undefined;
}

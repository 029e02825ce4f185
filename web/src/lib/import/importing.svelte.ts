import type { TransferKind } from '@opsboard/shared/transfer/columns';
import { mostText, transferWords } from '@opsboard/shared/transfer/columns';
import type { Imported, Preview } from '@opsboard/shared/transfer/preview';
import { app } from '#lib/app.ts';
import { announcer } from '#lib/announce/announce.svelte.ts';
import { call } from '#lib/socket/http.ts';
import { counted } from '#lib/time/format.ts';
import { decodeFile } from './decode.ts';

/** A file of 10,000 rows is judged and committed well within this, milliseconds. */
const patience = 120_000;

/** What goes on with the file: nothing yet, read, judged, being imported, done. */
type Step = 'idle' | 'judging' | 'judged' | 'importing' | 'done';

/** One import, from the choice of a kind to its result. */
export class Importing {
  kind = $state<TransferKind>('customers');
  step = $state<Step>('idle');
  /** What the file is called; undefined for what was pasted. */
  fileName = $state<string | undefined>(undefined);
  preview = $state.raw<Preview | undefined>(undefined);
  result = $state.raw<Imported | undefined>(undefined);
  /** Why the file could not be judged or imported. */
  failure = $state<string | undefined>(undefined);

  #text = '';
  /** The import's own id: one that is tried again after no answer acts once. */
  #commandId = '';
  #asked = 0;

  readonly news: number = $derived((this.preview?.counts.create ?? 0) + (this.preview?.counts.change ?? 0));
  readonly ready: boolean = $derived(
    this.step === 'judged' && this.preview?.faults.length === 0 && this.preview.counts.bad === 0 && this.news > 0,
  );
  /** What the file would do, in one line. */
  readonly words: string = $derived.by(() => {
    if (!this.preview) return '';
    const { create, change, unchanged, bad } = this.preview.counts;
    return `${create} new, ${change} changed, ${unchanged} unchanged, ${bad} bad`;
  });

  get many(): string {
    return transferWords[this.kind].many;
  }

  choose(kind: TransferKind): void {
    if (kind === this.kind) return;
    this.kind = kind;
    if (this.#text !== '' && this.step !== 'done') void this.#judge();
    else this.reset();
  }

  reset(): void {
    this.#asked++;
    this.#text = '';
    this.step = 'idle';
    this.fileName = this.preview = this.result = this.failure = undefined;
  }

  async takeFile(file: File): Promise<void> {
    this.reset();
    this.fileName = file.name;
    if (file.size > 4 * mostText) {
      this.failure = `${file.name} is too large. Split it into files of at most 10,000 rows.`;
      return;
    }
    const decoded = decodeFile(new Uint8Array(await file.arrayBuffer()));
    if (!decoded.ok) {
      this.failure = decoded.message;
      return;
    }
    await this.takeText(decoded.text, file.name);
  }

  async takeText(text: string, fileName?: string): Promise<void> {
    this.reset();
    this.fileName = fileName;
    this.#text = text;
    if (text.length > mostText) {
      this.failure = 'This is too much at once. Split it into files of at most 10,000 rows.';
      return;
    }
    if (text.trim() !== '') await this.#judge();
  }

  /** Judges the same text again: what is on the board may have changed. */
  async #judge(): Promise<void> {
    const asked = ++this.#asked;
    this.step = 'judging';
    this.failure = undefined;
    const { kind } = this;
    const answer = await call<Preview>('POST', '/api/import/preview', { kind, csv: this.#text }, patience);
    if (asked !== this.#asked) return;
    this.#commandId = app.newId();
    if (answer.ok) {
      this.preview = answer.value;
      this.step = 'judged';
      const [fault] = answer.value.faults;
      announcer.say(fault ?? `${counted(answer.value.rows.length, 'row')} judged: ${this.words}.`);
    } else {
      this.preview = undefined;
      this.step = 'idle';
      this.failure = answer.error.message;
    }
  }

  again(): void {
    if (this.#text !== '') void this.#judge();
  }

  async run(): Promise<void> {
    if (!this.ready) return;
    this.step = 'importing';
    this.failure = undefined;
    const { kind } = this;
    const asked = this.#asked;
    const body = { kind, csv: this.#text, commandId: this.#commandId };
    const answer = await call<Imported>('POST', '/api/import', body, patience);
    if (asked !== this.#asked) return;
    if (answer.ok) {
      this.result = answer.value;
      this.step = 'done';
      announcer.say(`Imported: ${answer.value.created} added, ${answer.value.changed} changed.`);
      return;
    }
    this.failure = answer.error.message;
    this.step = 'judged';
    announcer.say(answer.error.message, 'assertive');
    // What was refused was overtaken: the rows are judged anew. After no answer, the same import is tried again.
    if (answer.error.code !== 'unavailable') {
      const said = answer.error.message;
      await this.#judge();
      this.failure = said;
    }
  }
}

import type { Ack } from '@opsboard/shared/protocol/envelope';
import { app } from '#lib/app.ts';
import { dialogs } from '#lib/dialogs/dialogs.svelte.ts';
import { call } from '#lib/socket/http.ts';
import { clock } from '#lib/time/clock.svelte.ts';
import { counted } from '#lib/time/format.ts';
import { toasts } from '#lib/toasts/toasts.svelte.ts';
import { bulkWords, itemsOf, type BulkAction, type BulkGiven } from './actions.ts';
import { derivedId } from './derived-id.ts';
import { runBulk, type BulkItem, type BulkOutcome } from './run.ts';

/** A bulk under way, or the last one. */
export type Bulk = {
  /** On the bar and over the report: "Seal". */
  readonly title: string;
  /** What it did: "sealed". */
  readonly did: string;
  readonly total: number;
  readonly outcomes: readonly BulkOutcome[];
  readonly unsent: number;
  /** `held`: the line is cut, it goes on when it is back. */
  readonly state: 'running' | 'held' | 'ended';
  /** When its first command was sent, server time: undo counts from there. */
  readonly began: number;
  /** Whether it takes back another one: that is not taken back again. */
  readonly undoes: boolean;
};

class Bulks {
  #now = $state.raw<Bulk | undefined>(undefined);
  #stop = false;

  get now(): Bulk | undefined {
    return this.#now;
  }
  get running(): boolean {
    return this.#now !== undefined && this.#now.state !== 'ended';
  }

  /** Does something to many batches. One bulk at a time. */
  start(action: BulkAction, batches: readonly string[], given: BulkGiven = {}): void {
    const { does, did } = bulkWords[action];
    void this.#run(does, did, itemsOf(action, app.newId(), batches, given), false);
  }

  stop(): void {
    this.#stop = true;
  }

  /** Until when what was done can be taken back, server time. */
  undoUntil(bulk: Bulk): number {
    return bulk.began + (app.organization?.undoSeconds ?? 0) * 1_000;
  }

  /** Takes back all that was done, the last first. */
  undo(bulk: Bulk): void {
    const id = app.newId();
    const items = bulk.outcomes
      .filter(({ ok }) => ok)
      .map(({ item }): BulkItem => ({
        ...item,
        commandId: derivedId(id, item.commandId),
        name: 'undo',
        args: () => ({ commandId: item.commandId }),
      }))
      .toReversed();
    void this.#run('Undo', 'taken back', items, true);
  }

  forget(): void {
    if (!this.running) this.#now = undefined;
  }

  async #run(title: string, did: string, items: readonly BulkItem[], undoes: boolean): Promise<void> {
    if (this.running || items.length === 0) return;
    this.#stop = false;
    let now: Bulk = {
      title,
      did,
      total: items.length,
      outcomes: [],
      unsent: 0,
      state: 'running',
      began: clock.exact(),
      undoes,
    };
    const show = (change: Partial<Bulk>): void => void (this.#now = now = { ...now, ...change });
    show({});
    const leaving = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener('beforeunload', leaving);
    const end = await runBulk(items, {
      send: (commands) => call<{ answers: readonly Ack[] }>('POST', '/api/commands/bulk', { commands }),
      wait: (ms) => this.#wait(ms),
      stopped: () => this.#stop,
      onOutcomes: (outcomes) => show({ outcomes: [...outcomes] }),
      onHeld: (held) => show({ state: held ? 'held' : 'running' }),
    });
    removeEventListener('beforeunload', leaving);
    show({ state: 'ended', outcomes: end.outcomes, unsent: end.unsent.length });
    this.#tell(now);
  }

  /** Waits so long, then for the line; a stop is not waited for. */
  async #wait(ms: number): Promise<void> {
    const until = performance.now() + ms;
    while (!this.#stop && (performance.now() < until || app.line.state === 'stale')) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  #tell(bulk: Bulk): void {
    const done = bulk.outcomes.filter(({ ok }) => ok).length;
    const refused = bulk.outcomes.length - done;
    const title = `${counted(done, 'batch', 'batches')} ${bulk.did}`;
    if (refused === 0 && bulk.unsent === 0) {
      toasts.show({
        kind: 'done',
        about: 'bulk',
        title,
        ...(bulk.undoes ? {} : { action: { label: done === 1 ? 'Undo' : 'Undo all', run: () => this.undo(bulk) } }),
      });
      return;
    }
    // Nobody should have to look for what went wrong; but a form that is open is not taken away.
    if (!dialogs.open) return dialogs.show({ kind: 'bulk-report' });
    const rest = [refused > 0 ? `${refused} refused` : '', bulk.unsent > 0 ? `${bulk.unsent} not sent` : ''];
    toasts.show({
      kind: 'info',
      about: 'bulk',
      title,
      text: `${rest.filter(Boolean).join(', ')}.`,
      action: { label: 'Show the report', run: () => dialogs.show({ kind: 'bulk-report' }) },
    });
  }
}

export const bulks = new Bulks();

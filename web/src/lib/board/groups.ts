import type { BatchInView } from '@opsboard/shared/batches/schema';
import { statuses, type Status } from '@opsboard/shared/batches/steps';
import { orderIn } from '#lib/batches/figures.ts';
import { put, take, type Touched } from '#lib/batches/live-order.ts';

/** Batches by status, each list in the order of its column. */
export type Lists = { readonly [S in Status]: readonly BatchInView[] };

/** The batches on a board: all of them by status, and the same by lane where there are lanes. */
export type Groups = { readonly all: Lists; readonly lanes: ReadonlyMap<string, Lists>; readonly count: number };

/** What decides whether a batch is on a board and in which lane. Another one means grouping everything anew. */
export type Placement = {
  matches(batch: BatchInView): boolean;
  /** Absent: no lanes. */
  laneOf?: ((batch: BatchInView) => string) | undefined;
};

type Open = { [S in Status]: BatchInView[] };

const none = (): Open => Object.fromEntries(statuses.map((status) => [status, []])) as unknown as Open;
/** What a lane holds that is not there. */
export const emptyLists: Lists = none();

/** How many batches are in each column. */
export const countsOf = (lists: Lists): { readonly [S in Status]: number } =>
  Object.fromEntries(statuses.map((status) => [status, lists[status].length])) as { [S in Status]: number };

/**
 * Keeps batches in their columns and lanes while they change. What a change does not touch stays the very same list, so
 * that views of it have nothing to do.
 */
export class Grouping {
  #groups: Groups = { all: none(), lanes: new Map(), count: 0 };
  #placement: Placement = { matches: () => false };
  /** Where each batch on the board was put, and as what: it is found again by that. */
  #put = new Map<string, { batch: BatchInView; lane: string | undefined }>();

  /** @param sorted in the order of `byDue` */
  rebuild(sorted: readonly BatchInView[], placement: Placement): Groups {
    const all = none();
    const lanes = new Map<string, Open>();
    this.#placement = placement;
    this.#put = new Map();
    for (const batch of sorted) {
      if (!placement.matches(batch)) continue;
      const lane = placement.laneOf?.(batch);
      this.#put.set(batch.id, { batch, lane });
      all[batch.status].push(batch);
      if (lane === undefined) continue;
      let lists = lanes.get(lane);
      if (!lists) lanes.set(lane, (lists = none()));
      lists[batch.status].push(batch);
    }
    const order = orderIn('completed');
    for (const { completed } of [all, ...lanes.values()]) completed.sort(order);
    this.#groups = { all, lanes, count: this.#put.size };
    return this.#groups;
  }

  /** @returns the same as before where nothing on the board was touched */
  apply(touched: readonly Touched[]): Groups {
    const copy = new Copies(this.#groups);
    for (const { before, after } of touched) {
      const id = (after ?? before)?.id;
      const was = id === undefined ? undefined : this.#put.get(id);
      const on = after !== undefined && this.#placement.matches(after);
      if (!was && !on) continue;
      if (was) {
        const { batch, lane } = was;
        for (const list of copy.of(batch.status, lane)) take(list, batch, orderIn(batch.status));
        this.#put.delete(batch.id);
      }
      if (on) {
        const lane = this.#placement.laneOf?.(after);
        for (const list of copy.of(after.status, lane)) put(list, after, orderIn(after.status));
        this.#put.set(after.id, { batch: after, lane });
      }
    }
    this.#groups = copy.done(this.#put.size);
    return this.#groups;
  }
}

/** The lists that one round of changes touches, each copied once. */
class Copies {
  #from: Groups;
  #all: Open | undefined;
  #lanes: Map<string, Lists> | undefined;
  #open = new Set<readonly BatchInView[]>();

  constructor(from: Groups) {
    this.#from = from;
  }

  /** The lists that a batch of a status and lane is in, open to be changed. */
  of(status: Status, lane: string | undefined): BatchInView[][] {
    this.#all ??= { ...(this.#from.all as Open) };
    const lists = [this.#own(this.#all, status)];
    if (lane !== undefined) {
      this.#lanes ??= new Map(this.#from.lanes);
      let held = this.#lanes.get(lane) as Open | undefined;
      if (!held || held === this.#from.lanes.get(lane)) this.#lanes.set(lane, (held = held ? { ...held } : none()));
      lists.push(this.#own(held, status));
    }
    return lists;
  }

  #own(lists: Open, status: Status): BatchInView[] {
    if (!this.#open.has(lists[status])) {
      lists[status] = [...lists[status]];
      this.#open.add(lists[status]);
    }
    return lists[status];
  }

  done(count: number): Groups {
    if (!this.#all) return this.#from;
    return { all: this.#all, lanes: this.#lanes ?? this.#from.lanes, count };
  }
}

import type { ChangeStreamDocument, Document, ResumeToken } from 'mongodb';

/** What is known of a write: it was answered with success, or nobody knows. A refused one leaves no trace here. */
export type Knowledge = 'acknowledged' | 'unknown';

/** A group of documents that were written together. */
export interface Group {
  ids: string[];
  knowledge: Knowledge;
}

/** All that clients were told, over every life of the process on one data folder. */
export class History {
  /** Documents inserted one at a time, with what they contain. */
  readonly singles = new Map<string, { document: Document; knowledge: Knowledge }>();
  /** Documents deleted one at a time; an unknown deletion may or may not have happened. */
  readonly deleted = new Map<string, Knowledge>();
  /** By counter: how many increments were acknowledged, and how many may have happened besides. */
  readonly counters = new Map<number, { acknowledged: number; unknown: number }>();
  /** Transfers between accounts: two updates and one insert in one transaction. */
  readonly transfers = new Map<string, Knowledge>();
  /** Bulk writes inside a transaction: all or nothing. */
  readonly wholes: Group[] = [];
  /** Bulk writes without one: acknowledged ones are there, of the others each document is whole. */
  readonly loose: Group[] = [];
  /** Every change that the stream told, in its order. */
  readonly changes: ChangeStreamDocument[] = [];
  /** Where the stream goes on. */
  token: ResumeToken | undefined;
  /** Writes acknowledged so far. */
  acknowledged = 0;

  counter(number: number): { acknowledged: number; unknown: number } {
    const known = this.counters.get(number) ?? { acknowledged: 0, unknown: 0 };
    this.counters.set(number, known);
    return known;
  }

  /** Records a change, and from where the stream can be resumed after it. */
  saw(change: ChangeStreamDocument): void {
    this.changes.push(change);
    this.token = change._id;
  }
}

import { statuses } from '@opsboard/shared/batches/steps';
import type { Batch } from '@opsboard/shared/batches/schema';
import type { RecordChange } from '@opsboard/shared/protocol/decision';
import { newId } from '../../server/src/platform/ids.ts';

/** What the batches of a board point at. */
export type Directory = {
  org: string;
  branches: string[];
  customers: string[];
  centers: string[];
  drivers: string[];
  people: string[];
};

const several = (count: number, at: number): string[] => Array.from({ length: count }, () => newId(at));
const pick = <T>(values: readonly T[]): T => values[Math.floor(Math.random() * values.length)]!;
const upTo = (most: number): number => Math.floor(Math.random() * most);
const hour = 3_600_000;

export function newDirectory(org: string, now: number): Directory {
  const long = now - 400 * 24 * hour;
  return {
    org,
    branches: several(4, long),
    customers: several(12, long),
    centers: several(6, long),
    drivers: several(8, long),
    people: several(10, long),
  };
}

/** A batch as it is after some days of work: one to six steps, hours apart, some with a moved date. */
export function someBatch(directory: Directory, number: number, createdAt: number): Batch {
  const last = upTo(statuses.length);
  let since = createdAt;
  const steps: Batch['steps'] = {};
  for (const [i, status] of statuses.slice(0, last + 1).entries()) {
    if (i > 0) since += upTo(20 * hour);
    steps[status] = {
      at: since,
      by: pick(directory.people),
      ...(status === 'sealed' || status === 'completed' ? { count: 1 + upTo(12) } : {}),
    };
  }
  const promisedAt = createdAt + pick([48, 72]) * hour;
  const count = 1 + upTo(12);
  const id = newId(createdAt - upTo(3_000));
  return {
    id,
    org: directory.org,
    rev: last + 1 + upTo(3),
    reference: `B-${number}`,
    branch: pick(directory.branches),
    customer: pick(directory.customers),
    center: pick(directory.centers),
    ...(last > 1 ? { driver: pick(directory.drivers) } : {}),
    status: statuses[last]!,
    since,
    steps,
    parts: Object.fromEntries(Array.from({ length: count }, (_, i) => [`P${number}-${i}`, { addedAt: createdAt }])),
    partCount: count,
    dueAt: Math.random() < 0.1 ? promisedAt + upTo(72) * hour : promisedAt,
    promisedAt,
    createdAt,
    createdBy: pick(directory.people),
  };
}

/** Batches of two weeks, in the order of their creation. */
export function someBatches(directory: Directory, count: number, now: number): Batch[] {
  const span = 14 * 24 * hour;
  return Array.from({ length: count }, (_, i) =>
    someBatch(directory, 2_000 + i, now - span + Math.floor((i * span) / count) + upTo(60_000)),
  );
}

/** The next step of a batch, as a command would have decided it; a completed one gets another date. */
export function nextStep(batch: Batch, directory: Directory, now: number): RecordChange {
  const next = statuses[statuses.indexOf(batch.status) + 1];
  const set = next
    ? { status: next, since: now, [`steps.${next}`]: { at: now, by: pick(directory.people) } }
    : { dueAt: now + upTo(72) * hour };
  return { kind: 'batch', id: batch.id, set };
}

/** The creation of a batch that is as it is. */
export function asCreation({ id, org: _org, rev: _rev, ...set }: Batch): RecordChange {
  return { kind: 'batch', id, create: true, set };
}

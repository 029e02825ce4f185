import type { RecordChange } from '@opsboard/shared/protocol/decision';
import type { Entry } from '@opsboard/shared/protocol/entries';
import type { AnyRecord, Kind } from '@opsboard/shared/protocol/kinds';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { keptLog } from '../../../test/support/log.ts';
import { until } from '../../../test/support/until.ts';
import { draft } from './fold.ts';
import type { Expected } from './folded-state.ts';
import { FoldedState } from './folded-state.ts';
import type { Applied } from './org-state.ts';
import { firstReferences } from './stored.ts';

const { log, lines } = keptLog();

/** What storage holds: the journal so far, and the records after all of it. */
let journal: Expected[];
let reads: string[];
let fault: Error | undefined;

/** Commits one change to storage. */
function commit(
  change: Partial<RecordChange> & { kind: Kind; id: string },
  commandId = `c${journal.length}`,
): Expected {
  const before = journal.findLast(({ entry }) => entry.kind === change.kind && entry.id === change.id)?.after;
  const { after, ...said } = draft('org', before, { set: {}, ...change });
  const seq = journal.length + 1;
  const entry: Entry = {
    v: 1,
    org: 'org',
    seq,
    at: seq,
    done: seq,
    actor: { type: 'person', id: 'me' },
    commandId,
    verb: 'v',
    kind: change.kind,
    id: change.id,
    ...said,
  };
  const expected = { entry, after };
  journal.push(expected);
  return expected;
}

const batch = (id: string, more: object = {}) =>
  commit({
    kind: 'batch',
    id,
    set: { status: 'draft', reference: `B-${2001 + journal.length}`, parts: { [`P${id}`]: {} }, ...more },
  });
const person = (id: string, name: string) => commit({ kind: 'person', id, set: { name, role: 'driver' } });

function open(seq = 0): FoldedState {
  const state = new FoldedState(
    'org',
    {
      entries: (_org, from, limit) => {
        reads.push(`entries after ${from}`);
        if (fault) return Promise.reject(fault);
        return Promise.resolve(journal.slice(from, from + limit).map(({ entry }) => entry));
      },
      records: (_org, kind, ids) => {
        reads.push(`${kind} ${ids.join()}`);
        if (fault) return Promise.reject(fault);
        const found = ids.map((id) => journal.findLast(({ entry }) => entry.kind === kind && entry.id === id)?.after);
        return Promise.resolve(
          new Map(found.flatMap((record) => (record ? [[record.id, record] as [string, AnyRecord]] : []))),
        );
      },
    },
    firstReferences,
    log,
  );
  state.begin(seq, firstReferences);
  return state;
}

const heard = (state: FoldedState): Applied[] => {
  const list: Applied[] = [];
  state.onApplied((applied) => void list.push(...applied));
  return list;
};
const entries = (...given: Expected[]) => given.map(({ entry }) => entry);

beforeEach(() => {
  journal = [];
  reads = [];
  fault = undefined;
});

describe('what the stream brings', () => {
  it('is folded at once, and read from nowhere, when nothing is missing', () => {
    const state = open();
    const list = heard(state);
    state.receive(entries(batch('1'), batch('2')));
    expect(state.seq).toBe(2);
    expect(list.map(({ entry }) => entry.seq)).toEqual([1, 2]);
    expect(state.openBatchOf('P1')).toMatchObject({ id: '1' });
    expect(state.references.batch).toBe(2003);
    expect(reads).toEqual([]);
  });

  it('[J1] in any order, with repeats and holes, is folded once and in order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(29), { maxLength: 60 }),
        fc.array(fc.nat(5), { minLength: 60, maxLength: 60 }),
        async (picks, sizes) => {
          journal = [];
          for (let i = 0; i < 30; i++) batch(String(i % 7), { status: i % 3 ? 'draft' : 'sealed', [`f${i}`]: i });
          const state = open();
          const list = heard(state);
          for (let at = 0; at < picks.length; at += sizes[at]! + 1) {
            state.receive(picks.slice(at, at + sizes[at]! + 1).map((i) => journal[i]!.entry));
          }
          state.receive(entries(journal.at(-1)!));
          await state.waitFor(30, 1000);
          expect(list.map(({ entry }) => entry.seq)).toEqual(journal.map(({ entry }) => entry.seq));
          for (const { entry, before, after } of list) {
            expect(before?.rev).toBe(entry.rev === 1 ? undefined : entry.rev - 1);
            expect(after).toEqual(journal[entry.seq - 1]!.after);
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('[J9] hidden values are read from the record, once for all entries at hand', async () => {
    const state = open();
    const list = heard(state);
    state.receive(entries(person('a', 'Ada'), person('b', 'Bob'), batch('1')));
    expect(state.seq, 'nothing is told before').toBe(0);
    expect(await state.waitFor(3, 1000)).toBe(true);
    expect(list.map(({ after }) => (after as { name?: string }).name)).toEqual(['Ada', 'Bob', undefined]);
    expect(reads).toEqual(['person a,b']);
  });

  it('waits for storage and goes on, telling nothing twice', async () => {
    const state = open();
    const list = heard(state);
    const [one, two, three] = [batch('1'), person('a', 'Ada'), batch('2')];
    fault = new Error('away');
    state.receive(entries(three));
    state.receive(entries(one));
    await until('it has tried', () => reads.length >= 1 && lines.join('').includes('folding waits for storage'));
    expect(list).toEqual([]);
    fault = undefined;
    expect(await state.waitFor(two.entry.seq + 1, 5000)).toBe(true);
    expect(list.map(({ entry }) => entry.seq)).toEqual([1, 2, 3]);
  });

  it('an archived record leaves, what becomes of it outside is told without it, and it may come back', async () => {
    const state = open();
    const list = heard(state);
    batch('1');
    const away = commit({ kind: 'batch', id: '1', set: { archivedAt: 5 } });
    const outside = commit({ kind: 'batch', id: '1', set: { dueAt: 7 } });
    state.receive(entries(...journal));
    expect(state.get('batch', '1')).toBeUndefined();
    expect(state.openBatchOf('P1')).toBeUndefined();
    expect(list[away.entry.seq - 1]).toMatchObject({ before: { rev: 1 }, after: { rev: 2, archivedAt: 5 } });
    expect(list[outside.entry.seq - 1]).toEqual({ entry: outside.entry, before: undefined, after: undefined });
    const back = commit({ kind: 'batch', id: '1', unset: ['archivedAt'] });
    state.receive(entries(back));
    expect(await state.waitFor(back.entry.seq, 1000)).toBe(true);
    expect(state.get('batch', '1')).toEqual(back.after);
    expect(state.openBatchOf('P1')).toMatchObject({ id: '1' });
  });
});

it('an archived record that comes back in the same run is there, however often it went', async () => {
  const state = open();
  const list = heard(state);
  state.receive([batch('1').entry]);
  const run = [5, 6].flatMap((at) => [
    commit({ kind: 'batch', id: '1', set: { archivedAt: at } }),
    commit({ kind: 'batch', id: '1', unset: ['archivedAt'] }),
  ]);
  run.push(commit({ kind: 'batch', id: '1', set: { status: 'sealed' } }));
  state.receive(run.map(({ entry }) => entry));
  await until('all of it is folded', () => state.seq === journal.length);
  expect(state.get('batch', '1')).toEqual(journal.at(-1)!.after);
  expect(list.at(-1)!.after).toEqual(journal.at(-1)!.after);
});

describe('what this process commits', () => {
  it('is folded when it is settled, hidden values included, without a read', () => {
    const state = open();
    const list = heard(state);
    const own = person('a', 'Ada');
    state.expect([own]);
    expect(state.seq).toBe(0);
    state.settle([own], true);
    expect(list).toEqual([{ entry: own.entry, before: undefined, after: own.after }]);
    state.receive(entries(own));
    expect(list).toHaveLength(1);
    expect(reads).toEqual([]);
  });

  it('[J4] holds the stream back at its place until it is settled: the same command may be another process’s there', () => {
    const state = open();
    const list = heard(state);
    const theirs = batch('1', { by: 'them' });
    const mine = {
      entry: { ...theirs.entry, set: { by: 'me' } },
      after: { ...theirs.after, by: 'me' } as unknown as AnyRecord,
    };
    state.expect([mine]);
    state.receive(entries(theirs));
    expect(list).toEqual([]);
    state.settle([mine], false);
    expect(list.map(({ after }) => (after as unknown as { by: string }).by)).toEqual(['them']);
    expect(state.get('batch', '1')).toMatchObject({ by: 'them' });
  });

  it('what the stream brought after it follows', () => {
    const state = open();
    const list = heard(state);
    const [mine, theirs] = [batch('1'), batch('2')];
    state.expect([mine]);
    state.receive(entries(theirs));
    state.settle([mine], true);
    expect(list.map(({ entry }) => entry.seq)).toEqual([1, 2]);
  });
});

it('while loading, what is heard waits, and records newer than their entries stay', async () => {
  const [one, , three] = [batch('1'), batch('2'), commit({ kind: 'batch', id: '1', set: { status: 'sealed' } })];
  const state = new FoldedState(
    'org',
    {
      entries: (_org, from) => Promise.resolve(journal.slice(from).map(({ entry }) => entry)),
      records: () => Promise.resolve(new Map()),
    },
    firstReferences,
    log,
  );
  state.receive(entries(three));
  // The counter said 1 before the scan; the scan already found the record as it is after 3.
  state.put('batch', three.after);
  state.begin(one.entry.seq, firstReferences);
  expect(await state.waitFor(3, 1000)).toBe(true);
  expect(state.get('batch', '1')).toEqual(three.after);
  expect(state.get('batch', '2')).toMatchObject({ rev: 1 });
});

import { expect, it } from 'vitest';
import type { Entry } from '@opsboard/shared/protocol/entries';
import { patched } from '@opsboard/shared/protocol/patch';
import { hold, walkBack } from './walk-back.ts';

type Fields = { [path: string]: unknown };

const entry = (seq: number, id: string, rev: number, set: Fields, was: Fields = {}, unset: string[] = []): Entry =>
  ({
    v: 1,
    org: 'o',
    seq,
    at: seq,
    done: seq,
    actor: { type: 'person', id: 'p' },
    commandId: 'c',
    verb: 'v',
    kind: 'batch',
    id,
    rev,
    set,
    unset,
    was,
  }) as Entry;

const journal = [
  entry(1, 'a', 1, { status: 'draft', steps: {}, parts: { X: 1 } }),
  entry(2, 'b', 1, { status: 'draft' }),
  entry(3, 'a', 2, { status: 'sealed', 'steps.sealed': { at: 3 } }, { status: 'draft' }),
  entry(4, 'a', 3, { driver: 'd' }),
  entry(5, 'a', 4, {}, { driver: 'd', 'parts.X': 1 }, ['driver', 'parts.X']),
];

it('[J8] goes back through every earlier state, to before the creation', () => {
  const forward: object[] = [{}];
  let a: object = { id: 'a' };
  for (const e of journal.filter((each) => each.id === 'a'))
    forward.push((a = patched(a, { ...e.set, rev: e.rev }, e.unset)));
  const present = (_kind: string, id: string) => (id === 'a' ? a : { id: 'b', rev: 1, status: 'draft' });
  const moments = [...walkBack([...journal].reverse(), present as never)].filter((moment) => moment.entry.id === 'a');
  expect(moments.map((moment) => moment.after)).toEqual(forward.slice(1).reverse());
  expect(moments.at(-1)!.before).toBeUndefined();
  expect(moments[0]!.before).toEqual(moments[1]!.after);
});

it('holds a state as it was while it goes on', () => {
  const records = new Map<string, object>([
    ['a', { id: 'a', rev: 1 }],
    ['b', { id: 'b', rev: 1 }],
  ]);
  let tell: (batch: object[]) => void = () => {};
  const state = {
    seq: 5,
    get: (_kind: string, id: string) => records.get(id),
    all: () => records.values(),
    onApplied: (listener: typeof tell) => {
      tell = listener;
      return () => (tell = () => {});
    },
  };
  const change = (id: string, after: object | undefined) => {
    const before = records.get(id);
    if (after) records.set(id, after);
    else records.delete(id);
    tell([{ entry: { kind: 'batch', id }, before, after }]);
  };
  const held = hold(state as never);
  change('a', { id: 'a', rev: 2 });
  change('a', { id: 'a', rev: 3 });
  change('b', undefined);
  change('c', { id: 'c', rev: 1 });
  expect(held.get('batch', 'a')).toEqual({ id: 'a', rev: 1 });
  expect(held.get('batch', 'c')).toBeUndefined();
  expect([...held.all('batch')].map((record) => record.id).sort()).toEqual(['a', 'b']);
  held[Symbol.dispose]();
});

import type { RecordChange } from '@opsboard/shared/protocol/decision';
import type { Entry, Fields } from '@opsboard/shared/protocol/entries';
import type { AnyRecord } from '@opsboard/shared/protocol/kinds';
import { kinds } from '@opsboard/shared/protocol/kinds';
import { sameValue } from '@opsboard/shared/protocol/patch';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { draft, fold, unfold } from './fold.ts';

const org = '0190a000-0000-7000-8000-000000000001';
const id = '0190a000-0000-7000-8000-000000000002';

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const apply = (before: AnyRecord | undefined, change: Partial<RecordChange>) =>
  draft(org, before, { kind: 'batch', id, set: {}, ...change });

describe('what an entry says', () => {
  const before = {
    id,
    org,
    rev: 3,
    status: 'draft',
    parts: { A: { addedAt: 1 } },
    driver: 'd1',
  } as unknown as AnyRecord;

  it.each<[string, Partial<RecordChange>, Partial<ReturnType<typeof apply>>]>([
    ['a field', { set: { status: 'sealed' } }, { set: { status: 'sealed' }, was: { status: 'draft' }, unset: [] }],
    ['a new field', { set: { since: 5 } }, { set: { since: 5 }, was: {}, unset: [] }],
    ['an element', { set: { 'parts.B': { addedAt: 2 } } }, { set: { 'parts.B': { addedAt: 2 } }, was: {}, unset: [] }],
    ['a removed element', { unset: ['parts.A'] }, { set: {}, was: { 'parts.A': { addedAt: 1 } }, unset: ['parts.A'] }],
    ['a removed field', { unset: ['driver'] }, { set: {}, was: { driver: 'd1' }, unset: ['driver'] }],
    ['the same value: nothing', { set: { status: 'draft' } }, { set: {}, was: {}, unset: [] }],
    ['removing what is not there: nothing', { unset: ['center'] }, { set: {}, was: {}, unset: [] }],
    [
      'below what is not there: from where it begins',
      { set: { 'steps.sealed': 1 } },
      { set: { steps: { sealed: 1 } }, was: {}, unset: [] },
    ],
    [
      'below a plain value',
      { set: { 'status.x': 1 } },
      { set: { status: { x: 1 } }, was: { status: 'draft' }, unset: [] },
    ],
    [
      'one path inside another',
      { set: { parts: {}, 'parts.C': 1 } },
      { set: { parts: { C: 1 } }, was: { parts: { A: { addedAt: 1 } } } },
    ],
    ['an undefined value: nothing', { set: { driver: undefined } }, { set: {}, was: {}, unset: [] }],
  ])('[J8] %s', (_what, change, expected) => {
    expect(apply(before, change)).toMatchObject({ rev: 4, ...expected });
  });

  it('[J7] a creation has rev 1 and carries the id and the organization on the record, not in the entry', () => {
    const made = apply(undefined, { create: true, set: { status: 'draft' } });
    expect(made).toMatchObject({ rev: 1, set: { status: 'draft' }, was: {} });
    expect(made.after).toEqual({ id, org, rev: 1, status: 'draft' });
  });

  it('[J9] personal and secret fields are named and nothing else', () => {
    const person = {
      id,
      org,
      rev: 1,
      name: 'Ada',
      email: 'ada@x.test',
      role: 'admin',
      passwordHash: 'old',
    } as unknown as AnyRecord;
    const made = draft(org, person, {
      kind: 'person',
      id,
      set: { name: 'Grace', passwordHash: 'new', role: 'driver' },
      unset: ['email'],
    });
    expect(made.touched?.sort()).toEqual(['email', 'name', 'passwordHash']);
    expect(plain({ ...made, after: undefined })).toEqual({
      rev: 2,
      set: { role: 'driver' },
      unset: [],
      was: { role: 'admin' },
      touched: made.touched,
    });
    expect(made.after).toEqual({ id, org, rev: 2, name: 'Grace', role: 'driver', passwordHash: 'new' });
  });

  it('[J9] a creation tells no hidden value of any kind', () => {
    for (const kind of ['person', 'session', 'customer'] as const) {
      const names = [...kinds[kind].personal, ...kinds[kind].secret];
      const set = Object.fromEntries([...names.map((name) => [name, `hidden ${name}`]), ['shown', 1]]);
      const { after, ...entry } = draft(org, undefined, { kind, id, create: true, set });
      expect(JSON.stringify(entry)).not.toContain('hidden ');
      expect(entry.touched).toEqual(names);
      expect(after).toMatchObject(set);
    }
  });

  it('[J9] folding takes hidden values from the record, and drops those that are gone there', () => {
    const person = { id, org, rev: 1, name: 'Ada', phone: '123', role: 'admin' } as unknown as AnyRecord;
    const entry = { org, id, rev: 2, set: {}, unset: [], was: {}, touched: ['name', 'phone'] };
    expect(fold(person, entry, { name: 'Grace' })).toEqual({ id, org, rev: 2, name: 'Grace', role: 'admin' });
    expect(fold(person, entry)).toEqual({ ...person, rev: 2 });
  });
});

// Few names, so that paths often meet, lie below each other and go through plain values.
const name = fc.constantFrom('a', 'b', 'c');
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((keys) => keys.join('.'));
const leaf = fc.oneof(
  fc.integer({ min: 0, max: 3 }),
  fc.constant(null),
  fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 2 }),
);
const tree = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.dictionary(name, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value;
const changes = fc.array(
  fc.record({
    set: fc.dictionary(path, tree, { maxKeys: 4, noNullPrototype: true }),
    unset: fc.array(path, { maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 8 },
);

describe('fold and unfold', () => {
  it('[J7] [J8] entries lead to every later state forwards, and to every earlier one backwards', () => {
    fc.assert(
      fc.property(changes, (steps) => {
        const states: (AnyRecord | undefined)[] = [undefined];
        const entries: Pick<Entry, 'org' | 'id' | 'rev' | 'set' | 'unset' | 'was'>[] = [];
        for (const step of steps) {
          const { after, ...said } = draft(org, states.at(-1), { kind: 'batch', id, ...step });
          entries.push(plain({ org, id, ...said }) as (typeof entries)[number]);
          states.push(after);
        }
        let forward: AnyRecord | undefined;
        entries.forEach((entry, i) => {
          forward = fold(forward, entry);
          expect(sameValue(forward, states[i + 1]), `forwards to rev ${i + 1}`).toBe(true);
          expect(forward.rev).toBe(i + 1);
        });
        let backward = states.at(-1);
        for (let i = entries.length - 1; i >= 0; i--) {
          backward = unfold(backward!, entries[i]!);
          expect(sameValue(backward, states[i]), `backwards to rev ${i}`).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('[J8] no path of an entry lies below another, so that storage takes it in one update', () => {
    fc.assert(
      fc.property(tree, changes, (start, steps) => {
        let record = { id, org, rev: 1, a: start } as unknown as AnyRecord;
        for (const step of steps) {
          const said = draft(org, record, { kind: 'batch', id, ...step });
          const paths = [...Object.keys(said.set), ...said.unset];
          for (const one of paths)
            for (const other of paths) expect(other.startsWith(`${one}.`), `${other} below ${one}`).toBe(false);
          record = said.after;
        }
      }),
    );
  });

  it('changes no record in place', () => {
    const frozen = (value: unknown): unknown => {
      if (value !== null && typeof value === 'object') Object.values(Object.freeze(value)).forEach(frozen);
      return value;
    };
    const record = frozen({ id, org, rev: 1, parts: { A: { addedAt: 1 } } }) as AnyRecord;
    const said = draft(org, record, { kind: 'batch', id, set: { 'parts.B': 1 } as Fields, unset: ['parts.A'] });
    const after = frozen(said.after) as AnyRecord;
    expect(unfold(after, { org, id, ...said })).toEqual(record);
  });
});

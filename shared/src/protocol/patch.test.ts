import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { patched, sameValue, valueAt } from './patch.ts';

const key = fc.constantFrom('a', 'b', 'c', 'toString');
const path = fc.array(key, { minLength: 1, maxLength: 3 }).map((keys) => keys.join('.'));
const tree = fc.letrec<{ value: unknown; record: Record<string, unknown> }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.integer(),
    fc.constant(null),
    fc.string(),
    fc.array(fc.nat(3), { maxLength: 3 }),
    tie('record'),
  ),
  record: fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
}));

const frozen = <T>(value: T): T => {
  if (value !== null && typeof value === 'object') Object.values(Object.freeze(value)).forEach(frozen);
  return value;
};

describe('patched', () => {
  it.each([
    ['sets a field', { a: 1 }, { b: 2 }, [], { a: 1, b: 2 }],
    ['sets below', { a: { x: 1 } }, { 'a.y': 2 }, [], { a: { x: 1, y: 2 } }],
    ['makes what is missing on the way', {}, { 'a.b.c': 1 }, [], { a: { b: { c: 1 } } }],
    ['replaces a plain value on the way', { a: 5 }, { 'a.b': 1 }, [], { a: { b: 1 } }],
    ['replaces a list whole', { a: [1, 2] }, { a: [3] }, [], { a: [3] }],
    ['removes', { a: 1, b: { c: 1, d: 2 } }, {}, ['a', 'b.c'], { b: { d: 2 } }],
    ['removes nothing below what is not there', { a: 1 }, {}, ['b.c', 'a.x'], { a: 1 }],
    ['removes before it sets', { a: { x: 1 } }, { 'a.y': 2 }, ['a'], { a: { y: 2 } }],
  ])('%s', (_what, record, set, unset, expected) => {
    expect(patched(frozen(record), set, unset)).toEqual(expected);
  });

  it('has what was set, lacks what was unset, and changes nothing in place', () => {
    fc.assert(
      fc.property(tree.record, path, tree.value, path, (record, at, value, away) => {
        const before = JSON.stringify(record);
        const after = patched(frozen(record), { [at]: value }, [away]);
        expect(JSON.stringify(record)).toBe(before);
        expect(valueAt(after, at)).toEqual(value);
        expect(valueAt(patched(record, {}, [away]), away)).toBeUndefined();
      }),
    );
  });

  it('applied twice is applied once, and what is not on the path keeps its identity', () => {
    fc.assert(
      fc.property(
        tree.record,
        fc.dictionary(path, tree.value, { maxKeys: 3, noNullPrototype: true }),
        (record, set) => {
          const once = patched(record, set);
          expect(sameValue(patched(once, set), once)).toBe(true);
          const touched = new Set(Object.keys(set).map((at) => at.split('.')[0]));
          for (const name of Object.keys(record)) if (!touched.has(name)) expect(once[name]).toBe(record[name]);
        },
      ),
    );
  });
});

describe('sameValue', () => {
  it.each([
    [{ a: 1, b: [1, { c: 2 }] }, { b: [1, { c: 2 }], a: 1 }, true],
    [{ a: 1, b: undefined }, { a: 1 }, true],
    [[1, 2], [2, 1], false],
    [[], {}, false],
    [null, {}, false],
    [0, false, false],
    [{ a: 1 }, { a: 1, b: 2 }, false],
    [{ a: 1, b: 2 }, { a: 1, c: 2 }, false],
  ])('%j and %j: %s', (a, b, expected) => {
    expect(sameValue(a, b)).toBe(expected);
    expect(sameValue(b, a)).toBe(expected);
  });
});

describe('valueAt', () => {
  it.each([
    [{ a: { b: 1 } }, 'a.b', 1],
    [{ a: [5] }, 'a.0', undefined],
    [{ a: null }, 'a.b', undefined],
    [{}, 'toString', undefined],
  ])('%j at %s', (record, at, expected) => {
    expect(valueAt(record, at)).toBe(expected);
  });
});

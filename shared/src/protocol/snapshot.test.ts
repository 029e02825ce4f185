import { brotliCompressSync, constants } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { statuses } from '../batches/steps.ts';
import { idOf } from './history.fixture.ts';
import { uuidv7From } from './ids.ts';
import type { Column } from './snapshot.ts';
import { decodeSnapshot } from './snapshot.ts';
import { encodeSnapshot } from './snapshot-encode.ts';

const head = { epoch: 'e1', audience: 'a', seq: 7 };
const through = (rows: object[]) => {
  const snapshot = encodeSnapshot(head, { batch: rows });
  const state = decodeSnapshot(JSON.parse(JSON.stringify(snapshot)));
  return { columns: snapshot.kinds.batch?.columns ?? [], rows: [...state.records.batch.values()], state };
};
const columnOf = (columns: Column[], path: string) => columns.find((column) => column[1] === path);

describe('snapshot', () => {
  it('brings head and records through', () => {
    const { state } = through([{ id: idOf(1), org: 'o', rev: 3 }]);
    expect(state).toMatchObject(head);
    expect(state.records.batch.get(idOf(1))).toEqual({ id: idOf(1), org: 'o', rev: 3 });
    expect(state.records.customer.size).toBe(0);
  });

  it.each<[string, string, unknown[]]>([
    ['references that count up', 'counted', ['B-9', 'B-10', 'B-7']],
    ['references with leading zeros', 'words', ['B-09', 'B-10', 'B-11']],
    ['words, some absent', 'words', ['a', undefined, 'b']],
    ['booleans and numbers', 'words', [true, 0, false]],
    ['text with quotes and line separators', 'words', ['"\\', '\u2028', '\ud83d\ude00']],
    ['times, some absent', 'times', [1_760_000_000_123, undefined, 1_759_999_999_999]],
    ['numbers near times', 'words', [1_760_000_000_123.5, 1, -3]],
    ['lists, an empty object, absence', 'plain', [[1, 2], {}, undefined]],
    ['null beside absence', 'wrapped', [null, undefined, 4]],
    ['keys with dots', 'plain', [{ 'a.b': 1 }, { '': 2 }, { c: 3, 'd.e': 4 }]],
  ])('keeps %s', (_what, form, values) => {
    const given = values.map((value, i) => ({ id: idOf(i), ...(value === undefined ? {} : { value }) }));
    const { columns, rows } = through(given);
    expect(rows).toEqual(given);
    expect(columnOf(columns, 'value')?.[0]).toBe(form);
  });

  it('keeps objects whose parts differ from row to row', () => {
    const given = [
      { id: idOf(1), steps: { draft: { at: 1_760_000_000_001, by: 'x' } } },
      { id: idOf(2), steps: {} },
      { id: idOf(3), steps: { sealed: { at: 1_760_000_000_009, count: 4 } } },
    ];
    expect(through(given).rows).toEqual(given);
  });

  it('keeps ids that are no UUIDv7, and more words than a character can name', () => {
    const given = Array.from({ length: 9000 }, (_, i) => ({
      id: `r${String(i).padStart(5, '0')}`,
      word: `${i % 4500}x`,
    }));
    const { columns, rows } = through(given);
    expect(rows).toEqual(given);
    expect(columnOf(columns, 'word')?.[0]).toBe('plain');
  });

  it('refuses another version', () => {
    expect(() => decodeSnapshot({ ...encodeSnapshot(head, {}), v: 2 as never })).toThrow(/version 2/);
  });

  it('takes at most 0.8 of the bytes of the same rows as JSON, both with brotli', () => {
    let seed = 1;
    const random = (n: number) => (seed = (seed * 48_271) % 2_147_483_647) % n;
    const newId = (at: number) =>
      uuidv7From(
        at,
        Uint8Array.from({ length: 10 }, () => random(256)),
      );
    const [people, places] = [8, 12].map((n) =>
      Array.from({ length: n }, () => newId(1_750_000_000_000 + random(1e9))),
    );
    const rows = Array.from({ length: 1000 }, (_, i) => {
      const createdAt = 1_760_000_000_000 + i * 60_000 + random(50_000);
      const last = random(6);
      let at = createdAt;
      const taken = statuses.slice(0, last + 1).map((status, n) => {
        if (n > 0) at += random(36_000_000);
        return [status, { at, by: people![random(8)] }] as const;
      });
      const dueAt = createdAt + [48, 72][random(2)]! * 3_600_000;
      return {
        id: newId(createdAt - random(2000)),
        org: people![0],
        rev: last + 1,
        reference: `B-${2000 + i}`,
        branch: places![random(4)],
        customer: places![random(12)],
        status: statuses[last],
        since: at,
        steps: Object.fromEntries(taken),
        partCount: random(12),
        dueAt,
        promisedAt: dueAt,
        createdAt,
        createdBy: taken[0]![1].by,
      };
    });
    const bytes = (value: unknown) =>
      brotliCompressSync(JSON.stringify(value), { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }).length;
    expect(bytes(encodeSnapshot(head, { batch: rows }))).toBeLessThan(0.8 * bytes(rows));
  });
});

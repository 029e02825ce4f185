import { describe, expect, it } from 'vitest';
import { entryVersion } from './entries.ts';
import { upcast } from './upcast.ts';

/** An entry of every version that was ever written, as it lies in databases. Never changed, only added to. */
const written = {
  1: {
    v: 1,
    org: '0190a000-0000-7000-8000-000000000001',
    seq: 7,
    at: 1_700_000_000_000,
    done: 1_699_999_990_000,
    actor: { type: 'person', id: '0190a000-0000-7000-8000-000000000002' },
    commandId: '0190a000-0000-7000-8000-000000000003',
    verb: 'batch.moveDueDate',
    kind: 'batch',
    id: '0190a000-0000-7000-8000-000000000004',
    rev: 3,
    set: { dueAt: 1_700_100_000_000 },
    unset: [],
    was: { dueAt: 1_700_050_000_000 },
    why: 'The center asked for a day more',
  },
} as const;

describe('upcast', () => {
  it('[J10] has a fixture of every version', () => {
    expect(Object.keys(written).map(Number)).toEqual(Array.from({ length: entryVersion }, (_, i) => i + 1));
  });

  it.each(Object.values(written))('[J10] brings version $v to today’s shape', (entry) => {
    expect(upcast(entry)).toEqual({ ...written[1], v: entryVersion });
  });

  it('[J10] keeps fields it does not know, of its own version and of a newer one', () => {
    expect(upcast({ ...written[1], later: { x: 1 } })).toMatchObject({ later: { x: 1 } });
    const newer = { ...written[1], v: entryVersion + 1, later: true };
    expect(upcast(newer)).toEqual(newer);
  });

  it('[J10] refuses a version from before the first', () => {
    expect(() => upcast({ v: 0 })).toThrow('version 0');
  });
});

import { describe, expect, it } from 'vitest';
import { offsetAt } from '@opsboard/shared/time/days';
import { readOnlyColumns, transferColumns } from '@opsboard/shared/transfer/columns';
import { columnNames, timesIn } from './export-columns.ts';

describe('the columns of an export', () => {
  it('are all known to the import: those it takes, and those it leaves aside', () => {
    const taken = transferColumns.batches.map(({ name }) => name);
    expect([...columnNames].sort()).toEqual([...taken, ...readOnlyColumns.batches].sort());
    expect(new Set(columnNames).size).toBe(columnNames.length);
  });
});

describe('moments', () => {
  it.each([
    ['Europe/Berlin', '2026-10-15T12:32:59.999Z', '2026-10-15 14:32'],
    // The hour that comes twice: first in summer time, then in winter time.
    ['Europe/Berlin', '2026-10-25T00:30:00Z', '2026-10-25 02:30'],
    ['Europe/Berlin', '2026-10-25T01:30:00Z', '2026-10-25 02:30'],
    ['Asia/Kathmandu', '2026-01-01T00:00:00Z', '2026-01-01 05:45'],
    ['America/St_Johns', '2026-01-01T00:00:00Z', '2025-12-31 20:30'],
  ])('%s, %s: %s', (zone, at, written) => expect(timesIn(zone)(Date.parse(at))).toBe(written));

  it('are those of the calendar all year round, though it is seldom asked', () => {
    for (const zone of ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata']) {
      const time = timesIn(zone);
      for (let at = Date.UTC(2026, 0, 1); at < Date.UTC(2027, 0, 1); at += 7 * 3_600_000 + 60_000) {
        const wall = new Date(at + offsetAt(at, zone)).toISOString().slice(0, 16).replace('T', ' ');
        expect(time(at)).toBe(wall);
      }
    }
  });
});

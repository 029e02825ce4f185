import { expect, it } from 'vitest';
import { startOfDay } from './days.ts';

const iso = (ms: number) => new Date(ms).toISOString();

it.each([
  ['Europe/Berlin', '2026-07-01T12:00:00Z', 0, '2026-06-30T22:00:00.000Z'],
  ['Europe/Berlin', '2026-07-01T22:00:00Z', 0, '2026-07-01T22:00:00.000Z'],
  ['Europe/Berlin', '2026-07-01T21:59:59.999Z', 0, '2026-06-30T22:00:00.000Z'],
  // The clocks go forward on the 29th: that day has 23 hours.
  ['Europe/Berlin', '2026-03-29T20:00:00Z', 0, '2026-03-28T23:00:00.000Z'],
  ['Europe/Berlin', '2026-03-29T20:00:00Z', 1, '2026-03-29T22:00:00.000Z'],
  // And back on 25 October: 25 hours.
  ['Europe/Berlin', '2026-10-25T20:00:00Z', 0, '2026-10-24T22:00:00.000Z'],
  ['Europe/Berlin', '2026-10-25T20:00:00Z', 1, '2026-10-25T23:00:00.000Z'],
  ['Asia/Kolkata', '2026-01-01T00:00:00Z', 0, '2025-12-31T18:30:00.000Z'],
  ['America/Los_Angeles', '2026-11-20T23:30:00Z', 0, '2026-11-20T08:00:00.000Z'],
  ['UTC', '2026-11-20T23:30:00.123Z', 1, '2026-11-21T00:00:00.000Z'],
])('%s, %s, %i days on: %s', (zone, at, days, expected) => {
  expect(iso(startOfDay(Date.parse(at), zone, days))).toBe(expected);
});

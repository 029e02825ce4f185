import { describe, expect, it } from 'vitest';
import { dayFrom, dayWords, isDay, momentOn, usualStart } from './day.ts';

const zone = 'Europe/Amsterdam';
/** Thu 15 Oct 2026, 14:32 in Amsterdam. */
const now = Date.UTC(2026, 9, 15, 12, 32);

describe('the day of an address', () => {
  it.each([
    ['day=2026-10-16', '2026-10-16'],
    ['', '2026-10-15'],
    ['day=2026-02-30', '2026-10-15'],
    ['day=tomorrow', '2026-10-15'],
  ])('of %j is %s', (query, day) => expect(dayFrom(new URLSearchParams(query), now, zone)).toBe(day));
  it('is the organization’s, not this machine’s', () =>
    expect(dayFrom(new URLSearchParams(), Date.UTC(2026, 9, 15, 23, 30), zone)).toBe('2026-10-16'));
  it.each([
    ['2024-02-29', true],
    ['2026-02-29', false],
    ['26-10-15', false],
  ])('%s is a day: %s', (text, is) => expect(isDay(text)).toBe(is));
});

describe('a day in words', () => {
  it.each([
    ['2026-10-15', 'Today, Thu 15 Oct'],
    ['2026-10-16', 'Tomorrow, Fri 16 Oct'],
    ['2026-10-14', 'Yesterday, Wed 14 Oct'],
    ['2026-10-25', 'Sun 25 Oct'],
  ])('%s is %s', (day, words) => expect(dayWords(day, now, zone)).toBe(words));
});

describe('a time of a day', () => {
  it('is on the organization’s clock', () => expect(momentOn('2026-10-15', '14:32', zone)).toBe(now));
  it('on the day the clocks change, after the change', () =>
    expect(momentOn('2026-10-25', '08:00', zone)).toBe(Date.UTC(2026, 9, 25, 7)));
  it('that is left empty is none', () => expect(momentOn('2026-10-15', '', zone)).toBeUndefined());
});

describe('a new route begins', () => {
  it.each([
    ['2026-10-16', now, '2026-10-16T06:00'],
    // Eight is over: the next quarter, with time to load.
    ['2026-10-15', now, '2026-10-15T13:00'],
    ['2026-10-15', Date.UTC(2026, 9, 15, 3), '2026-10-15T06:00'],
  ])('on %s', (day, at, start) => expect(new Date(usualStart(day, at, zone)).toISOString().slice(0, 16)).toBe(start));
});

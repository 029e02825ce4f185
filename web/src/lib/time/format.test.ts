import { describe, expect, it } from 'vitest';
import {
  clockTime,
  countdown,
  cutFor,
  dayKey,
  dayTime,
  duration,
  figure,
  fromLocalInput,
  shortWhen,
  spoken,
  toLocalInput,
} from './format.ts';

const plain = (text: string): string => text.replace(/[\u202f\u00a0]/g, ' ');
const zone = 'Europe/Amsterdam';
const at = Date.UTC(2026, 9, 15, 12, 32, 8);

describe('durations', () => {
  it.each([
    [0, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 m'],
    [47 * 60_000 + 8_000, '47 m'],
    [3_600_000, '1 h 00 m'],
    [2 * 3_600_000 + 14 * 60_000, '2 h 14 m'],
    [86_399_999, '23 h 59 m'],
    [86_400_000, '1 d 0 h'],
    [29 * 3_600_000, '1 d 5 h'],
    [20 * 86_400_000, '20 d'],
    [-720_000, '12 m'],
  ])('%d ms reads %s', (ms, words) => expect(plain(duration(ms))).toBe(words));

  it('never breaks across lines', () => expect(duration(8_040_000)).not.toContain(' '));
  it('is spoken in whole words', () => expect(spoken(2 * 3_600_000 + 60_000)).toBe('2 hours 1 minute'));
});

describe('clocks', () => {
  it('counts hours past a day', () => expect(clockTime(30 * 3_600_000 + 61_000)).toBe('30:01:01'));
  it('marks what has passed with a plus', () => expect(countdown(at, at + 2 * 3_600_000 + 8_000)).toBe('+2:00:08'));
  it('counts down to what is ahead', () => expect(countdown(at + 37 * 60_000, at)).toBe('0:37:00'));
  it('tells how long a line has been cut', () => expect(cutFor(42_300)).toBe('00:42'));
});

describe('moments in the zone of the organization', () => {
  it('names day and time', () => expect(dayTime(at, zone)).toBe('Thu 15 Oct, 14:32'));
  it('takes the day from the zone, not from UTC', () =>
    expect(dayKey(Date.UTC(2026, 9, 15, 23, 30), zone)).toBe('2026-10-16'));
  it('shortens by distance', () => {
    expect(shortWhen(at, at, zone)).toBe('14:32');
    expect(shortWhen(at - 2 * 86_400_000, at, zone)).toBe('Tue 14:32');
    expect(shortWhen(at - 12 * 86_400_000, at, zone)).toBe('3 Oct');
  });
});

describe('date fields', () => {
  it.each(['Europe/Amsterdam', 'America/New_York', 'Asia/Kolkata', 'Pacific/Auckland', 'UTC'])(
    'come back as they went in %s, over a whole year',
    (where) => {
      for (let day = 0; day < 366; day++) {
        const moment = Date.UTC(2026, 0, 1, 12, 30) + day * 86_400_000;
        expect(fromLocalInput(toLocalInput(moment, where), where)).toBe(moment);
      }
    },
  );
  it('refuse what names no moment', () => {
    expect(fromLocalInput('', zone)).toBeUndefined();
    expect(fromLocalInput('2026-13-40T25:00', zone)).toBeUndefined();
  });
});

it('groups thousands', () => expect(plain(figure(10_000))).toBe('10 000'));

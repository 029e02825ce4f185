import type { Route, Stop } from '@opsboard/shared/routes/schema';
import { describe, expect, it } from 'vitest';
import { doneMoment, following, proofLacking, shownMoment, stepBefore, stepsAt } from './record.ts';

const zone = 'Europe/Berlin';
const at = (text: string): number => Date.parse(`${text}+01:00`);
const by = (time: number) => ({ at: time, by: 'driver' });
const stop = (given: Partial<Stop> = {}): Stop => ({
  place: { kind: 'branch', id: 'north' },
  pickUp: ['b1', 'b2'],
  handOver: ['b3'],
  ...given,
});
const done = (time: number) => ({ ...by(time), what: 'pick_up' as const, count: 1 });
const keys = (given: Partial<Stop>): string[] => stepsAt(stop(given)).map(({ key }) => key);

describe('what can be put on record at a stop', () => {
  it('arriving, what is not done, leaving once arrived, and skipping; nothing where it was left', () => {
    expect(keys({})).toEqual(['arrive', 'hand_over/b3', 'pick_up/b1', 'pick_up/b2', 'skip']);
    expect(keys({ arrived: by(1), done: { b1: done(1) } })).toEqual(['hand_over/b3', 'pick_up/b2', 'depart', 'skip']);
    // What was taken back is to be done again.
    const takenBack = { ...by(2), why: 'Wrong batch' };
    expect(keys({ done: { b1: { ...done(1), takenBack } } })).toContain('pick_up/b1');
    expect(keys({ departed: by(1) })).toEqual([]);
    expect(keys({ skipped: { ...by(1), why: 'Closed' } })).toEqual([]);
  });

  it('what is next follows the last one, also where it was the arrival as well', () => {
    const after = (given: Partial<Stop>, key: string): string | undefined => {
      const here = stop(given);
      return following(
        here,
        stepsAt(here).find((step) => step.key === key)!,
      )?.key;
    };
    expect(after({}, 'arrive')).toBe('hand_over/b3');
    expect(after({}, 'hand_over/b3')).toBe('pick_up/b1');
    expect(after({ pickUp: ['b1'], handOver: [] }, 'pick_up/b1')).toBe('depart');
    expect(after({ pickUp: [], handOver: [] }, 'arrive')).toBe('depart');
    expect(after({ arrived: by(1) }, 'depart')).toBeUndefined();
    expect(after({}, 'skip')).toBeUndefined();
  });
});

describe('when it was done', () => {
  const now = at('2026-12-24T14:02:40');
  const before = at('2026-12-24T11:30:20');
  const moment = (text: string, given: { before?: number; now?: number } = {}) =>
    doneMoment(text, { before, now, zone, ...given });

  it('a time of today, not before the step before it, not ahead', () => {
    expect(moment('12:15')).toEqual({ at: at('2026-12-24T12:15:00') });
    expect(moment('14:02')).toEqual({ at: at('2026-12-24T14:02:00') });
    expect(moment('14:03')).toEqual({ why: 'That time lies ahead. Give the time at which it was done.' });
    expect(moment('11:29')).toEqual({
      why: 'The step before was done at 11:30. Give that time or a later one.',
    });
    // In the same minute it was done after it.
    expect(moment('11:30')).toEqual({ at: before });
    for (const text of ['', '9:5', 'x']) expect(moment(text)).toEqual({ why: 'Give the time at which it was done.' });
  });

  it('with its day where the step before was on another one', () => {
    const yesterday = at('2026-12-23T21:10:00');
    expect(shownMoment(now, true, zone)).toBe('2026-12-24T14:02');
    expect(shownMoment(now, false, zone)).toBe('14:02');
    expect(moment('2026-12-23T22:00', { before: yesterday })).toEqual({ at: at('2026-12-23T22:00:00') });
    expect(moment('2026-12-23T20:00', { before: yesterday })).toEqual({
      why: 'The step before was done at 2026-12-23, 21:10. Give that time or a later one.',
    });
  });

  it('the step before is the last one of the route or of the batch', () => {
    const route = {
      createdAt: 1,
      startedAt: 5,
      order: ['s'],
      stops: { s: stop({ arrived: by(7) }) },
    } as unknown as Route;
    expect(stepBefore(route, undefined)).toBe(7);
    expect(stepBefore(route, { since: 9 })).toBe(9);
    expect(stepBefore(route, { since: 3 })).toBe(7);
  });
});

it('proof that a desk does not have is named', () => {
  const proof = { receiver: 'required', signature: 'required', photo: 'off' } as const;
  expect(proofLacking(proof, { receiver: ' ' })).toBe('the name of who received it and their signature');
  expect(proofLacking(proof, { receiver: 'Ana' })).toBe('their signature');
  expect(proofLacking({ ...proof, signature: 'optional' }, { receiver: 'Ana' })).toBeUndefined();
});

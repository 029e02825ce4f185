import { describe, expect, it } from 'vitest';
import { proposeDueAt } from './proposal.ts';

const week = { mon: [480, 1080], tue: [480, 1080], wed: [480, 1080], thu: [480, 1080], fri: [480, 1080] } as {
  [day: string]: [number, number];
};
const zone = 'Europe/Berlin';
const propose = (start: string, slaHours: number, center: Parameters<typeof proposeDueAt>[0]['center']) => {
  const { dueAt, steps } = proposeDueAt({ start: Date.parse(start), slaHours, center, zone });
  return [new Date(dueAt).toISOString(), steps.map((step) => ('day' in step ? step.day : step.why))];
};

describe('the proposed expected return date', () => {
  it('is SLA hours after the start where nothing is known of the center', () => {
    expect(propose('2026-11-20T10:00:00Z', 48, {})).toEqual(['2026-11-22T10:00:00.000Z', ['sla']]);
    expect(propose('2026-11-20T10:00:00Z', 48, { hours: {} })).toEqual(['2026-11-22T10:00:00.000Z', ['sla']]);
  });

  it('stays where the center is open all along', () => {
    // Monday 11:00 to Wednesday 11:00, on the clock of Berlin.
    expect(propose('2026-11-16T10:00:00Z', 48, { hours: week })).toEqual(['2026-11-18T10:00:00.000Z', ['sla']]);
  });

  it('is put off by the days on which the center is closed', () => {
    // Friday 11:00 and 48 hours is Sunday 11:00; Saturday and Sunday do not count: Tuesday.
    expect(propose('2026-11-20T10:00:00Z', 48, { hours: week })).toEqual([
      '2026-11-24T10:00:00.000Z',
      ['sla', '2026-11-21', '2026-11-22'],
    ]);
  });

  it('counts a closed day that it is put off to, too', () => {
    // Thursday and 24 hours is Friday, which is a holiday: Saturday and Sunday follow it.
    const holidays = [{ date: '2026-11-20', name: 'Founders' }];
    expect(propose('2026-11-19T10:00:00Z', 24, { hours: week, holidays })).toEqual([
      '2026-11-23T10:00:00.000Z',
      ['sla', '2026-11-20', '2026-11-21', '2026-11-22'],
    ]);
    const { steps } = proposeDueAt({
      start: Date.parse('2026-11-19T10:00:00Z'),
      slaHours: 24,
      center: { holidays },
      zone,
    });
    expect(steps[1]).toEqual({
      why: 'closed',
      day: '2026-11-20',
      name: 'Founders',
      at: Date.parse('2026-11-21T10:00:00Z'),
    });
  });

  it('moves to the next opening where it falls outside the hours', () => {
    // Tuesday 03:00 in Berlin.
    expect(propose('2026-11-16T02:00:00Z', 24, { hours: week })).toEqual([
      '2026-11-17T07:00:00.000Z',
      ['sla', 'opens'],
    ]);
    // Friday 20:00: the next opening is on Monday.
    expect(propose('2026-11-19T19:00:00Z', 24, { hours: week })).toEqual([
      '2026-11-23T07:00:00.000Z',
      ['sla', 'opens'],
    ]);
    // At the very minute of closing it is still in time.
    expect(propose('2026-11-16T17:00:00Z', 24, { hours: week })).toEqual(['2026-11-17T17:00:00.000Z', ['sla']]);
  });

  it('goes by the clock of the center, and keeps the time of day over a change of summer time', () => {
    const tokyo = { hours: week, timeZone: 'Asia/Tokyo' };
    // Friday 09:00 in Tokyo and 24 hours: Saturday, so Monday.
    expect(propose('2026-11-20T00:00:00Z', 24, tokyo)[0]).toBe('2026-11-23T00:00:00.000Z');
    // 24 hours from 12:00 summer time are 11:00 on the Sunday of the change, a holiday: 11:00 by the clock on Monday.
    const holidays = [{ date: '2026-10-25', name: 'H' }];
    expect(propose('2026-10-24T10:00:00Z', 24, { holidays })[0]).toBe('2026-10-26T10:00:00.000Z');
  });

  it('ends for a center that never opens', () => {
    expect(
      Number.isFinite(proposeDueAt({ start: 0, slaHours: 24, center: { hours: { mon: [0, 0] } }, zone }).dueAt),
    ).toBe(true);
  });
});

import { proposeDueAt } from '@opsboard/shared/batches/proposal';
import { describe, expect, it } from 'vitest';
import { proposalWords } from './new-batch-words.ts';

const zone = 'Europe/Berlin';
/** Thu 19 Nov 2026, 14:00 in Berlin. */
const thursday = Date.UTC(2026, 10, 19, 13);
const day: [number, number] = [480, 1080];
const weekdays = { mon: day, tue: day, wed: day, thu: day, fri: day };
const words = (slaHours: number, center: Parameters<typeof proposeDueAt>[0]['center'], start = thursday) =>
  proposalWords(proposeDueAt({ start, slaHours, center, zone }).steps, zone).map((text) => text.replace('\u202f', ' '));

describe('why a date is proposed', () => {
  it.each<[string, string[], string[]]>([
    ['hours alone, where nothing is known of the center', words(48, {}), ['48 h after now: Sat 21 Nov, 14:00']],
    [
      'a day that is closed',
      words(96, { hours: { ...weekdays, sat: day } }),
      ['96 h after now: Mon 23 Nov, 14:00', 'closed on Sunday: Tue 24 Nov, 14:00'],
    ],
    [
      'days in a row are one reason',
      words(48, { hours: weekdays }),
      ['48 h after now: Sat 21 Nov, 14:00', 'closed on Saturday and Sunday: Mon 23 Nov, 14:00'],
    ],
    [
      'a holiday by its name',
      words(24, { holidays: [{ date: '2026-11-20', name: 'Inventory' }] }),
      ['24 h after now: Fri 20 Nov, 14:00', 'closed on Inventory, Friday: Sat 21 Nov, 14:00'],
    ],
    [
      'the next opening',
      words(9, { hours: weekdays }),
      ['9 h after now: Thu 19 Nov, 23:00', 'the center opens: Fri 20 Nov, 08:00'],
    ],
    [
      'many days are counted',
      words(9 * 24, { hours: weekdays }),
      ['216 h after now: Sat 28 Nov, 14:00', 'the center is closed on 4 days: Wed 2 Dec, 14:00'],
    ],
  ])('%s', (_what, said, expected) => {
    expect(said).toEqual(expected);
  });
});

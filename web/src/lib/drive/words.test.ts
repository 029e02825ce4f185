import type { Stop } from '@opsboard/shared/routes/schema';
import { describe, expect, it } from 'vitest';
import {
  actionWords,
  buttonWords,
  differenceWords,
  laterWords,
  namesOf,
  offlineWords,
  stopWords,
  windowWords,
  type Named,
} from './words.ts';

const zone = 'Europe/Amsterdam';
/** 14:10 there. */
const at = Date.UTC(2026, 9, 15, 12, 10);
const minutes = 60_000;

const counts: { [batch: string]: number } = { one: 1, six: 6, four: 4 };
const named: Named = {
  reference: (batch) => `B-${batch}`,
  place: (_route, stop) => `Place ${stop}`,
  parts: (batch) => counts[batch],
};
const stop = (more: Partial<Stop>): Stop => ({
  place: { kind: 'center', id: 'c' },
  pickUp: [],
  handOver: [],
  ...more,
});
const job = (batch: string) => ({ stop: 's', batch, what: 'pick_up' as const });

it.each([
  [{ do: 'start' } as const, 'Start the route'],
  [{ do: 'arrive', stop: 's' } as const, 'I have arrived'],
  [{ do: 'handle', stop: 's', jobs: [job('six'), job('four')] } as const, 'Scan 10 parts'],
  [{ do: 'handle', stop: 's', jobs: [job('one')] } as const, 'Scan 1 part'],
  [{ do: 'handle', stop: 's', jobs: [job('unknown')] } as const, 'Scan the parts'],
  [{ do: 'depart', stop: 's', last: false } as const, 'Depart'],
  [{ do: 'depart', stop: 's', last: true } as const, 'Depart and finish'],
  [{ do: 'finish' } as const, 'Finish the route'],
])('the button for %j says %s', (next, words) => expect(buttonWords(next, named.parts)).toBe(words));

it.each([
  [{ from: at, to: at + 20 * minutes }, 'planned 14:10 to 14:30'],
  [{ plannedAt: at }, 'planned 14:10'],
  [{ from: at }, 'from 14:10'],
  [{ to: at }, 'until 14:10'],
  [{ plannedAt: at, to: at + 20 * minutes }, 'planned 14:10'],
  [{}, ''],
])('a stop with %j is %s', (more, words) => expect(windowWords(stop(more), zone)).toBe(words));

it.each([
  [{ plannedAt: at }, at + 4 * minutes, ''],
  [{ plannedAt: at }, at + 6 * minutes, 'about 14:16'],
  [{ from: at, to: at + 20 * minutes }, at + 20 * minutes, ''],
  [{ from: at, to: at + 20 * minutes }, at + 40 * minutes, 'about 14:50'],
  [{ plannedAt: at }, undefined, ''],
  [{}, at, ''],
])('a stop with %j that is reached at %d is %j', (more, expected, words) =>
  expect(laterWords(stop(more), expected, zone)).toBe(words),
);

it.each([
  [{ pickUp: ['six'] }, 'Pick up B-six, 6 parts'],
  [{ handOver: ['one'] }, 'Hand over B-one, 1 part'],
  [{ handOver: ['unknown'] }, 'Hand over B-unknown'],
  [{ pickUp: ['one', 'six'] }, 'Pick up 2 batches'],
  [{ pickUp: ['one', 'six'], handOver: ['four'] }, 'Hand over 1 batch, pick up 2 batches'],
  [{}, ''],
])('a stop where %j is to be done reads %s', (more, words) => expect(stopWords(stop(more), named)).toBe(words));

describe('without a line', () => {
  it.each([
    ['offline', 3, at, 'Offline. 3 actions wait', 'Kept on this phone. In step until 14:10'],
    ['offline', 1, undefined, 'Offline. 1 action waits', 'Kept on this phone'],
    ['offline', 0, at, 'Offline. Go on as usual', 'What you do is kept. In step until 14:10'],
    ['signed_out', 2, at, 'Signed out. 2 actions wait', 'Kept on this phone. Sign in to send'],
    ['signed_out', 0, at, 'Signed out. Nothing waits', 'Sign in to go on'],
    ['sending', 2, at, 'Sending 2 actions', 'Kept on this phone until the server has them'],
  ] as const)('%s, %d waiting', (line, waiting, inStepAt, title, text) =>
    expect(offlineWords(line, waiting, inStepAt, zone)).toEqual({ title, text }),
  );
});

it.each([
  ['route.start', {}, 'Started the route'],
  ['route.arrive', { stop: '3' }, 'Arrived at Place 3'],
  ['route.depart', { stop: '3' }, 'Departed from Place 3'],
  ['route.skip', { stop: '3', reason: 'closed' }, 'Skipped Place 3'],
  ['route.pickUp', { stop: '3', batch: '7', count: 1 }, 'Picked up B-7, 1 part'],
  ['route.handOver', { stop: '3', batch: '7', count: 6 }, 'Handed over B-7, 6 parts'],
  ['route.report', { reason: 'nobody_there' }, 'Reported: nobody there'],
  ['route.acknowledge', { plan: 2 }, 'Saw the change of the plan'],
  ['route.finish', {}, 'Finished the route'],
])('%s %j reads %s', (name, args, words) => expect(actionWords(name, { id: 'r', ...args }, named)).toBe(words));

it('names what differs, and not a hundred parts', () => {
  expect(differenceWords({ expected: 6, counted: 5 })).toBe('5 parts counted, 6 on the list.');
  expect(differenceWords({ expected: 6, counted: 1 })).toBe('1 part counted, 6 on the list.');
  expect(namesOf(['P-1', 'P-2'])).toBe('P-1, P-2');
  expect(namesOf(['P-1', 'P-2', 'P-3'], 2)).toBe('P-1, P-2 and 1 more');
});

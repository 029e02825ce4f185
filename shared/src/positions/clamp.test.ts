import { expect, it } from 'vitest';
import type { RouteTimes } from './clamp.ts';
import { withinRoute } from './clamp.ts';
import type { Fix } from './schema.ts';

const day = 86_400_000;
const start = 1_790_000_000_000;
const at = (time: number): Fix => ({ at: start + time, point: [4.9, 52.37] });
const running: RouteTimes = { started: start, arrived: start + 3_600_000 };

it.each<[string, RouteTimes, number[], number[]]>([
  ['in time', running, [0, 5_000, 3_600_000], [0, 5_000, 3_600_000]],
  ['before the start: at the start', running, [-60_000, 10], [0, 10]],
  ['after the arrival: at the arrival', running, [3_600_001], [3_600_000]],
  ['a phone a day behind', running, [-day], [0]],
  ['a phone a day ahead', running, [day], [3_600_000]],
  ['in the wrong order', running, [9, 3, 6], [3, 6, 9]],
  [
    'from after the finish: left out',
    { ...running, finished: start + 60_000 },
    [59_999, 60_000, 60_001],
    [59_999, 60_000],
  ],
])('%s', (_what, times, given, expected) => {
  expect(withinRoute(given.map(at), times).map((point) => point.at - start)).toEqual(expected);
});

it('changes nothing but the time', () => {
  const point: Fix = { at: start - 5, point: [4.9, 52.37], heading: 90, speed: 3, accuracy: 12 };
  expect(withinRoute([point], running)).toEqual([{ ...point, at: start }]);
  expect(point.at).toBe(start - 5);
});

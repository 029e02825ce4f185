import { beforeEach, expect, it, vi } from 'vitest';
import type { DriverPosition, PositionsNews } from '@opsboard/shared/positions/schema';

type Watching = { news(news: PositionsNews): void; opened(): void };

const { line, rights } = vi.hoisted(() => ({
  line: { positions: undefined as Watching | undefined, watchPositions: vi.fn() },
  rights: { read: true },
}));
vi.mock('#lib/app.ts', () => ({ app: { line } }));
vi.mock('#lib/session/may.ts', () => ({ may: () => rights.read }));

const { positions } = await import('./positions.svelte.ts');

const at = (driver: string, time: number): DriverPosition => [driver, 'r', 4.9, 52.37, time, 90, null];
const asked = () => line.watchPositions.mock.calls.map(([on]) => on as boolean);

beforeEach(() => {
  line.watchPositions.mockReset();
  rights.read = true;
});

it('asks once for all views that watch, and again when the server has forgotten', () => {
  const stops = [positions.watch(), positions.watch()];
  expect(asked()).toEqual([true]);
  line.positions!.opened();
  expect(asked()).toEqual([true, true]);
  stops[0]!();
  stops[0]!();
  expect(asked()).toEqual([true, true]);
  stops[1]!();
  expect(asked()).toEqual([true, true, false]);
  expect(line.positions).toBeUndefined();
});

it('does not ask where the person may not', () => {
  rights.read = false;
  positions.watch()();
  expect(asked()).toEqual([]);
});

it('tells followers what moved and who is gone', () => {
  const stop = positions.watch();
  const heard: string[] = [];
  const unfollow = positions.follow({
    moved: (driver, position) => heard.push(`${driver} ${position.at}`),
    gone: (driver) => heard.push(`${driver} gone`),
  });
  line.positions!.news({ now: 9, all: true, drivers: [at('a', 1), at('b', 2)] });
  line.positions!.news({ now: 9, drivers: [at('a', 3)], gone: ['b'] });
  expect(heard).toEqual(['a 1', 'b 2', 'b gone', 'a 3']);
  expect([positions.count, positions.at('a')?.at, positions.at('b')]).toEqual([1, 3, undefined]);
  const each: string[] = [];
  positions.each((driver, { heading }) => each.push(`${driver} ${heading}`));
  expect(each).toEqual(['a 90']);
  unfollow();
  stop();
  expect(positions.count, 'nobody is known while nobody watches').toBe(0);
});

import type { TrailPoint } from '@opsboard/shared/positions/schema';
import type { Route } from '@opsboard/shared/routes/schema';
import { describe, expect, it } from 'vitest';
import { fixAt, Replay } from './replay.svelte.ts';

const trail = [
  [1_000, 4, 52, 10, null],
  [2_000, 5, 52, 20, null],
  [4_000, 5, 53, null, null],
] as unknown as TrailPoint[];

const route = { id: 'r', reference: 'R-1' } as Route;

describe('where somebody was', () => {
  it.each([
    ['before the first point', 0, [4, 52], 0],
    ['at a point', 2_000, [5, 52], 1],
    ['between two', 1_500, [4.5, 52], 0],
    ['between two, by the time between them', 2_500, [5, 52.25], 1],
    ['after the last', 9_000, [5, 53], 2],
  ])('%s', (_, at, point, index) => expect(fixAt(trail, at)).toMatchObject({ point, index }));
  it('heads for the next point, and on as before where the phone did not say', () => {
    expect([fixAt(trail, 1_500).heading, fixAt(trail, 3_000).heading]).toEqual([20, 20]);
  });
});

describe('a replay', () => {
  it('parts the way at what is shown', () => {
    const replay = new Replay(route, 'd', trail);
    replay.seek(2_500);
    expect(replay.driven).toEqual([[4, 52], [5, 52], [5, 52.25]]); // prettier-ignore
    expect(replay.ahead).toEqual([[5, 52.25], [5, 53]]); // prettier-ignore
  });
  it('draws its way less often than its mark while it plays', () => {
    const replay = new Replay(route, 'd', trail);
    replay.playing = true;
    replay.seek(1_100);
    const before = replay.driven;
    replay.seek(1_200);
    expect(replay.driven).toEqual(before);
    replay.seek(4_000);
    expect(replay.driven.at(-1), 'and at the end it is whole').toEqual([5, 53]);
  });
  it('stays within the way, and tells the map of each place, back as well as forth', () => {
    const replay = new Replay(route, 'd', trail);
    const heard: string[] = [];
    replay.movements.follow({
      moved: (_, { point }) => heard.push(point.join(' ')),
      gone: () => heard.push('gone'),
    });
    replay.seek(99_000);
    replay.seek(0);
    expect(replay.at).toBe(1_000);
    expect(heard).toEqual(['gone', '5 53', 'gone', '4 52']);
  });
});

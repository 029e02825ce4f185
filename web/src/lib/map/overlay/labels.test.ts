import { describe, expect, it } from 'vitest';
import { Room, spotFor } from './labels.ts';

const mark = { x: 200, y: 100, size: 14 };
const words = { half: 40, height: 15 };

describe('the words of a mark', () => {
  it('stand below it', () => {
    expect(spotFor(new Room(), mark, words, 400)).toEqual({ right: 0, top: 18 });
  });

  it('go above, then beside it, where somebody else is, and are left out at last', () => {
    const room = new Room();
    const box = (left: number, top: number) => room.claim({ left, top, right: left + 20, bottom: top + 20 });
    box(190, 120);
    expect(spotFor(room, mark, words, 400)).toEqual({ right: 0, top: -33 });
    expect(spotFor(room, mark, words, 400)).toEqual({ right: 58, top: -7.5 });
    expect(spotFor(room, mark, words, 400)).toEqual({ right: -58, top: -7.5 });
    expect(spotFor(room, mark, words, 400)).toBeUndefined();
  });

  it('do not run off the screen while there is room on it', () => {
    expect(spotFor(new Room(), { ...mark, x: 390 }, words, 400)).toEqual({ right: -58, top: -7.5 });
  });
});

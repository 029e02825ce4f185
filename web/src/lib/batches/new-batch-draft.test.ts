import { describe, expect, it } from 'vitest';
import { unfinishedFrom } from './new-batch-draft.ts';

const left = { customer: 'c', center: '', branch: 'b', driver: '', parts: ['P-2', 'P-1'], ownDate: '', at: 1_000 };
const day = 86_400_000;

describe('a batch that was begun', () => {
  it.each<[string, string | null, number, unknown]>([
    ['is there as it was left', JSON.stringify(left), 2_000, left],
    ['is there for a day', JSON.stringify(left), 1_000 + day, left],
    ['is gone after a day', JSON.stringify(left), 1_001 + day, undefined],
    ['never was', null, 0, undefined],
    ['is no text of ours', '{', 0, undefined],
    ['is nothing', 'null', 0, undefined],
    ['has no time', '{"parts":[]}', 0, undefined],
    [
      'of another version: what fits is kept',
      '{"at":1,"customer":7,"parts":["P-1",2]}',
      2,
      {
        ...left,
        customer: '',
        branch: '',
        parts: ['P-1'],
        at: 1,
      },
    ],
  ])('%s', (_what, text, now, expected) => {
    expect(unfinishedFrom(text, now)).toEqual(expected);
  });
});

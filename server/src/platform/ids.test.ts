import { uuidv7Pattern, uuidv7Time } from '@opsboard/shared/protocol/ids';
import { expect, it } from 'vitest';
import { newId } from './ids.ts';

it('ids are UUIDv7 with the time they are given, and no two are alike', () => {
  const at = 1_760_000_000_123;
  const ids = Array.from({ length: 2000 }, () => newId(at));
  for (const id of ids) {
    expect(id).toMatch(uuidv7Pattern);
    expect(uuidv7Time(id)).toBe(at);
  }
  expect(new Set(ids).size).toBe(ids.length);
  const before = Date.now();
  const now = uuidv7Time(newId());
  expect(now).toBeGreaterThanOrEqual(before);
  expect(now).toBeLessThanOrEqual(Date.now());
});

import { expect, it } from 'vitest';
import { readCursor, writeCursor } from './cursor.ts';

it('comes back as it went', () => {
  const place = { value: 1_790_000_000_000, id: '0190a0a0-0000-7000-8000-000000000001' };
  expect(readCursor(writeCursor(place))).toEqual(place);
});

it.each([
  '',
  'abc',
  Buffer.from('1:').toString('base64url'),
  Buffer.from('x:0190a0a0-0000-7000-8000-000000000001').toString('base64url'),
])('is refused when it is none of ours: %j', (cursor) => {
  expect(readCursor(cursor)).toBeUndefined();
});

import { expect, it } from 'vitest';
import { readCursor, writeCursor } from './cursor.ts';

it.each([1_790_000_000_000, -1, 'Zoë & Söhne “100 %”', ''])('comes back as it went: %j', (value) => {
  const place = { value, id: '0190a0a0-0000-7000-8000-000000000001' };
  expect(readCursor(writeCursor(place))).toEqual(place);
});

it.each([
  '',
  'abc',
  Buffer.from('null').toString('base64url'),
  Buffer.from('[1]').toString('base64url'),
  Buffer.from('[1,"x"]').toString('base64url'),
  Buffer.from('[{"$gt":1},"0190a0a0-0000-7000-8000-000000000001"]').toString('base64url'),
  Buffer.from('[1.5,"0190a0a0-0000-7000-8000-000000000001"]').toString('base64url'),
])('is refused when it is none of ours: %j', (cursor) => {
  expect(readCursor(cursor)).toBeUndefined();
});

import { expect, it } from 'vitest';
import { uuidv7Pattern, uuidv7Time } from '@opsboard/shared/protocol/ids';
import { derivedId } from './derived-id.ts';

const bulk = '0199f3a0-1234-7abc-8def-0123456789ab';
const record = (n: number) => `0199f3a0-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;

it('is an id like any other, of the time of the bulk, and the same each time', () => {
  const id = derivedId(bulk, record(1));
  expect(id).toMatch(uuidv7Pattern);
  expect(uuidv7Time(id)).toBe(uuidv7Time(bulk));
  expect(derivedId(bulk, record(1))).toBe(id);
});

it('differs for each record of 20 000, and for each bulk', () => {
  const ids = new Set(Array.from({ length: 20_000 }, (_, n) => derivedId(bulk, record(n))));
  for (let n = 0; n < 1_000; n++) ids.add(derivedId(bulk.replace('ab', 'ac'), record(n)));
  expect(ids.size).toBe(21_000);
});

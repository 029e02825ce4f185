import { expect, it } from 'vitest';
import { challengeKey, makeProof, readProof } from './proofs.ts';

const said = { person: 'ada', expiresAt: 1_000 };
const key = challengeKey('k', { passwordHash: 'h', totp: { secret: 's' } });
const proof = makeProof('second factor', key, said);
const read = (given: string, { now = 0, with: its = key, purpose = 'second factor' as const } = {}) =>
  readProof(purpose, given, now, (person) => Promise.resolve(person === 'ada' ? { key: its, found: 1 } : undefined));

it('is read while it lasts', async () => {
  expect(await read(proof)).toEqual({ said, found: 1 });
  expect(await read(proof, { now: 999 })).toBeDefined();
  expect(await read(proof, { now: 1_000 })).toBeUndefined();
});

it('ends with the password, the second factor or the server’s key', async () => {
  for (const other of [
    challengeKey('k', { passwordHash: 'h2', totp: { secret: 's' } }),
    challengeKey('k', { passwordHash: 'h', totp: { secret: 's2' } }),
    challengeKey('k', { passwordHash: 'h' }),
    challengeKey('k2', { passwordHash: 'h', totp: { secret: 's' } }),
  ])
    expect(await read(proof, { with: other })).toBeUndefined();
});

it('is for one purpose and one person', async () => {
  expect(await readProof('enrolment', proof, 0, () => Promise.resolve({ key, found: 1 }))).toBeUndefined();
  const [, mark] = proof.split('.');
  const forged = (content: object) => `${Buffer.from(JSON.stringify(content)).toString('base64url')}.${mark}`;
  expect(await read(forged(said))).toBeDefined();
  expect(await read(forged({ ...said, expiresAt: 2_000 }))).toBeUndefined();
  expect(await read(makeProof('second factor', key, { ...said, person: 'bob' }))).toBeUndefined();
});

it.each(['', '.', 'a', 'a.b', `${proof}.`, `${proof}.x`, proof.slice(0, -2), proof.split('.')[0]!, 'e30.'])(
  'is not taken for one: %j',
  async (text) => expect(await read(text)).toBeUndefined(),
);

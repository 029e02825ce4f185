import { expect, it } from 'vitest';
import { z } from 'zod';
import { commands } from '@opsboard/shared/protocol/commands';
import { shapeError } from './issues.ts';

const id = '0190a0a0-0000-7000-8000-000000000001';

it.each([
  ['batch.seal', {}, 'args.id', '"args.id" is missing.'],
  ['batch.seal', { id }, 'args.count', '"args.count" is missing.'],
  ['batch.seal', { id, count: '3' }, 'args.count', '"args.count" must be a number.'],
  ['batch.seal', { id, count: 1.5 }, 'args.count', '"args.count" must be a whole number.'],
  ['batch.seal', { id, count: -1 }, 'args.count', '"args.count" must be at least 0.'],
  ['batch.seal', { id: 'B-1', count: 1 }, 'args.id', '"args.id" must be a UUIDv7 in lower case.'],
  ['batch.seal', { id, count: 1, force: true }, 'args.force', '"args.force" is not known here.'],
  ['batch.addParts', { id, parts: [] }, 'args.parts', '"args.parts" needs at least 1 entry.'],
  [
    'batch.addParts',
    { id, parts: ['a.b'] },
    'args.parts.0',
    '"args.parts.0" a part ID is 1 to 40 letters, digits, "-", "_" or "/".',
  ],
  ['batch.addParts', { id, parts: 'a' }, 'args.parts', '"args.parts" must be a list.'],
  ['branch.create', { id, name: '' }, 'args.name', '"args.name" must not be empty.'],
  ['branch.create', { id, name: 'x'.repeat(61) }, 'args.name', '"args.name" is longer than 60 characters.'],
  [
    'customer.create',
    { id, name: 'A', slaHours: 48, contactEmail: 'a' },
    'args.contactEmail',
    '"args.contactEmail" must be an e-mail address.',
  ],
  [
    'person.create',
    { id, name: 'A', email: 'a@b.de', role: 'boss' },
    'args.role',
    /^"args.role" must be one of admin, /,
  ],
] as const)('%s %j: says what is wrong with %s', (name, args, field, message) => {
  const result = commands[name].args.safeParse(args);
  const error = shapeError(result.error!, 'args');
  expect(error).toEqual({
    code: 'bad_request',
    field,
    message: typeof message === 'string' ? message : expect.stringMatching(message),
  });
});

it('speaks of the request as a whole when it is not even an object', () => {
  expect(shapeError(z.object({}).safeParse(3).error!)).toEqual({
    code: 'bad_request',
    message: 'The request must be an object.',
  });
});

it('never repeats what was sent, and stays short', () => {
  const key = 'secret'.repeat(200);
  const error = shapeError(z.strictObject({}).safeParse({ [key]: 1, other: 'hunter2' }).error!);
  expect(error.message.length).toBeLessThanOrEqual(400);
  expect(JSON.stringify(error)).not.toContain('hunter2');
});

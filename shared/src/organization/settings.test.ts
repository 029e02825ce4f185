import { describe, expect, it } from 'vitest';
import { editOrganization } from './schema.ts';
import { positionDaysOf, proofOf } from './settings.ts';

const id = '01890a5d-ac96-774b-bcce-b302099a8057';
const takes = (fields: object): boolean => editOrganization.safeParse({ id, rev: 1, ...fields }).success;

describe('what an organization has not set', () => {
  it('is what most want', () => {
    expect(proofOf({})).toEqual({ receiver: 'optional', signature: 'optional', photo: 'off' });
    expect([positionDaysOf({}), positionDaysOf({ positionDays: 0 })]).toEqual([7, 0]);
  });
});

describe('what can be set', () => {
  it.each([
    [{ proof: { receiver: 'required', signature: 'off', photo: 'optional' } }, true],
    [{ proof: { receiver: 'required', signature: 'off' } }, false],
    [{ proof: { receiver: 'sometimes', signature: 'off', photo: 'off' } }, false],
    [{ positionDays: 0 }, true],
    [{ positionDays: 90 }, true],
    [{ positionDays: 91 }, false],
    [{ positionDays: 1.5 }, false],
  ])('%j: %s', (fields, taken) => expect(takes(fields)).toBe(taken));
});

import { describe, expect, it } from 'vitest';
import { editOrganization } from '../organization/schema.ts';
import { createCustomer, editCenter } from './schema.ts';

const id = '01890a5d-ac96-774b-bcce-b302099a8057';

describe('opening hours', () => {
  it.each([
    [[480, 1020], true],
    [[0, 1440], true],
    [[480, 480], false],
    [[1020, 480], false],
    [[480, 1441], false],
  ])('%j, of a center and of the organization: %s', (mon, taken) => {
    const common = { id, rev: 1, hours: { mon } };
    expect([editCenter.safeParse(common).success, editOrganization.safeParse(common).success]).toEqual([taken, taken]);
  });
});

describe('a customer', () => {
  const base = { id, name: 'Vantor Retail', slaHours: 72 };
  it.each([
    [{ address: '4 Dock Road', position: [9.993, 53.551] }, true],
    [{ position: [53.551, 193] }, false],
    [{ position: [9.993] }, false],
    [{ address: 'two\nlines' }, false],
  ])('with %j: %s', (where, taken) => {
    expect(createCustomer.safeParse({ ...base, ...where }).success).toBe(taken);
  });
});

import { describe, expect, it } from 'vitest';
import type { Principal } from '../protocol/actors.ts';
import type { RightName } from '../protocol/rights.ts';
import { mayUse, rights } from '../protocol/rights.ts';
import type { Scope } from './scopes.ts';
import { scopes, scopeWords } from './scopes.ts';

/**
 * What a key may do by each of its scopes, written by hand. What is not here no key may: people, settings, keys, the
 * access log, templates and views of people, and whatever the server alone does.
 */
const table = `
right                 batches:read  batches:write  routes:read  routes:write  directory:read  directory:write  people:read
batches.read          yes           yes            -            -             -               -                -
messages.read         yes           yes            -            -             -               -                -
figures.read          yes           yes            -            -             -               -                -
parts.read            yes           yes            -            -             yes             yes              -
directory.read        -             -              -            -             yes             yes              -
routes.read           -             -              yes          yes           -               -                -
people.read           -             -              -            -             -               -                yes
batch.create          -             yes            -            -             -               -                -
batch.edit            -             yes            -            -             -               -                -
batch.assignDriver    -             yes            -            -             -               -                -
batch.moveDueDate     -             yes            -            -             -               -                -
batch.addParts        -             yes            -            -             -               -                -
batch.removeParts     -             yes            -            -             -               -                -
batch.correctPart     -             yes            -            -             -               -                -
batch.settleParts     -             yes            -            -             -               -                -
batch.restoreParts    -             yes            -            -             -               -                -
batch.split           -             yes            -            -             -               -                -
batch.seal            -             yes            -            -             -               -                -
batch.handOver        -             yes            -            -             -               -                -
batch.depart          -             yes            -            -             -               -                -
batch.arrive          -             yes            -            -             -               -                -
batch.departBack      -             yes            -            -             -               -                -
batch.complete        -             yes            -            -             -               -                -
batch.takeBack        -             yes            -            -             -               -                -
batch.cancel          -             yes            -            -             -               -                -
batch.reopen          -             yes            -            -             -               -                -
batch.logCall         -             yes            -            -             -               -                -
batch.notifyCustomer  -             yes            -            -             -               -                -
batch.addNote         -             yes            -            -             -               -                -
message.sendAgain     -             yes            -            -             -               -                -
undo                  -             yes            -            yes           -               -                -
import                -             yes            -            -             -               yes              -
customer.create       -             -              -            -             -               yes              -
warehouse.create      -             -              -            -             -               yes              -
warehouse.edit        -             -              -            -             -               yes              -
vendor.create         -             -              -            -             -               yes              -
vendor.edit           -             -              -            -             -               yes              -
customer.edit         -             -              -            -             -               yes              -
center.create         -             -              -            -             -               yes              -
center.edit           -             -              -            -             -               yes              -
part.create           -             -              -            -             -               yes              -
part.edit             -             -              -            -             -               yes              -
part.archive          -             -              -            -             -               yes              -
part.restore          -             -              -            -             -               yes              -
route.create          -             -              -            yes           -               -                -
route.edit            -             -              -            yes           -               -                -
route.assign          -             -              -            yes           -               -                -
route.plan            -             -              -            yes           -               -                -
route.cancel          -             -              -            yes           -               -                -
route.start           -             -              -            yes           -               -                -
route.arrive          -             -              -            yes           -               -                -
route.depart          -             -              -            yes           -               -                -
route.skip            -             -              -            yes           -               -                -
route.pickUp          -             -              -            yes           -               -                -
route.handOver        -             -              -            yes           -               -                -
route.finish          -             -              -            yes           -               -                -
route.report          -             -              -            yes           -               -                -
route.resolve         -             -              -            yes           -               -                -
`;

const [head, ...rows] = table
  .trim()
  .split('\n')
  .map((line) => line.split(/ +/));
const allowed = new Map(
  rows.map(([right, ...cells]) => [right!, new Set(head!.slice(1).filter((_, i) => cells[i] === 'yes'))]),
);

const key = (given: readonly Scope[], branches?: string[]): Principal => ({
  type: 'key',
  org: 'o',
  id: 'k',
  scopes: given,
  ...(branches && { branches }),
});

describe('what a key may do', () => {
  it('the table names rights that there are, and every scope', () => {
    for (const right of allowed.keys()) expect(rights).toHaveProperty([right]);
    expect(head!.slice(1)).toEqual([...scopes]);
    expect(Object.keys(scopeWords)).toEqual([...scopes]);
  });

  it.each(scopes)('%s: exactly what is in its column', (scope) => {
    for (const right of Object.keys(rights) as RightName[]) {
      const may = allowed.get(right)?.has(scope) ?? false;
      expect(mayUse(key([scope]), right, { branch: 'north' }), right).toBe(may);
      // Whose a record is makes no difference: a key is nobody.
      expect(mayUse(key([scope]), right, { branch: 'north', owner: 'k' }), right).toBe(may);
      expect(mayUse(key([scope], ['north']), right, { branch: 'north' }), right).toBe(may);
      expect(mayUse(key([scope], ['north']), right, { branch: 'south' }), right).toBe(false);
    }
  });

  it('several scopes add up, and none allow nothing', () => {
    const both = key(['batches:read', 'people:read']);
    expect(mayUse(both, 'batches.read') && mayUse(both, 'people.read')).toBe(true);
    for (const right of Object.keys(rights) as RightName[]) expect(mayUse(key([]), right), right).toBe(false);
  });
});

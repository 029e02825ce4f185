import { describe, expect, it } from 'vitest';
import { roles } from '../people/roles.ts';
import type { Principal } from './actors.ts';
import { deciders } from './deciders.ts';
import type { RightName } from './rights.ts';
import { mayUse, rights, systemRights } from './rights.ts';

/**
 * Who may do what, written by hand. `all`: on any record of the organization, within the person's branches; `own`: on
 * what is theirs; `-`: never. Nothing here is taken from the table that it judges.
 */
const table = `
right                  admin  operations_manager  team_member  driver  manager  display
organization.create    -      -                   -            -       -        -
organization.edit      all    -                   -            -       -        -
organization.setWipLimit all    all                 -            -       -        -
branch.create          all    -                   -            -       -        -
branch.edit            all    -                   -            -       -        -
branch.archive         all    -                   -            -       -        -
branch.restore         all    -                   -            -       -        -
branch.merge           all    -                   -            -       -        -
warehouse.create       all    all                 -            -       -        -
warehouse.edit         all    all                 -            -       -        -
warehouse.archive      all    all                 -            -       -        -
warehouse.restore      all    all                 -            -       -        -
warehouse.merge        all    all                 -            -       -        -
vendor.create          all    all                 -            -       -        -
vendor.edit            all    all                 -            -       -        -
vendor.archive         all    all                 -            -       -        -
vendor.restore         all    all                 -            -       -        -
vendor.merge           all    all                 -            -       -        -
customer.create        all    all                 -            -       -        -
customer.edit          all    all                 -            -       -        -
customer.archive       all    all                 -            -       -        -
customer.restore       all    all                 -            -       -        -
customer.merge         all    all                 -            -       -        -
center.create          all    all                 -            -       -        -
center.edit            all    all                 -            -       -        -
center.archive         all    all                 -            -       -        -
center.restore         all    all                 -            -       -        -
center.merge           all    all                 -            -       -        -
team.create            all    -                   -            -       -        -
team.edit              all    -                   -            -       -        -
team.archive           all    -                   -            -       -        -
team.restore           all    -                   -            -       -        -
team.merge             all    -                   -            -       -        -
person.create          all    -                   -            -       -        -
person.edit            all    -                   -            -       -        -
person.editProfile     all    own                 own          own     own      -
person.setPassword     all    own                 own          own     own      -
person.invite          all    -                   -            -       -        -
link.create            all    -                   -            -       -        -
link.revoke            all    -                   -            -       -        -
link.use               -      -                   -            -       -        -
link.settle            -      -                   -            -       -        -
person.enrolSecondFactor   own  own              own          own     own      -
person.dropSecondFactor    own  own              own          own     own      -
person.renewRecoveryCodes  own  own              own          own     own      -
person.removeSecondFactor  all  -                -            -       -        -
person.spendRecoveryCode   -    -                -            -       -        -
person.followProvider      -    -                -            -       -        -
session.start          -      -                   -            -       -        -
session.renew          -      -                   -            -       -        -
session.end            all    own                 own          own     own      -
session.endAll         all    own                 own          own     own      -
batch.create           all    all                 all          -       -        -
batch.edit             all    all                 all          -       -        -
batch.assignDriver     all    all                 all          -       -        -
batch.moveDueDate      all    all                 -            -       -        -
batch.addParts         all    all                 all          -       -        -
batch.removeParts      all    all                 all          -       -        -
batch.correctPart      all    all                 all          -       -        -
batch.settleParts      all    all                 all          -       -        -
batch.restoreParts     all    all                 all          -       -        -
batch.split            all    all                 all          -       -        -
batch.handOver         all    all                 all          -       -        -
batch.takeBack         all    all                 all          -       -        -
batch.cancel           all    all                 all          -       -        -
batch.reopen           all    all                 -            -       -        -
batch.seal             all    all                 all          -       -        -
batch.depart           all    all                 all          own     -        -
batch.arrive           all    all                 all          own     -        -
batch.departBack       all    all                 all          own     -        -
batch.complete         all    all                 all          own     -        -
batch.logCall          all    all                 all          -       -        -
batch.notifyCustomer   all    all                 all          -       -        -
batch.addNote          all    all                 all          -       all      -
route.create           all    all                 all          -       -        -
route.edit             all    all                 all          -       -        -
route.assign           all    all                 all          -       -        -
route.plan             all    all                 all          -       -        -
route.cancel           all    all                 all          -       -        -
route.start            all    all                 all          own     -        -
route.arrive           all    all                 all          own     -        -
route.depart           all    all                 all          own     -        -
route.skip             all    all                 all          own     -        -
route.pickUp           all    all                 all          own     -        -
route.handOver         all    all                 all          own     -        -
route.finish           all    all                 all          own     -        -
route.acknowledge      -      -                   -            own     -        -
route.report           all    all                 all          own     -        -
route.resolve          all    all                 all          -       -        -
route.archive          -      -                   -            -       -        -
message.claim          -      -                   -            -       -        -
message.settle         -      -                   -            -       -        -
message.sendAgain      all    all                 all          -       -        -
batch.markBreached     -      -                   -            -       -        -
batch.archive          -      -                   -            -       -        -
template.create        all    all                 all          -       -        -
template.edit          all    all                 all          -       -        -
template.archive       all    all                 all          -       -        -
savedView.create       all    all                 own          -       -        -
savedView.edit         all    all                 own          -       -        -
savedView.archive      all    all                 own          -       -        -
part.create            all    all                 all          -       -        -
part.edit              all    all                 all          -       -        -
part.archive           all    all                 all          -       -        -
part.restore           all    all                 all          -       -        -
batch.erase            -      -                   -            -       -        -
route.erase            -      -                   -            -       -        -
message.erase          -      -                   -            -       -        -
person.erase           all    -                   -            -       -        -
customer.eraseContacts all    -                   -            -       -        -
vendor.eraseContacts   all    -                   -            -       -        -
apiKey.create          all    -                   -            -       -        -
apiKey.edit            all    -                   -            -       -        -
apiKey.revoke          all    -                   -            -       -        -
import                 all    all                 all          -       -        -
undo                   all    all                 all          own     -        -
batches.read           all    all                 all          own     all      all
routes.read            all    all                 all          own     all      all
messages.read          all    all                 all          -       all      -
parts.read             all    all                 all          -       all      -
directory.read         all    all                 all          -       all      all
people.read            all    all                 all          -       all      all
people.manage          all    -                   -            -       -        -
journal.read           all    all                 all          -       all      all
figures.read           all    all                 all          -       all      all
retention.read         all    -                   -            -       -        -
files.read             all    all                 all          all     all      all
files.write            all    all                 all          all     -        -
keys.read              all    -                   -            -       -        -
access.read            all    -                   -            -       -        -
presence.share         all    all                 all          -       all      -
positions.read         all    all                 all          -       all      all
positions.send         -      -                   -            own     -        -
`;

const [head, ...rows] = table
  .trim()
  .split('\n')
  .map((line) => line.split(/ +/));
const cells = rows.flatMap(([right, ...reach]) =>
  reach.map((expected, i) => ({ right: right as RightName, role: head![i + 1] as (typeof roles)[number], expected })),
);

const principal = (role: (typeof roles)[number], branches?: string[]): Principal => ({
  type: 'person',
  org: 'o',
  id: 'me',
  role,
  ...(branches && { branches }),
});

describe('rights', () => {
  it('the table has a row for every right and a column for every role', () => {
    expect(rows.map(([right]) => right).sort()).toEqual(Object.keys(rights).sort());
    expect(head!.slice(1)).toEqual([...roles]);
    for (const name of Object.keys(deciders)) expect(rights, `${name} has no rights`).toHaveProperty([name]);
  });

  it.each(cells)('[C7] $role, $right: $expected', ({ right, role, expected }) => {
    const anyone = principal(role);
    expect(mayUse(anyone, right, { branch: 'north', owner: 'me' }), 'own').toBe(expected !== '-');
    expect(mayUse(anyone, right, { branch: 'north', owner: 'other' }), 'somebody else’s').toBe(expected === 'all');
    expect(mayUse(anyone, right, { branch: 'north' }), 'nobody’s').toBe(expected === 'all');
    expect(mayUse(anyone, right), 'the organization as a whole').toBe(expected === 'all');

    const northern = principal(role, ['north']);
    expect(mayUse(northern, right, { branch: 'north' }), '[C8] inside the branches').toBe(expected === 'all');
    expect(mayUse(northern, right, { branch: 'south' }), '[C8] outside the branches').toBe(false);
    expect(mayUse(principal(role, []), right, { branch: 'north' }), '[C8] no branch at all').toBe(false);
  });

  it('a system actor may do what it is there for and nothing else', () => {
    const expected = {
      setup: ['organization.create'],
      terminal: ['link.create', 'person.removeSecondFactor'],
      'sign-in': [
        'session.start',
        'session.renew',
        'link.create',
        'link.use',
        'person.spendRecoveryCode',
        'person.create',
        'person.followProvider',
      ],
      clock: ['batch.markBreached'],
      archive: ['batch.archive', 'route.archive'],
      expiry: ['session.end'],
      retention: ['batch.erase', 'route.erase', 'message.erase', 'session.end'],
      messenger: ['message.claim', 'message.settle', 'link.settle'],
    };
    expect(Object.keys(systemRights).sort()).toEqual(Object.keys(expected).sort());
    for (const id of [...Object.keys(expected), 'another', 'constructor']) {
      for (const right of Object.keys(rights) as RightName[]) {
        const may = (expected as Record<string, string[]>)[id];
        expect(mayUse({ type: 'system', org: 'o', id }, right, { branch: 'north' }), `${id}: ${right}`).toBe(
          Array.isArray(may) && may.includes(right),
        );
      }
    }
  });
});

import type { Connection } from 'mongoose';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Batch } from '@opsboard/shared/batches/schema';
import type { Kind, Records } from '@opsboard/shared/protocol/kinds';
import { mostImported } from '@opsboard/shared/protocol/import';
import type { TransferKind } from '@opsboard/shared/transfer/columns';
import { mostRows, transferColumns } from '@opsboard/shared/transfer/columns';
import type { OrgState } from '../journal/org-state.ts';
import type { SignedIn } from '../people/sessions.ts';
import { planImport } from './plan.ts';

const now = Date.parse('2026-10-15T12:00:00Z');
const hour = 3_600_000;
const base = { org: 'o', rev: 3, createdAt: 1 };

let records: { [K in Kind]?: Records[K][] };
/** What the database is asked for: collection, and what it answers. */
let stored: { [collection: string]: object[] };

beforeEach(() => {
  stored = {};
  records = {
    branch: [
      { ...base, id: 'north', name: 'Harbour' },
      { ...base, id: 'south', name: 'Millfield' },
    ],
    customer: [
      { ...base, id: 'c1', name: 'Vantor Retail', slaHours: 72, contactPhone: '+49 30 1' },
      { ...base, id: 'c2', name: 'Twin', slaHours: 48 },
      { ...base, id: 'c3', name: 'twin', slaHours: 48 },
    ],
    center: [{ ...base, id: 'z1', name: 'Lindqvist Repair', hours: { mon: [480, 1020] } }],
    person: [{ ...base, id: 'd1', name: 'Tomas Riedl', email: 'd@x.test', role: 'driver' }],
    batch: [
      {
        ...base,
        id: 'b1',
        reference: 'B-2041',
        branch: 'north',
        customer: 'c1',
        center: 'z1',
        driver: 'd1',
        status: 'at_center',
        since: 1,
        steps: {},
        parts: { 'P-1': { addedAt: 1 }, 'P-2': { addedAt: 1 } },
        partCount: 2,
        dueAt: now + hour,
        promisedAt: now + hour,
        createdBy: 'x',
      } as Batch,
    ],
  };
});

async function plan(kind: TransferKind, csv: string, who: Partial<SignedIn> = {}) {
  const principal = { type: 'person', org: 'o', id: 'me', role: 'admin', ...who } as SignedIn;
  const state = {
    org: 'o',
    get: (k: Kind, id: string) => records[k]?.find((record) => record.id === id),
    all: (k: Kind) => records[k] ?? [],
    openBatchOf: (part: string) =>
      (records.batch ?? []).find((batch) => batch.status !== 'completed' && Object.hasOwn(batch.parts, part)),
  } as unknown as OrgState;
  const connection = {
    collection: (name: string) => ({ find: () => ({ toArray: () => Promise.resolve(stored[name] ?? []) }) }),
  } as unknown as Connection;
  return planImport(kind, csv, {
    connection,
    state,
    who: principal,
    audience: { org: 'o', role: principal.role, ...(principal.branches ? { branches: principal.branches } : {}) },
    now,
    zone: 'Europe/Berlin',
    idFor: (row) => `new-${row}`,
  });
}

/** Row → outcome, and the problems by column. */
async function judged(kind: TransferKind, csv: string, who: Partial<SignedIn> = {}) {
  const { preview } = await plan(kind, csv, who);
  expect(preview.faults).toEqual([]);
  return preview.rows.map(({ row, outcome, problems }) =>
    problems ? [row, ...problems.map(({ column, message }) => `${column}: ${message}`)] : [row, outcome],
  );
}

describe('the names of columns', () => {
  it('are forgiving: case, blanks and signs do not count, and other words are known', async () => {
    const { preview, commands } = await plan('customers', 'customer_name;SLA;E-Mail\nNew One;48 h;DESK@New.example\n');
    expect(preview).toMatchObject({ columns: ['Name', 'SLA hours', 'Contact e-mail'], faults: [], notes: [] });
    expect(commands).toMatchObject([
      { command: { args: { name: 'New One', slaHours: 48, contactEmail: 'desk@new.example' } } },
    ]);
  });

  it('unknown, missing and doubled ones are named, and nothing is judged', async () => {
    const { preview } = await plan('customers', 'Name,Phone,Tel,Colour,\nA,1,2,red,x\n');
    expect(preview.faults).toEqual([
      '“Phone” and “Tel” are both the column “Contact phone”. Remove one of them.',
      'The column “SLA hours” is missing. Add it, or begin with the template.',
    ]);
    expect(preview.notes).toEqual([
      'Left aside, because customers have no such column: “Colour”, column 5 without a name.',
    ]);
    expect(preview.rows).toEqual([]);
  });

  it('what the board decides is left aside and said', async () => {
    const { preview } = await plan(
      'batches',
      'Branch,Customer,Service center,Status,SLA status\nHarbour,Vantor Retail,Lindqvist Repair,Draft,\n',
    );
    expect(preview.notes).toEqual(['Left aside, because the board decides it: “Status”, “SLA status”.']);
    expect(preview.counts).toEqual({ create: 1, change: 0, unchanged: 0, bad: 0 });
  });

  it('an import is as long as a command may be, and each column has an example that is read', async () => {
    expect(mostRows).toBe(mostImported);
    for (const kind of ['customers', 'centers', 'parts'] as const) {
      const columns = transferColumns[kind].filter(({ name }) => name !== 'Customer');
      const csv = `${columns.map(({ name }) => name).join('\t')}\n${columns.map(({ example }) => example).join('\t')}\n`;
      const { preview } = await plan(
        kind,
        csv.replaceAll('Vantor Retail', 'Somebody New').replaceAll('Lindqvist Repair', 'Somebody New'),
      );
      expect(preview.counts, kind).toMatchObject({ create: 1, bad: 0 });
    }
  });
});

describe('customers', () => {
  it('are found by name, whatever its case; what is left empty stays', async () => {
    const { preview, commands } = await plan('customers', 'Name,SLA hours,Contact phone\nvantor retail,96,\nNew,24,\n');
    expect(preview.rows).toMatchObject([
      { row: 2, outcome: 'change', was: { 'SLA hours': '72' } },
      { row: 3, outcome: 'create' },
    ]);
    expect(commands.map(({ command }) => command)).toEqual([
      { name: 'customer.edit', args: { id: 'c1', rev: 3, slaHours: 96 } },
      { name: 'customer.create', args: { id: 'new-3', name: 'New', slaHours: 24 } },
    ]);
  });

  it('are found by the ID of an export before their name, so that they can be renamed', async () => {
    const { commands } = await plan('customers', 'ID,Name,SLA hours\nc1,Vantor Group,72\n');
    expect(commands).toMatchObject([{ command: { name: 'customer.edit', args: { id: 'c1', name: 'Vantor Group' } } }]);
    expect(await judged('customers', 'ID,Name,SLA hours\nc2,Twin,48\nc3,twin,48\n')).toEqual([
      [2, 'unchanged'],
      [3, 'unchanged'],
    ]);
  });

  it('each bad cell is said: where, what, and what it should be', async () => {
    expect(
      await judged(
        'customers',
        'Name,SLA hours,Contact e-mail,Contact phone,Language,Time zone\n,,,,,\n,72,,,,\nA,soon,not mail,call me,english,Berlin\nB,,,,,\nTWIN,48,,,,\n',
      ),
    ).toEqual([
      [3, 'Name: This is empty. It must be a name of 1 to 80 characters on one line.'],
      [
        4,
        'SLA hours: “soon” is not a whole number of hours from 1 to 2160, as 72.',
        'Contact e-mail: “not mail” is not an e-mail address, as desk@example.com.',
        'Contact phone: “call me” is not a telephone number, as +49 30 1234567.',
        'Language: “english” is not a language tag, as en or pt-BR.',
        'Time zone: “Berlin” is not an IANA time zone, as Europe/Berlin.',
      ],
      [5, 'SLA hours: This is empty. It must be a whole number of hours from 1 to 2160, as 72.'],
      [6, 'Name: Several customers are called TWIN. Export them: the column “ID” tells them apart.'],
    ]);
  });

  it('one that stands there twice is bad the second time, new or known', async () => {
    expect(await judged('customers', 'Name,SLA hours\nNew,1\nnew,2\nVantor Retail,72\nVANTOR RETAIL,72\n')).toEqual([
      [2, 'create'],
      [3, 'Name: Row 2 is about the same customer. Keep one of the two.'],
      [4, 'unchanged'],
      [5, 'Name: Row 4 is about the same customer. Keep one of the two.'],
    ]);
  });

  it('is not renamed to what another one is called', async () => {
    expect(await judged('customers', 'ID,Name,SLA hours\nc2,vantor retail,48\n')).toEqual([
      [2, 'Name: There is another customer called vantor retail. Choose another name.'],
    ]);
  });
});

describe('service centers', () => {
  it('hours: a day that is left empty stays; closed closes it', async () => {
    const { commands } = await plan(
      'centers',
      'Name,Monday,Tuesday,Sat\nLindqvist Repair,closed,8-17,\nNew,,9.30 – 12,20-0:00\n',
    );
    expect(commands.map(({ command }) => command.args)).toEqual([
      { id: 'z1', rev: 3, hours: { tue: [480, 1020] } },
      { id: 'new-3', name: 'New', hours: { tue: [570, 720], sat: [1200, 1440] } },
    ]);
  });

  it('holidays and positions are read, and said when they are wrong', async () => {
    const { commands } = await plan(
      'centers',
      'Name,Longitude,Latitude,Holidays\nNew,"9,99",-53.5,"2026-12-25 Christmas; 2026-12-26 Rest\\; and more"\n',
    );
    expect(commands[0]!.command.args).toMatchObject({
      position: [9.99, -53.5],
      holidays: [
        { date: '2026-12-25', name: 'Christmas' },
        { date: '2026-12-26', name: 'Rest; and more' },
      ],
    });
    expect(
      await judged(
        'centers',
        'Name,Longitude,Latitude,Holidays,Monday\nA,200,x,Christmas,early\nB,1,,2026-02-30 No day,25:00-26:00\nC,,,,17:00-08:00\nD,,,,8-8\n',
      ),
    ).toEqual([
      [
        2,
        'Longitude: “200” is not degrees from -180 to 180, as 9.993.',
        'Latitude: “x” is not degrees from -90 to 90, as 53.551.',
        'Monday: “early” is not opening hours, as 08:00-17:00, or closed.',
        'Holidays: “Christmas” is not days with their names, as 2026-12-25 Christmas Day; 2026-12-26 Boxing Day.',
      ],
      [
        3,
        'Latitude: A position needs longitude and latitude. Give both.',
        'Monday: “25:00-26:00” is not opening hours, as 08:00-17:00, or closed.',
        'Holidays: “2026-02-30 No day” is not days with their names, as 2026-12-25 Christmas Day; 2026-12-26 Boxing Day.',
      ],
      [4, 'Monday: “17:00-08:00” is not opening hours, as 08:00-17:00, or closed.'],
      [5, 'Monday: “8-8” is not opening hours, as 08:00-17:00, or closed.'],
    ]);
  });
});

describe('parts', () => {
  it('are found by their part ID', async () => {
    stored['parts'] = [
      { _id: 'p1', org: 'o', rev: 2, partId: 'P-1', label: 'Reader', customer: 'c1' },
      { _id: 'p2', org: 'o', rev: 1, partId: 'P-2', label: 'Display', customer: 'c3' },
    ];
    const { preview, commands } = await plan(
      'parts',
      'Part ID,Label,Customer\np-1,Card reader,\nP-2,,twin\nP-3,Lamp,Vantor Retail\nP 4,x,\nP-5,,Nobody\np-3,x,\n',
    );
    expect(preview.rows.map(({ outcome, problems }) => problems?.map(({ message }) => message) ?? outcome)).toEqual([
      'change',
      'unchanged',
      'create',
      ['“P 4” is not a part ID: 1 to 40 letters, digits, "-", "_" or "/".'],
      [
        '“” is not a label of 1 to 80 characters on one line.',
        'There is no customer called “Nobody”. Add it to the directory first, or correct the name.',
      ],
      ['Row 4 is about the same part. Keep one of the two.'],
    ]);
    expect(commands.map(({ command }) => command)).toEqual([
      { name: 'part.edit', args: { id: 'p1', rev: 2, label: 'Card reader' } },
      { name: 'part.create', args: { id: 'new-4', partId: 'P-3', label: 'Lamp', customer: 'c1' } },
    ]);
  });
});

describe('batches', () => {
  const head = 'Reference,Branch,Customer,Service center,Driver,Parts,Expected return date\n';

  it('without a reference are new drafts', async () => {
    const { commands } = await plan(
      'batches',
      `${head},harbour,Vantor Retail,Lindqvist Repair,Tomas Riedl,P-8 p-9;P-10,2026-10-20 14:30\n`,
    );
    expect(commands[0]!.command).toEqual({
      name: 'batch.create',
      args: {
        id: 'new-2',
        branch: 'north',
        customer: 'c1',
        center: 'z1',
        driver: 'd1',
        parts: ['P-8', 'P-9', 'P-10'],
        dueAt: Date.parse('2026-10-20T12:30:00Z'),
      },
    });
  });

  it('with one must say what is on record', async () => {
    expect(
      await judged(
        'batches',
        `${head}b-2041,HARBOUR,Vantor Retail,Lindqvist Repair,,p-2 P-1,15.10.2026\nB-9,Harbour,Vantor Retail,Lindqvist Repair,,,\nB-2041,Millfield,,,,P-1,2026-10-15 15:01\n`,
      ),
    ).toEqual([
      [2, 'unchanged'],
      [3, 'Reference: There is no batch “B-9” among those you can see. Leave this empty for a new one.'],
      [4, 'Reference: Row 2 is about the same batch. Keep one of the two.'],
    ]);
    const on = 'An import does not change batches: change it on the board, or clear the reference for a new one.';
    expect(await judged('batches', `${head}B-2041,Millfield,,,Somebody,P-1,2026-10-15 15:01\n`)).toEqual([
      [
        2,
        `Branch: B-2041 has “Harbour” here. ${on}`,
        `Driver: B-2041 has “Tomas Riedl” here. ${on}`,
        `Parts: B-2041 has “P-1 P-2” here. ${on}`,
        `Expected return date: B-2041 has “2026-10-15 15:00” here. ${on}`,
      ],
    ]);
  });

  it('a part is in one open batch: on record, and in the file', async () => {
    expect(
      await judged(
        'batches',
        `${head}${['P-1', 'P-7 P-7', 'P-8', 'P-8', 'P$'].map((parts) => `,Harbour,Vantor Retail,Lindqvist Repair,,${parts},\n`).join('')}`,
      ),
    ).toEqual([
      [2, 'Parts: P-1 is already in B-2041, which is still open. Take it out there first.'],
      [3, 'Parts: P-7 is listed twice. A part counts once.'],
      [4, 'create'],
      [5, 'Parts: P-8 is in row 4 already. A part is in one open batch.'],
      [6, 'Parts: “P$” is not a part ID: 1 to 40 letters, digits, "-", "_" or "/".'],
    ]);
  });

  it('each bad cell is said', async () => {
    expect(
      await judged(
        'batches',
        `${head},Nowhere,,Lindqvist Repair,Nobody,P-8,10/11/2026\n,Harbour,TWIN,Lindqvist Repair,,P-9,2026-10-14\n`,
      ),
    ).toEqual([
      [
        2,
        'Branch: There is no branch called “Nowhere”. Add it to the directory first, or correct the name.',
        'Customer: This is empty. Name a customer of the directory.',
        'Driver: There is no active driver called “Nobody”.',
        'Expected return date: “10/11/2026” is not a date and time, as 2026-10-15 14:30.',
      ],
      [
        3,
        'Customer: Several customers are called TWIN. Rename one of them first.',
        'Expected return date: The expected return date must lie ahead.',
      ],
    ]);
  });

  it('somebody of one branch neither sees nor makes batches of another', async () => {
    const who = { role: 'team_member', branches: ['south'] } as const;
    const south = { ...who, branches: ['south'] };
    expect(
      await judged(
        'batches',
        `${head}B-2041,Harbour,Vantor Retail,Lindqvist Repair,,,\n,Harbour,Vantor Retail,Lindqvist Repair,,,\n,Millfield,Vantor Retail,Lindqvist Repair,,P-1,\n`,
        south,
      ),
    ).toEqual([
      [2, 'Reference: There is no batch “B-2041” among those you can see. Leave this empty for a new one.'],
      [3, 'Branch: There is no branch called “Harbour”. Add it to the directory first, or correct the name.'],
      [4, 'Parts: P-1 is already in another open batch.'],
    ]);
  });

  it('a row with more cells than there are columns is bad: a comma was not quoted', async () => {
    expect(
      await judged('batches', 'Branch,Customer,Service center\nHarbour,Vantor, Retail,Lindqvist Repair\n'),
    ).toEqual([
      [2, 'undefined: This row has more than 3 cells. A cell with a comma in it must stand in quotation marks.'],
    ]);
  });
});

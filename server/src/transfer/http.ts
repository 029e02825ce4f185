import { z } from 'zod';
import { audienceOf } from '@opsboard/shared/protocol/audiences';
import { mayUse } from '@opsboard/shared/protocol/rights';
import { id } from '@opsboard/shared/protocol/scalars';
import { dateOf } from '@opsboard/shared/time/days';
import type { TransferKind } from '@opsboard/shared/transfer/columns';
import { mostRows, mostText, transferColumns, transferKinds, transferWords } from '@opsboard/shared/transfer/columns';
import { rowOutcomes } from '@opsboard/shared/transfer/preview';
import type { Endpoint } from '../ingress/endpoint.ts';
import { endpoint, ok } from '../ingress/endpoint.ts';
import { csvHead } from './csv.ts';
import { exportDirectory, exportParts } from './export.ts';
import type { ImportParts } from './import.ts';
import { importFile, importForbidden, preview } from './import.ts';
import { sendCsv } from './send-csv.ts';

const kind = z.enum(transferKinds);
const csv = z.string().max(mostText).meta({
  description: 'The text of the file: a row of column names, then the rows. Commas, semicolons or tabs.',
});
const named = z.object({ id, name: z.string() });
const previewShape = z.object({
  columns: z.array(z.string()),
  rows: z.array(
    z.object({
      row: z.int().meta({ description: 'As a spreadsheet numbers it: the column names are row 1.' }),
      outcome: z.enum(rowOutcomes),
      cells: z.array(z.string()),
      problems: z.array(z.object({ column: z.string().optional(), message: z.string() })).optional(),
      was: z.record(z.string(), z.string()).optional(),
    }),
  ),
  counts: z.object({ create: z.int(), change: z.int(), unchanged: z.int(), bad: z.int() }),
  faults: z.array(z.string()),
  notes: z.array(z.string()),
});

/** JSON may need six characters for one of the text; most of it needs one. */
const bodyLimit = 8 * 1024 * 1024;

/** CSV in and out. What a file comes to is one command; an export of batches is beside their list. */
export function transferEndpoints(parts: ImportParts): Endpoint[] {
  const { connection, journal, clock } = parts;
  const exported = (which: Exclude<TransferKind, 'batches'>): Endpoint =>
    endpoint({
      method: 'get',
      path: `/api/${which}/export.csv`,
      tag: 'Import and export',
      summary: `Export ${transferWords[which].many} as CSV`,
      description:
        'What an import of the same kind reads: importing it unchanged changes nothing. Text that a spreadsheet would run as a formula begins with an apostrophe.',
      access: which === 'parts' ? 'parts.read' : 'directory.read',
      told: { what: 'exported', kind: which === 'parts' ? 'part' : which === 'customers' ? 'customer' : 'center' },
      answer: { status: 200, description: 'The file.', type: 'text/csv' },
      respond: async (_request, response, who) => {
        const state = await journal.org(who!.org);
        const zone = state.get('organization', who!.org)?.timeZone ?? 'UTC';
        const text =
          which === 'parts'
            ? exportParts(connection, state, audienceOf(who!))
            : // A key that reads the directory reads no people.
              exportDirectory(state, audienceOf(who!), which, mayUse(who!, 'people.read'));
        await sendCsv(response, { name: `${which}-${dateOf(clock.now(), zone)}.csv`, text });
      },
    });
  return [
    ...transferKinds.flatMap((which) => (which === 'batches' ? [] : [exported(which)])),
    endpoint({
      method: 'get',
      path: '/api/import/template.csv',
      tag: 'Import and export',
      summary: 'An empty file to fill in',
      access: 'signed_in',
      keys: true,
      query: z.strictObject({ kind }),
      answer: { status: 200, description: 'The row of column names.', type: 'text/csv' },
      respond: async (request, response) => {
        const asked = kind.safeParse(request.query['kind']);
        const which = asked.success ? asked.data : 'batches';
        async function* head(): AsyncGenerator<string> {
          yield csvHead(transferColumns[which].map(({ name }) => name));
        }
        await sendCsv(response, { name: `${which}-template.csv`, text: head() });
      },
    }),
    endpoint({
      method: 'post',
      path: '/api/import/preview',
      tag: 'Import and export',
      summary: 'See what importing a file would do',
      description: `Judges every row; nothing is changed. At most ${mostRows} rows.`,
      access: 'signed_in',
      keys: true,
      bodyLimit,
      body: z.strictObject({ kind, csv }),
      answer: {
        status: 200,
        description: 'Row by row, what it would do, or what is wrong with it.',
        schema: previewShape,
      },
      errors: ['forbidden'],
      handle: async ({ who, body }) => {
        const refusal = importForbidden(who, body.kind);
        return refusal ?? ok((await preview(parts, who, body)).preview);
      },
    }),
    endpoint({
      method: 'post',
      path: '/api/import',
      tag: 'Import and export',
      summary: 'Import a file: all of it, or nothing',
      description: `Judged anew on what is there now, and committed in one transaction. The same \`commandId\` acts once. At most ${mostRows} rows.`,
      access: 'signed_in',
      keys: true,
      bodyLimit,
      body: z.strictObject({ kind, csv, commandId: id }),
      answer: {
        status: 200,
        description: 'What it did; `made` names the first 100 new records.',
        schema: z.object({ created: z.int(), changed: z.int(), unchanged: z.int(), made: z.array(named) }),
      },
      errors: ['forbidden', 'bad_request', 'rev_conflict', 'part_in_open_batch', 'already_exists', 'unavailable'],
      handle: async ({ who, body }) => {
        const refusal = importForbidden(who, body.kind);
        if (refusal) return refusal;
        const result = await importFile(parts, who, body);
        return 'code' in result ? result : ok(result);
      },
    }),
  ];
}

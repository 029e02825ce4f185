import { createHash } from 'node:crypto';
import type { Connection } from 'mongoose';
import { audienceOf } from '@opsboard/shared/protocol/audiences';
import { actorKey, actorOf } from '@opsboard/shared/protocol/actors';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { wireError } from '@opsboard/shared/protocol/errors';
import { uuidv7From, uuidv7Time } from '@opsboard/shared/protocol/ids';
import type { CommandName } from '@opsboard/shared/protocol/deciders';
import { mayUse } from '@opsboard/shared/protocol/rights';
import type { TransferKind } from '@opsboard/shared/transfer/columns';
import { transferColumns, transferWords } from '@opsboard/shared/transfer/columns';
import type { Imported } from '@opsboard/shared/transfer/preview';
import { keyMayNot } from '../dispatch/authorize.ts';
import type { Dispatcher } from '../dispatch/dispatch.ts';
import type { Journal } from '../journal/journal.ts';
import type { Caller } from '../keys/keys.ts';
import type { Clock } from '../platform/clock.ts';
import { newId } from '../platform/ids.ts';
import type { Plan, PlanContext } from './plan.ts';
import { planImport } from './plan.ts';

/** What importing needs of the process. */
export type ImportParts = {
  connection: Connection;
  journal: Journal;
  dispatcher: Pick<Dispatcher, 'dispatch'>;
  clock: Clock;
};

type File = { kind: TransferKind; csv: string };

const createRight: { readonly [K in TransferKind]: CommandName } = {
  customers: 'customer.create',
  centers: 'center.create',
  branches: 'branch.create',
  warehouses: 'warehouse.create',
  vendors: 'vendor.create',
  teams: 'team.create',
  parts: 'part.create',
  batches: 'batch.create',
};

/** The refusal of somebody who may not import files of a kind. */
export function importForbidden(who: Caller, kind: TransferKind): WireError | undefined {
  if (mayUse(who, 'import') && mayUse(who, createRight[kind])) return undefined;
  return who.type === 'key'
    ? keyMayNot()
    : wireError('forbidden', `Your role does not import ${transferWords[kind].many}. Ask an admin if you need it.`);
}

/** What importing a file would do now. */
export async function preview(parts: ImportParts, who: Caller, file: File): Promise<Plan> {
  return planImport(file.kind, file.csv, await contextOf(parts, who, () => newId(parts.clock.now())));
}

async function contextOf(parts: ImportParts, who: Caller, idFor: PlanContext['idFor']): Promise<PlanContext> {
  const { connection, journal, clock } = parts;
  const state = await journal.org(who.org);
  const zone = state.get('organization', who.org)?.timeZone ?? 'UTC';
  return { connection, state, who, audience: audienceOf(who), now: clock.now(), zone, idFor };
}

/** The most records of an import that are named in its answer. */
const mostNamed = 100;

/**
 * Imports a file: all of it in one transaction, or nothing. It is judged anew, on what is there now; the same command
 * sent again acts once.
 */
export async function importFile(
  parts: ImportParts,
  who: Caller,
  { commandId, ...file }: File & { commandId: string },
): Promise<Imported | WireError> {
  const { journal, dispatcher } = parts;
  const done = await doneBefore(journal, who, commandId);
  if (done) return done;
  // The same rows under the same command id come to the same records.
  const idFor = (row: number): string =>
    uuidv7From(uuidv7Time(commandId), createHash('sha256').update(`${commandId}/${row}`).digest().subarray(0, 10));
  const plan = await planImport(file.kind, file.csv, await contextOf(parts, who, idFor));
  const { counts } = plan.preview;
  const answer = { created: counts.create, changed: counts.change, unchanged: counts.unchanged };
  const refusal = refusalOf(plan);
  // The same import, sent a moment before, may have been carried out since: then there is nothing left to do.
  if (refusal || plan.commands.length === 0)
    return (await doneBefore(journal, who, commandId)) ?? refusal ?? { ...answer, made: [] };
  const commands = plan.commands.map(({ command }) => command);
  const ack = await dispatcher.dispatch(who, { commandId, name: 'import', args: { commands } });
  if (!ack.ok) {
    const reused = ack.error.code === 'command_id_reused';
    return (reused && (await doneBefore(journal, who, commandId))) || atRow(plan, file.kind, ack.error);
  }
  const state = await journal.org(who.org);
  await state.waitFor(ack.seq, 2_000);
  const made = plan.commands
    .filter(({ command }) => command.name.endsWith('.create'))
    .slice(0, mostNamed)
    .map(({ command: { name, args }, name: given }) => ({
      id: args.id,
      name: name === 'batch.create' ? (state.get('batch', args.id)?.reference ?? given) : given,
    }));
  return { ...answer, made };
}

/** The answer of an import that has been carried out under this id already. */
async function doneBefore(journal: Journal, who: Caller, commandId: string): Promise<Imported | WireError | undefined> {
  const writer = await journal.writer(who.org);
  const receipt = (await writer.receipts([commandId])).get(commandId);
  // What it refused then may be possible now, or another person's: the lane judges that.
  if (receipt?.first === undefined || receipt.seq === undefined) return undefined;
  if (actorKey(receipt.actor) !== actorKey(actorOf(who))) return undefined;
  const entries = await journal.entries(who.org, { from: receipt.first - 1, to: receipt.seq, limit: 20_000 });
  const created = entries.filter(({ rev }) => rev === 1);
  const named = created
    .slice(0, mostNamed)
    .map(({ id, set }) => ({ id, name: String(set['reference'] ?? set['partId'] ?? set['name'] ?? '') }));
  return { created: created.length, changed: entries.length - created.length, unchanged: 0, made: named };
}

/** Why a file is not imported: what is wrong with it, or the first of its bad rows. */
function refusalOf({ preview: { faults, rows, counts } }: Plan): WireError | undefined {
  if (faults.length > 0) return wireError('bad_request', `${faults[0]} Nothing was imported.`, { field: 'csv' });
  const bad = rows.find(({ outcome }) => outcome === 'bad');
  if (!bad) return undefined;
  const problem = bad.problems![0]!;
  const where = problem.column === undefined ? `Row ${bad.row}` : `Row ${bad.row}, ${problem.column}`;
  const more = counts.bad > 1 ? ` ${counts.bad - 1} more rows are bad.` : '';
  return wireError('bad_request', `${where}: ${problem.message}${more} Nothing was imported.`, {
    field: 'csv',
    details: { row: bad.row, bad: counts.bad, ...(problem.column === undefined ? {} : { column: problem.column }) },
  });
}

/** The column that an argument of a command was read from. */
const columnOf = (kind: TransferKind, field: string): string | undefined => {
  const plain = field.replace(/^args\./, '').toLowerCase();
  const names: { readonly [field: string]: string } = {
    center: 'Service center',
    dueat: 'Expected return date',
    slahours: 'SLA hours',
    partid: 'Part ID',
    contactemail: 'Contact e-mail',
    contactphone: 'Contact phone',
    timezone: 'Time zone',
  };
  return names[plain] ?? transferColumns[kind].find(({ name }) => name.toLowerCase() === plain)?.name;
};

/** A refusal of the commit, said of the row that it is about: something has changed since the file was judged. */
function atRow({ commands }: Plan, kind: TransferKind, error: WireError): WireError {
  const index = error.details?.['index'];
  const from = typeof index === 'number' ? commands[index] : undefined;
  if (!from) return error;
  const column = error.field === undefined ? undefined : columnOf(kind, error.field);
  const where = column === undefined ? `Row ${from.row}` : `Row ${from.row}, ${column}`;
  return {
    ...error,
    message: `${where}: ${error.message} Nothing was imported.`,
    details: { ...error.details, row: from.row, ...(column === undefined ? {} : { column }) },
  };
}

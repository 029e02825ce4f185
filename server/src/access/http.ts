import type { Connection } from 'mongoose';
import { z } from 'zod';
import { accessVerbs } from '@opsboard/shared/access/verbs';
import type { Principal } from '@opsboard/shared/protocol/actors';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { wireError } from '@opsboard/shared/protocol/errors';
import { mayUse } from '@opsboard/shared/protocol/rights';
import { time } from '@opsboard/shared/protocol/scalars';
import { dateOf } from '@opsboard/shared/time/days';
import type { Endpoint } from '../ingress/endpoint.ts';
import { endpoint, ok } from '../ingress/endpoint.ts';
import { sendError } from '../ingress/error.ts';
import { shapeError } from '../ingress/issues.ts';
import { pageShape } from '../ingress/list-parameters.ts';
import { actorShape } from '../ingress/shapes.ts';
import type { Journal } from '../journal/journal.ts';
import type { Clock } from '../platform/clock.ts';
import { sendCsv } from '../transfer/send-csv.ts';
import { exportAccess } from './export.ts';
import { accessFilterOf, accessShape } from './filter.ts';
import type { AccessPlace } from './queries.ts';
import { readAccess } from './queries.ts';

const exportQuery = z.strictObject(accessShape);
const listQuery = z.strictObject({
  ...accessShape,
  ...pageShape(readPlace, { usual: 50, most: 200 }),
});

const row = z.object({
  id: z.string(),
  at: time,
  what: z.enum(accessVerbs),
  actor: actorShape.optional(),
  who: z.string().optional(),
  verb: z.string().optional().meta({ description: 'Of a change: the command.' }),
  kind: z.string().optional(),
  record: z.string().optional(),
  name: z.string().optional().meta({ description: 'What the record is called now.' }),
  detail: z.string().optional(),
  why: z.string().optional(),
  address: z.string().optional(),
});

/** The log is of the whole organization: who is limited to branches would read of the others in it. */
const refusalOf = (who: Principal): WireError | undefined =>
  mayUse(who, 'access.read', { branch: '*' })
    ? undefined
    : wireError('forbidden', 'The access log is of all branches, and you are limited to some. Ask an admin of all.');

/** Who saw and who changed what. */
export function accessEndpoints(parts: { connection: Connection; journal: Journal; clock: Clock }): Endpoint[] {
  const { connection, journal, clock } = parts;
  return [
    endpoint({
      method: 'get',
      path: '/api/access',
      tag: 'Access log',
      summary: 'Read who saw and who changed what',
      description:
        'Newest first. All filters given must hold. Pages follow each other by `cursor`. A page with `searchedTo` ends there because looking on would take long; `next` goes on.',
      access: 'access.read',
      told: { what: 'read', kind: 'access' },
      query: listQuery,
      answer: {
        status: 200,
        description: 'One page.',
        schema: z.object({ rows: z.array(row), next: z.string().optional(), searchedTo: time.optional() }),
      },
      handle: async ({ who, query: { limit, cursor: before, ...given } }) => {
        const refusal = refusalOf(who);
        if (refusal) return refusal;
        const state = await journal.org(who.org);
        const filter = await accessFilterOf(connection, state, given);
        if (!filter) return ok({ rows: [] });
        const { next, ...page } = await readAccess(parts, state, filter, { before, limit });
        return ok({ ...page, ...(next ? { next: writePlace(next) } : {}) });
      },
    }),
    endpoint({
      method: 'get',
      path: '/api/access/export.csv',
      tag: 'Access log',
      summary: 'Export the access log as CSV',
      description: 'Every line that the list shows with the same parameters, newest first.',
      access: 'access.read',
      told: { what: 'exported', kind: 'access' },
      query: exportQuery,
      answer: { status: 200, description: 'The file, as it is being made.', type: 'text/csv' },
      respond: async (request, response, who) => {
        const refusal = refusalOf(who!);
        if (refusal) return sendError(response, refusal);
        const query = exportQuery.safeParse(request.query);
        if (!query.success) return sendError(response, shapeError(query.error));
        const state = await journal.org(who!.org);
        const zone = state.get('organization', who!.org)?.timeZone ?? 'UTC';
        const filter = await accessFilterOf(connection, state, query.data);
        const text = exportAccess(parts, state, filter);
        await sendCsv(response, { name: `access-log-${dateOf(clock.now(), zone)}.csv`, text });
      },
    }),
  ];
}

const writePlace = ({ seq, at, id }: AccessPlace): string =>
  Buffer.from(JSON.stringify([seq, at, id])).toString('base64url');

function readPlace(cursor: string): AccessPlace | undefined {
  try {
    const [seq, at, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as unknown[];
    const known = Number.isSafeInteger(seq) && Number.isSafeInteger(at) && typeof id === 'string' && id.length <= 36;
    return known ? { seq: seq as number, at: at as number, id } : undefined;
  } catch {
    return undefined;
  }
}

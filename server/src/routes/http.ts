import type { Connection } from 'mongoose';
import { z } from 'zod';
import { audienceOf, seesAny, viewOfAny } from '@opsboard/shared/protocol/audiences';
import { wireError } from '@opsboard/shared/protocol/errors';
import { id } from '@opsboard/shared/protocol/scalars';
import { route } from '@opsboard/shared/routes/schema';
import { routeStatuses } from '@opsboard/shared/routes/words';
import { timelineOf } from '../history/queries.ts';
import type { Endpoint } from '../ingress/endpoint.ts';
import { endpoint, ok } from '../ingress/endpoint.ts';
import { archivedInstead, day, pageShape, several } from '../ingress/list-parameters.ts';
import { sendError } from '../ingress/error.ts';
import { shapeError } from '../ingress/issues.ts';
import { entryShape } from '../ingress/shapes.ts';
import type { Journal } from '../journal/journal.ts';
import { readRecord } from '../journal/read-record.ts';
import { readCursor, writeCursor } from '../platform/cursor.ts';
import type { Clock } from '../platform/clock.ts';
import { sendCsv } from '../transfer/send-csv.ts';
import { exportRoutes } from './export.ts';
import { listRoutes } from './queries.ts';

/** Routes are listed by their day: a place among them names one. */
const readPlace = (cursor: string): { day: string; id: string } | undefined => {
  const place = readCursor(cursor);
  return typeof place?.value === 'string' ? { day: place.value, id: place.id } : undefined;
};

const filterShape = {
  from: day('First day, as `2026-12-24`.'),
  to: day('Last day.'),
  status: several(z.enum(routeStatuses)).optional(),
  driver: several(id).optional(),
  branch: several(id).optional(),
};
const listQuery = z.strictObject({
  ...filterShape,
  archived: archivedInstead('`true`: the routes that were finished or cancelled a while ago, instead of the others.'),
  ...pageShape(readPlace, { usual: 100, most: 200 }),
});

const exportQuery = z.strictObject({
  ...filterShape,
  archived: z
    .enum(['true', 'false', 'all'])
    .default('false')
    .transform((text) => (text === 'all' ? text : text === 'true'))
    .meta({ description: '`true`: the archived ones instead of the others; `all`: both.' }),
});

const missing = () => wireError('not_found', 'There is no such route among those you can see.');

/** Reading routes. They are changed by commands only. */
export function routeEndpoints(options: { connection: Connection; journal: Journal; clock: Clock }): Endpoint[] {
  const { connection, journal, clock } = options;
  const params = z.strictObject({ id });
  return [
    endpoint({
      method: 'get',
      path: '/api/routes',
      tag: 'Routes',
      summary: 'List routes',
      description:
        'All filters given must hold; the latest day comes first. Pages follow each other by `cursor`; a page without `next` is the last. A driver gets their own.',
      access: 'routes.read',
      query: listQuery,
      answer: {
        status: 200,
        description: 'One page, in order.',
        schema: z.object({ routes: z.array(route), next: z.string().optional() }),
      },
      handle: async ({ who, query }) => {
        const { limit, cursor: after, from, to, archived, status = [], driver = [], branch = [] } = query;
        const state = await journal.org(who.org);
        const filter = { from, to, archived, status, driver, branch };
        const page = await listRoutes(connection, state, audienceOf(who), filter, { after, limit });
        return ok({
          routes: page.routes,
          ...(page.next ? { next: writeCursor({ value: page.next.day, id: page.next.id }) } : {}),
        });
      },
    }),
    endpoint({
      method: 'get',
      path: '/api/routes/export.csv',
      tag: 'Routes',
      summary: 'Export routes as CSV',
      description:
        'Every route that the list shows with the same parameters, the latest day first, a row each. `X-Total-Rows` says how many rows there will be: fewer mean that the file was cut short. Text that a spreadsheet would run as a formula begins with an apostrophe.',
      access: 'routes.read',
      told: { what: 'exported', kind: 'route' },
      query: exportQuery,
      answer: { status: 200, description: 'The file, as it is being made.', type: 'text/csv' },
      respond: async (request, response, who) => {
        const query = exportQuery.safeParse(request.query);
        if (!query.success) return sendError(response, shapeError(query.error));
        const { status = [], driver = [], branch = [], ...given } = query.data;
        const filter = { ...given, status, driver, branch };
        const state = await journal.org(who!.org);
        await sendCsv(response, await exportRoutes(connection, state, audienceOf(who!), filter, clock.now()));
      },
    }),
    endpoint({
      method: 'get',
      path: '/api/routes/:id',
      tag: 'Routes',
      summary: 'Read one route',
      access: 'routes.read',
      told: { what: 'read', kind: 'route', id: 'id' },
      params,
      answer: { status: 200, description: 'The route, archived or not.', schema: z.object({ route }) },
      errors: ['not_found'],
      handle: async ({ who, params: { id: asked } }) => {
        const state = await journal.org(who.org);
        const found = await readRecord(connection, state, 'route', asked);
        const seen = found && viewOfAny(audienceOf(who), 'route', found);
        return seen ? ok({ route: seen }) : missing();
      },
    }),
    endpoint({
      method: 'get',
      path: '/api/routes/:id/timeline',
      tag: 'Routes',
      summary: 'Read what happened on a route',
      access: 'routes.read',
      params,
      answer: {
        status: 200,
        description: 'Its journal entries, oldest first.',
        schema: z.object({ entries: z.array(entryShape) }),
      },
      errors: ['not_found'],
      handle: async ({ who, params: { id: asked } }) => {
        const state = await journal.org(who.org);
        const found = await readRecord(connection, state, 'route', asked);
        const audience = audienceOf(who);
        if (!found || !seesAny(audience, 'route', found)) return missing();
        const entries = await journal.entriesOfRecord(who.org, 'route', asked, { limit: 2_000 });
        return ok({ entries: timelineOf(audience, 'route', found, entries) });
      },
    }),
  ];
}

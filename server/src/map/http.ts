import type { Connection } from 'mongoose';
import { z } from 'zod';
import type { City } from '@opsboard/shared/geo/city';
import type { MapBase } from '@opsboard/shared/geo/base';
import { wireError } from '@opsboard/shared/protocol/errors';
import type { Endpoint } from '../ingress/endpoint.ts';
import { endpoint, ok } from '../ingress/endpoint.ts';
import { sendError } from '../ingress/error.ts';
import type { Tiles } from './tiles.ts';
import { largestPiece, pieceOf } from './tiles.ts';

/** The invented city of a demo organization, as the seed left it. */
export type StoredCity = { _id: 'city'; org: string; city: City };

/** What the board's maps are drawn on. */
export type MapGround = { style?: string | undefined; tiles?: Tiles | undefined };

/** The base map: which one there is, and what of it the board serves itself. */
export function mapEndpoints({ ground, connection }: { ground: MapGround; connection: Connection }): Endpoint[] {
  const cities = () => connection.collection<StoredCity>('meta');
  return [
    endpoint({
      method: 'get',
      path: '/api/map',
      tag: 'Map',
      summary: 'What maps are drawn on',
      description:
        'The address of a MapLibre style or of a PMTiles file in Protomaps’ schema, where one is set. Without either, maps show land and borders. `city`: the invented streets of the demo world.',
      access: 'signed_in',
      answer: {
        status: 200,
        description: 'Addresses; those that do not apply are absent.',
        schema: z.object({ style: z.string().optional(), tiles: z.string().optional(), city: z.string().optional() }),
      },
      handle: async ({ who }) => {
        if (ground.style !== undefined) return ok({ style: ground.style } satisfies MapBase);
        if (ground.tiles) return ok({ tiles: '/api/map/tiles' } satisfies MapBase);
        const city = await cities().findOne({ _id: 'city', org: who.org }, { projection: { _id: 1 } });
        return ok((city ? { city: '/api/map/city' } : {}) satisfies MapBase);
      },
    }),
    endpoint({
      method: 'get',
      path: '/api/map/city',
      tag: 'Map',
      summary: 'The invented city of the demo world',
      description: 'Crossings as [longitude, latitude], roads as runs of crossings by index, areas and names.',
      access: 'signed_in',
      answer: { status: 200, description: 'The city.', type: 'application/json' },
      errors: ['not_found'],
      handle: async ({ who }) => {
        const stored = await cities().findOne({ _id: 'city', org: who.org });
        if (!stored) return wireError('not_found', 'This organization has no invented city: it works in a real one.');
        return ok(stored.city);
      },
    }),
    endpoint({
      method: 'get',
      path: '/api/map/tiles',
      tag: 'Map',
      summary: 'Read a piece of the organization’s own map',
      description: `The PMTiles file that \`MAP_PMTILES\` names, in pieces: ask with \`Range: bytes=from-to\`, at most ${largestPiece / 1024 / 1024} MB at once.`,
      access: 'signed_in',
      answer: { status: 206, description: 'The bytes that were asked for.', type: 'application/vnd.pmtiles' },
      errors: ['not_found', 'bad_request'],
      respond: async (request, response) => {
        const { tiles } = ground;
        if (!tiles) return sendError(response, wireError('not_found', 'No map file is set. MAP_PMTILES names one.'));
        const piece = pieceOf(request.headers.range, tiles.size);
        if (!piece || piece.length > largestPiece) {
          const message = 'Ask for a piece of the file with Range: bytes=from-to, at most 8 MB at once.';
          return sendError(response, wireError('bad_request', message));
        }
        const bytes = await tiles.read(piece.start, piece.length);
        response.status(206);
        response.setHeader('Content-Type', 'application/vnd.pmtiles');
        response.setHeader('Content-Range', `bytes ${piece.start}-${piece.start + bytes.length - 1}/${tiles.size}`);
        response.setHeader('Accept-Ranges', 'bytes');
        response.setHeader('ETag', tiles.etag);
        response.setHeader('Cache-Control', 'private, max-age=3600');
        response.end(bytes);
      },
    }),
  ];
}

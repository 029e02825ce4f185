import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { audienceKey, audienceOf } from '@opsboard/shared/protocol/audiences';
import type { WireError } from '@opsboard/shared/protocol/errors';
import type { CatchUp } from '@opsboard/shared/protocol/frames';
import { protocolVersion } from '@opsboard/shared/protocol/frames';
import type { Endpoint } from '../ingress/endpoint.ts';
import { endpoint } from '../ingress/endpoint.ts';
import { sendError, tooMany, unavailable } from '../ingress/error.ts';
import { shapeError } from '../ingress/issues.ts';
import type { Bucket, Rate } from '../ingress/rate-limit.ts';
import { createBucket } from '../ingress/rate-limit.ts';
import type { Clock } from '../platform/clock.ts';
import type { Live } from './live.ts';
import type { Encoding } from './snapshots.ts';

const seq = z
  .string()
  .regex(/^\d{1,15}$/, 'must be a whole number')
  .transform(Number);

/** Below this many bytes compressing costs more than it saves. */
const worthCompressing = 1_000;

/** Questions of one person, on this process: room for a room full of screens that come back together, more than once. */
const usualRate: Rate = { burst: 2_000, perSecond: 20 };
/** People whose rate is remembered; the longest silent ones are forgotten, with a full bucket. */
const mostPeople = 10_000;

/** Whole state and missed frames, for clients that begin or come back. Answers are as the asker sees the records. */
export function liveEndpoints({
  live,
  clock,
  rate = usualRate,
}: {
  live: Live;
  clock: Clock;
  rate?: Rate;
}): Endpoint[] {
  const buckets = new Map<string, Bucket>();
  const held = (person: string): WireError | undefined => {
    const bucket = buckets.get(person) ?? createBucket(rate, clock);
    buckets.delete(person);
    buckets.set(person, bucket);
    if (buckets.size > mostPeople) buckets.delete(buckets.keys().next().value!);
    const wait = bucket.take();
    return wait > 0 ? tooMany(wait) : undefined;
  };
  const snapshotQuery = z.strictObject({
    atLeast: seq.optional().describe('A `seq` that the answer must have reached'),
  });
  const catchUpQuery = z.strictObject({
    from: seq.describe('The `seq` that the asker stands at'),
    epoch: z.string().max(60).optional().describe('The `epoch` its state is of'),
    audience: z.string().max(20_000).optional().describe('The audience its state was made for'),
  });
  return [
    endpoint({
      method: 'get',
      path: '/api/live/snapshot',
      tag: 'Live',
      summary: 'The live set as you see it',
      description: 'By columns: see `decodeSnapshot`. Frames on the socket continue it from its `seq`.',
      access: 'signed_in',
      query: snapshotQuery,
      answer: { status: 200, description: 'The live set at its `seq`.', type: 'application/json' },
      errors: ['unavailable', 'too_many_requests'],
      respond: async (request, response, who) => {
        const query = snapshotQuery.safeParse(request.query);
        if (!query.success) return sendError(response, shapeError(query.error));
        const refusal = held(who!.id);
        if (refusal) return sendError(response, refusal);
        const audience = audienceOf(who!);
        const shot = await live.snapshot(audience, query.data.atLeast ?? 0);
        if (!shot) return sendError(response, unavailable());
        const etag = `"${protocolVersion}-${live.epoch}-${shot.seq}-${hash(audienceKey(audience))}"`;
        response.setHeader('ETag', etag);
        response.setHeader('Cache-Control', 'private, no-cache');
        return sendJson(request, response, shot.size, shot.body, etag);
      },
    }),
    endpoint({
      method: 'get',
      path: '/api/live/catch-up',
      tag: 'Live',
      summary: 'What you missed since a seq',
      description:
        'One frame with everything after `from`, or `{"snapshot": true}` when a snapshot is smaller or the only way.',
      access: 'signed_in',
      query: catchUpQuery,
      answer: { status: 200, description: 'A frame, or the advice to take a snapshot.', type: 'application/json' },
      errors: ['unavailable', 'too_many_requests'],
      respond: async (request, response, who) => {
        const query = catchUpQuery.safeParse(request.query);
        if (!query.success) return sendError(response, shapeError(query.error));
        const refusal = held(who!.id);
        if (refusal) return sendError(response, refusal);
        const audience = audienceOf(who!);
        const { from, epoch = live.epoch, audience: given } = query.data;
        const head = { epoch: live.epoch, audience: audienceKey(audience) };
        const fresh = epoch === head.epoch && (given === undefined || given === head.audience);
        const caught = fresh ? await live.catchUp(audience, from) : 'snapshot';
        if (caught === 'unavailable') return sendError(response, unavailable());
        response.setHeader('Cache-Control', 'no-store');
        if (caught !== 'snapshot') return sendJson(request, response, caught.size, caught.body);
        response.status(200).json({ snapshot: true, ...head } satisfies CatchUp);
      },
    }),
  ];
}

async function sendJson(
  request: Request,
  response: Response,
  size: number,
  body: (encoding: Encoding) => Promise<Buffer>,
  etag?: string,
): Promise<void> {
  response.setHeader('Vary', 'Accept-Encoding, Cookie');
  if (etag !== undefined && request.headers['if-none-match'] === etag) {
    response.status(304).end();
    return;
  }
  const encoding = size < worthCompressing ? 'identity' : encodingFor(request.headers['accept-encoding']);
  const bytes = await body(encoding);
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  if (encoding !== 'identity') response.setHeader('Content-Encoding', encoding);
  response.setHeader('Content-Length', bytes.length);
  response.status(200).end(bytes);
}

/** The best encoding that an `Accept-Encoding` header allows. */
export function encodingFor(header: string | string[] | undefined): Encoding {
  const allowed = new Set<string>();
  for (const part of String(header ?? '')
    .toLowerCase()
    .split(',')) {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim());
    const weight = parameters.find((text) => text.startsWith('q='));
    if (weight === undefined || Number(weight.slice(2)) > 0) allowed.add(name);
  }
  return allowed.has('br') ? 'br' : allowed.has('gzip') ? 'gzip' : 'identity';
}

/** The audience's key names branches and people: it does not belong into a header as it is. */
const hash = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 16);

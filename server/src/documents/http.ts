import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import type { Connection } from 'mongoose';
import { z } from 'zod';
import { audienceOf } from '@opsboard/shared/protocol/audiences';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { wireError } from '@opsboard/shared/protocol/errors';
import { id } from '@opsboard/shared/protocol/scalars';
import type { Batch } from '@opsboard/shared/batches/schema';
import { partId } from '@opsboard/shared/batches/scalars';
import { maxParts } from '@opsboard/shared/batches/steps';
import { readBatch } from '../batches/queries.ts';
import type { Endpoint } from '../ingress/endpoint.ts';
import { endpoint } from '../ingress/endpoint.ts';
import { sendError, tooMany } from '../ingress/error.ts';
import { shapeError } from '../ingress/issues.ts';
import type { Journal } from '../journal/journal.ts';
import type { Caller } from '../keys/keys.ts';
import type { Clock } from '../platform/clock.ts';
import type { Pdf } from './document.ts';
import { makeLabels } from './labels.ts';
import { makeManifest } from './manifest.ts';
import { labelSheetNames, labelSheets, labelsOn, paperNames } from './paper.ts';
import { isSealed, readLabels, readManifest, readPartLabels } from './queries.ts';
import { createTurns } from './turns.ts';

const params = z.strictObject({ id });
const manifestQuery = z.strictObject({
  size: z.enum(paperNames).default('a4').meta({ description: 'The sheet of paper.' }),
});
/** Part IDs, repeated or separated by commas. */
const partList = (most: number) =>
  z.preprocess((given) => (typeof given === 'string' ? given.split(',') : given), z.array(partId).min(1).max(most));
const sheetQuery = {
  size: z.enum(labelSheetNames).default('a4').meta({
    description:
      'The sheet of labels: `a4` 3 × 8 of 63.5 × 33.9 mm, `letter` 3 × 10 of 2.625 × 1 in, `roll` one of 57 × 32 mm to a page.',
  }),
  from: z.coerce.number().int().min(1).default(1).meta({
    description: 'The first free label of the first sheet, counted along the rows: a started sheet is used up.',
  }),
};
const labelsQuery = z.strictObject({
  ...sheetQuery,
  part: partList(maxParts).optional().meta({
    description: 'Labels of these parts only: repeat the parameter, or separate part IDs by commas.',
  }),
});
/** Labels that are printed at once for parts of any batches or none: an address is no longer than 16 kB. */
const mostLabelled = 200;
const partLabelsQuery = z.strictObject({
  ...sheetQuery,
  parts: partList(mostLabelled).meta({ description: 'The parts: part IDs, separated by commas.' }),
});

const missing = (): WireError => wireError('not_found', 'There is no such batch among those you can see.');

/**
 * What a PDF viewer inside the browser needs; nothing else may run or be loaded. The page's own policy forbids plug-ins,
 * and some browsers count their viewer among them.
 */
const policy = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'";

/** The papers of batches and parts, made when they are asked for. */
export function documentEndpoints(options: { connection: Connection; journal: Journal; clock: Clock }): Endpoint[] {
  const { connection, journal, clock } = options;

  /** The batch that was asked for, for whom, and the query; or undefined after a refusal was sent. */
  async function asked<Q extends z.ZodType>(request: Request, response: Response, who: Caller, shape: Q) {
    const named = params.safeParse(request.params);
    if (!named.success) return void sendError(response, missing());
    const query = shape.safeParse(request.query);
    if (!query.success) return void sendError(response, shapeError(query.error));
    const state = await journal.org(who.org);
    const audience = audienceOf(who);
    const batch = await readBatch(connection, state, audience, named.data.id);
    if (!batch) return void sendError(response, missing());
    return { batch, query: query.data, source: { connection, state, audience } };
  }

  return [
    endpoint({
      method: 'get',
      path: '/api/batches/:id/manifest.pdf',
      tag: 'Documents',
      summary: 'Print the manifest of a service batch',
      description:
        'With QR codes of the batch (its reference) and of each part (its part ID), counts, and lines to sign on. A draft has none: seal it first.',
      access: 'batches.read',
      told: { what: 'printed', kind: 'batch', id: 'id' },
      params,
      query: manifestQuery,
      answer: { status: 200, description: 'The manifest as of now.', type: 'application/pdf' },
      errors: ['not_found', 'not_sealed', 'too_many_requests'],
      respond: async (request, response, who) => {
        const found = await asked(request, response, who!, manifestQuery);
        if (!found) return;
        const { batch, query, source } = found;
        if (!isSealed(batch)) return sendError(response, notSealed(batch));
        const data = await readManifest(source, batch, clock.now());
        await send(response, `Manifest ${batch.reference}`, (onOpen, wanted) =>
          makeManifest(data, query.size, onOpen, wanted),
        );
      },
    }),
    endpoint({
      method: 'get',
      path: '/api/batches/:id/labels.pdf',
      tag: 'Documents',
      summary: 'Print labels for the parts of a service batch',
      description: 'With a QR code of the part ID. Without `part`, all parts that are not lost or scrapped.',
      access: 'batches.read',
      told: { what: 'printed', kind: 'batch', id: 'id' },
      params,
      query: labelsQuery,
      answer: { status: 200, description: 'Sheets of labels.', type: 'application/pdf' },
      errors: ['not_found', 'no_parts', 'part_not_in_batch', 'too_many_requests'],
      respond: async (request, response, who) => {
        const found = await asked(request, response, who!, labelsQuery);
        if (!found) return;
        const { batch, source } = found;
        const { size, part, from } = found.query;
        const refusal = labelRefusal(batch, labelsOn(labelSheets[size]), part, from);
        if (refusal) return sendError(response, refusal);
        const data = await readLabels(source, batch, part, clock.now());
        if (data.parts.length === 0) return sendError(response, noParts(batch));
        await send(response, `Labels ${batch.reference}`, (onOpen, wanted) =>
          makeLabels(data, size, from, onOpen, wanted),
        );
      },
    }),
    endpoint({
      method: 'get',
      path: '/api/parts/labels.pdf',
      tag: 'Documents',
      summary: 'Print labels for parts on record',
      description:
        'With a QR code of the part ID, what the part is and whose it is; no batch is needed, and none is named. Archived ones are printed too.',
      access: 'parts.read',
      told: { what: 'printed', kind: 'part', detail: 'parts' },
      query: partLabelsQuery,
      answer: { status: 200, description: 'Sheets of labels.', type: 'application/pdf' },
      errors: ['not_found', 'too_many_requests'],
      respond: async (request, response, who) => {
        const query = partLabelsQuery.safeParse(request.query);
        if (!query.success) return sendError(response, shapeError(query.error));
        const { size, parts, from } = query.data;
        const refusal = startRefusal(labelsOn(labelSheets[size]), from);
        if (refusal) return sendError(response, refusal);
        const source = { connection, state: await journal.org(who!.org), audience: audienceOf(who!) };
        const data = await readPartLabels(source, parts, clock.now());
        if ('missing' in data) return sendError(response, notOnRecord(data.missing));
        await send(response, 'Part labels', (onOpen, wanted) => makeLabels(data, size, from, onOpen, wanted));
      },
    }),
  ];
}

function notSealed(batch: Batch): WireError {
  const { reference } = batch;
  return batch.cancelledAt === undefined
    ? wireError('not_sealed', `${reference} is a draft: its parts may still change. Seal it, then print the manifest.`)
    : wireError('not_sealed', `${reference} was cancelled before it was sealed: there is nothing to hand over.`);
}

const noParts = (batch: Batch): WireError =>
  Object.keys(batch.parts).length === 0
    ? wireError('no_parts', `${batch.reference} has no parts yet. Add some, then print their labels.`)
    : wireError(
        'no_parts',
        `No part of ${batch.reference} is left to label: all are lost or scrapped. Name those you want.`,
      );

function notOnRecord(missing: readonly string[]): WireError {
  const [first] = missing;
  const others = missing.length === 1 ? ' is' : ` and ${missing.length - 1} more are`;
  return wireError('not_found', `${first}${others} not on record. Describe it first, or print it from its batch.`, {
    field: 'parts',
    details: { parts: missing.slice(0, 20) },
  });
}

function startRefusal(perSheet: number, from: number): WireError | undefined {
  if (from <= perSheet) return undefined;
  const message =
    perSheet === 1 ? 'On a roll every label is the first one.' : `A sheet of this size has ${perSheet} labels.`;
  return wireError('bad_request', `${message} Choose "from" among them.`, { field: 'from' });
}

function labelRefusal(
  batch: Batch,
  perSheet: number,
  wanted: readonly string[] | undefined,
  from: number,
): WireError | undefined {
  const refusal = startRefusal(perSheet, from);
  if (refusal) return refusal;
  const strange = wanted?.filter((part) => !Object.hasOwn(batch.parts, part)) ?? [];
  if (strange.length === 0) return undefined;
  const [first] = strange;
  const others = strange.length === 1 ? '' : ` and ${strange.length - 1} more`;
  return wireError(
    'part_not_in_batch',
    `${first}${others} is not in ${batch.reference}. Leave it out, or add it first.`,
    {
      field: 'part',
      details: { parts: strange.slice(0, 20) },
    },
  );
}

/** Two at once keep a core busy while one of them waits for the database; a room full of people prints no more than this. */
const turns = createTurns(2, 20);

/** Sends a document when it is its turn, while it is made. Who goes away before the end stops it. */
async function send(
  response: Response,
  name: string,
  make: (onOpen: (pdf: Pdf) => void, wanted: () => boolean) => Promise<void>,
): Promise<void> {
  const turn = turns.take();
  if (!turn) return sendError(response, tooMany(10_000));
  const leave = await turn;
  let sent: Promise<void> | undefined;
  const start = (pdf: Pdf): void => {
    response.status(200);
    response.setHeader('Content-Type', 'application/pdf');
    response.setHeader('Content-Disposition', `inline; filename="${name}.pdf"`);
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('Content-Security-Policy', policy);
    sent = pipeline(pdf, response).catch((error: unknown) => {
      // Nobody waits for it any more: that is no failure of ours.
      if ((error as { code?: string }).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
    });
    // Looked at below; until then it is not unheard of.
    sent.catch(() => undefined);
  };
  try {
    if (!response.destroyed) await make(start, () => !response.destroyed);
  } catch (error) {
    // Half a document must not look like a whole one.
    if (response.headersSent) response.destroy();
    throw error;
  } finally {
    leave();
  }
  if (!response.destroyed) await sent;
}

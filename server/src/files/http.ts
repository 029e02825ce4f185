import type { Connection } from 'mongoose';
import { z } from 'zod';
import { wireError } from '@opsboard/shared/protocol/errors';
import { id } from '@opsboard/shared/protocol/scalars';
import type { Journal } from '../journal/journal.ts';
import type { Endpoint } from '../ingress/endpoint.ts';
import { endpoint, ok } from '../ingress/endpoint.ts';
import { sendError } from '../ingress/error.ts';
import { withoutMetadata } from './strip.ts';
import { isSoundPng, largestSide, pictureOf } from './image.ts';
import { maySee } from './sight.ts';
import type { Files } from './store.ts';
import { largestFile } from './store.ts';

const params = z.strictObject({ id });
const base64 = z.base64().max(Math.ceil(largestFile / 3) * 4);

/** Files up, then named by a command; and down again, to the organization's own people. */
export function fileEndpoints({
  files,
  journal,
  connection,
}: {
  files: Files;
  journal: Journal;
  connection: Connection;
}): Endpoint[] {
  return [
    endpoint({
      method: 'post',
      path: '/api/files',
      tag: 'Files',
      summary: 'Upload a picture, to be named by a command afterwards',
      description: `PNG, JPEG or WebP, at most ${largestFile / 1024} KB and ${largestSide} pixels on a side. The type is read from the bytes. SVG is refused: it can carry scripts. What stands in the file besides the picture is left out: where and when it was taken, by which device, texts. The same file under the same id may be sent again. What no record names is deleted after 90 days.`,
      access: 'files.write',
      bodyLimit: 768 * 1024,
      body: z.strictObject({
        id,
        data: base64.meta({ description: 'The bytes, in base64.' }),
      }),
      answer: {
        status: 200,
        description: 'What came.',
        schema: z.object({ id, type: z.string(), size: z.int(), width: z.int(), height: z.int() }),
      },
      errors: ['already_exists', 'too_large'],
      handle: async ({ who, body }) => {
        const bytes = Buffer.from(body.data, 'base64');
        if (bytes.length > largestFile)
          return wireError('too_large', `The file is larger than ${largestFile / 1024} KB. Make it smaller.`);
        const picture = pictureOf(bytes);
        if (typeof picture === 'string') return wireError('bad_request', picture, { field: 'data' });
        if (picture.type === 'image/png' && !(await isSoundPng(bytes)))
          return wireError('bad_request', 'This picture is damaged. Save it again as PNG.', { field: 'data' });
        const bare = withoutMetadata(bytes, picture.type);
        if (!bare) return wireError('bad_request', 'This picture is damaged. Save it again.', { field: 'data' });
        const kept = await files.put(who.org, body.id, { type: picture.type, bytes: bare }, who.id);
        if (kept === 'taken')
          return wireError('already_exists', 'Another file has this id. Send it with a new one.', { field: 'id' });
        return ok({ id: body.id, size: bare.length, ...picture });
      },
    }),
    endpoint({
      method: 'get',
      path: '/api/files/:id',
      tag: 'Files',
      summary: 'Read a file',
      description:
        'The logo is everybody’s; a picture or signature of a route is for those who see the route, at a desk or as its driver, and for whoever sent it. A file never changes, so it may be kept by the browser.',
      access: 'files.read',
      params,
      answer: { status: 200, description: 'The file.', type: 'image/png' },
      errors: ['not_found'],
      respond: async (request, response, who) => {
        const given = params.safeParse(request.params);
        const file = given.success ? await files.get(who!.org, given.data.id) : undefined;
        if (!given.success || !file || !(await maySee({ journal, connection }, who!, given.data.id, file)))
          return sendError(response, wireError('not_found', 'There is no such file among those you can see.'));
        response.status(200);
        response.setHeader('Content-Type', file.type);
        response.setHeader('X-Content-Type-Options', 'nosniff');
        // Opened by itself it is a picture, and may do nothing.
        response.setHeader('Content-Security-Policy', "default-src 'none'; sandbox");
        response.setHeader('Content-Disposition', 'inline; filename="picture"');
        response.setHeader('Cache-Control', 'private, max-age=31536000, immutable');
        response.end(file.bytes);
      },
    }),
  ];
}

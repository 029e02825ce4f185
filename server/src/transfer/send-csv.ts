import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';

/** A list as a file: how many rows it will have, and its text piece by piece. */
export type Export = { total: number; name: string; text: AsyncIterable<string> };

/**
 * Sends a file while it is being made. How many rows there will be is said before, where it is known: fewer mean that it
 * was cut short.
 */
export async function sendCsv(
  response: Response,
  { total, name, text }: Omit<Export, 'total'> & { total?: number },
): Promise<void> {
  response.status(200);
  response.setHeader('Content-Type', 'text/csv; charset=utf-8');
  response.setHeader('Content-Disposition', `attachment; filename="${name}"`);
  response.setHeader('Cache-Control', 'no-store');
  if (total !== undefined) response.setHeader('X-Total-Rows', String(total));
  // A failure on the way breaks the connection off: a file that ends too early must not look whole.
  await pipeline(Readable.from(text, { objectMode: false }), response).catch((error: unknown) => {
    if (response.writable) response.destroy();
    if ((error as { code?: string }).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  });
}

/** A file's name from words that say which list it is: `batches-2026-11-21-at-center.csv`. */
export function fileNameOf(words: readonly string[]): string {
  const slug = words.map((word) =>
    word
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, ''),
  );
  return `${slug.filter(Boolean).join('-').slice(0, 100).replace(/-$/, '')}.csv`;
}

import { describe, expect, it, vi } from 'vitest';
import { download, rowCounter } from './download.ts';

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

describe('counting rows', () => {
  it.each([
    ['\ufeffA,B\r\n', 0],
    ['A,B\r\n1,2\r\n3,4\r\n', 2],
    ['A\r\n"one\r\ncell"\r\n', 1],
    ['A\r\n"a ""quoted"" word\n"\r\nx\r\n', 2],
    ['', 0],
  ])('%j has %i', (text, rows) => {
    const counter = rowCounter();
    counter.add(bytes(text));
    expect(counter.rows).toBe(rows);
  });

  it('does not care where the pieces are cut', () => {
    const text = bytes('A,B\r\n"x ""y""\r\nz",2\r\n3,"4\n"\r\n');
    for (let cut = 0; cut <= text.length; cut++) {
      const counter = rowCounter();
      counter.add(text.subarray(0, cut));
      counter.add(text.subarray(cut));
      expect(counter.rows).toBe(2);
    }
  });
});

describe('downloading', () => {
  const headers = { 'x-total-rows': '2', 'content-disposition': 'attachment; filename="batches-today.csv"' };
  const answering = (pieces: readonly (string | Error)[], init: ResponseInit = { headers }): typeof fetch =>
    vi.fn(() => {
      const left = [...pieces];
      const body = new ReadableStream<Uint8Array>({
        pull: (controller) => {
          const piece = left.shift();
          if (piece === undefined) controller.close();
          else if (piece instanceof Error) controller.error(piece);
          else controller.enqueue(bytes(piece));
        },
      });
      return Promise.resolve(new Response(body, init));
    });
  const run = async (fetch: typeof globalThis.fetch, signal = new AbortController().signal) => {
    const seen: [number, number][] = [];
    return { result: await download('/x', { fetch, signal, onProgress: (...at) => seen.push(at) }), seen };
  };

  it('hands over what came whole, and tells how far it is', async () => {
    const { result, seen } = await run(answering(['A\r\n1\r\n', '2\r\n']));
    expect(result).toMatchObject({ ok: true, name: 'batches-today.csv', rows: 2 });
    expect(result.ok && (await result.file.text())).toBe('A\r\n1\r\n2\r\n');
    expect(seen).toEqual([
      [1, 2],
      [2, 2],
    ]);
  });

  it.each([
    ['ends too early', ['A\r\n1\r\n']],
    ['breaks off', ['A\r\n1\r\n', new TypeError('network error')]],
  ])('says that a file which %s is not whole', async (_how, pieces) => {
    expect((await run(answering(pieces))).result).toEqual({
      ok: false,
      stopped: false,
      message: 'Only 1 of 2 rows arrived, so no file was saved. Export again.',
    });
  });

  it('gives the server’s own words', async () => {
    const refusal = JSON.stringify({ code: 'forbidden', message: 'Ask your admin.' });
    const { result } = await run(answering([refusal], { status: 403 }));
    expect(result).toEqual({ ok: false, stopped: false, message: 'Ask your admin.' });
  });

  it('tells a stop by the person from a failure', async () => {
    const stop = new AbortController();
    stop.abort();
    const { result } = await run(() => Promise.reject(new DOMException('', 'AbortError')), stop.signal);
    expect(result).toMatchObject({ ok: false, stopped: true });
  });
});

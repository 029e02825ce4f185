import type { WireError } from '@opsboard/shared/protocol/errors';

/** A file that came whole, or why it did not. `stopped`: by the person. */
export type Downloaded =
  { ok: true; name: string; file: Blob; rows: number } | { ok: false; stopped: boolean; message: string };

/** Counts the lines of CSV as its bytes come: line ends inside quotes belong to a cell. */
export function rowCounter(): { add(bytes: Uint8Array): void; readonly rows: number } {
  const quote = 0x22;
  const lineEnd = 0x0a;
  let lines = 0;
  let quoted = false;
  return {
    add: (bytes) => {
      for (const byte of bytes) {
        if (byte === quote) quoted = !quoted;
        else if (byte === lineEnd && !quoted) lines++;
      }
    },
    /** Without the names of the columns. */
    get rows() {
      return Math.max(0, lines - 1);
    },
  };
}

/**
 * Fetches a CSV that the server makes while it sends it. The server says beforehand how many rows there will be, so that
 * a file that ends too early is noticed and never handed over as if it were whole.
 */
export async function download(
  path: string,
  options: { signal: AbortSignal; onProgress(rows: number, total: number): void; fetch?: typeof fetch },
): Promise<Downloaded> {
  const get = options.fetch ?? fetch;
  const counter = rowCounter();
  let total = 0;
  try {
    const response = await get(path, { credentials: 'same-origin', cache: 'no-store', signal: options.signal });
    if (!response.ok || !response.body) {
      const error = (await response.json().catch(() => undefined)) as WireError | undefined;
      return { ok: false, stopped: false, message: error?.message ?? `The server answered ${response.status}.` };
    }
    total = Number(response.headers.get('x-total-rows'));
    const name = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1] ?? 'export.csv';
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    const reader = response.body.getReader();
    for (let step = await reader.read(); !step.done; step = await reader.read()) {
      pieces.push(step.value);
      counter.add(step.value);
      options.onProgress(counter.rows, total);
    }
    if (counter.rows !== total) return { ok: false, stopped: false, message: cutShort(counter.rows, total) };
    return { ok: true, name, file: new Blob(pieces, { type: 'text/csv' }), rows: total };
  } catch {
    if (options.signal.aborted) return { ok: false, stopped: true, message: 'The export was stopped.' };
    return {
      ok: false,
      stopped: false,
      message:
        total > 0 ? cutShort(counter.rows, total) : 'The server cannot be reached. Export again when the line is back.',
    };
  }
}

const cutShort = (rows: number, total: number): string =>
  `Only ${rows.toLocaleString('en-GB')} of ${total.toLocaleString('en-GB')} rows arrived, so no file was saved. Export again.`;

/** Hands a file to the person, as a download of the browser. */
export function saveFile(name: string, file: Blob): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser reads it after the click has been dealt with.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

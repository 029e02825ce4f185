import type { WireError } from '@opsboard/shared/protocol/errors';

/** What a call to the server came to: its answer, or the one error shape. */
export type Result<T> = { ok: true; value: T } | { ok: false; error: WireError };

/** How long an answer may take, milliseconds; the person is then told that it did not come. */
const patience = 10_000;

/**
 * Calls the server's HTTP interface. Never throws: a network that fails or an answer that is not ours comes back as
 * `unavailable`, with a sentence for the person.
 *
 * @param wait for work that takes longer, milliseconds
 */
export async function call<T>(
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: unknown,
  wait = patience,
): Promise<Result<T>> {
  try {
    const response = await fetch(path, {
      method,
      credentials: 'same-origin',
      cache: 'no-store',
      signal: AbortSignal.timeout(wait),
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer: unknown = text === '' ? undefined : JSON.parse(text);
    if (response.ok) return { ok: true, value: answer as T };
    return { ok: false, error: isWireError(answer) ? answer : noAnswer(`The server answered ${response.status}.`) };
  } catch (problem) {
    const late = problem instanceof DOMException && problem.name === 'TimeoutError';
    return {
      ok: false,
      error: noAnswer(late ? `The server did not answer within ${wait / 1000} s.` : 'The server cannot be reached.'),
    };
  }
}

const noAnswer = (what: string): WireError => ({
  code: 'unavailable',
  message: `${what} Check the connection, then try again.`,
});

function isWireError(value: unknown): value is WireError {
  return typeof value === 'object' && value !== null && 'code' in value && 'message' in value;
}

import type { WireError } from '@opsboard/shared/protocol/errors';
import { errorTable } from '@opsboard/shared/protocol/errors';
import type { KeptAction, KeptFile } from './kept/action.ts';
import { settledTime } from './kept/action.ts';
import type { Actions } from './kept/actions.ts';
import { waits } from './kept/actions.ts';

/** What became of an attempt to send what waits. */
export type Sent =
  /** Nothing waits any more. */
  | 'all'
  /** The server was not reached, or has no time: to be tried again. */
  | 'unreachable'
  /** The person has to sign in; what waits stays. */
  | 'not_signed_in';

/** What sending needs of the outside; a page and a service worker have the same. */
export type Sending = {
  actions: Actions;
  person: string;
  fetch: typeof fetch;
  newId(now: number): string;
  /** Told after each action that changed. */
  changed(): void;
  /** Says to a person when something was done, as `14:20`. */
  time(at: number): string;
  /** How far the server is ahead of this phone's clock, milliseconds, where the two are speaking right now. */
  offset?: number | undefined;
};

/** How long an answer may take, milliseconds. Pictures on a bad line take longest. */
const patience = { session: 10_000, command: 20_000, file: 90_000 };
/** An action over which the server fails so often is told as refused, so that it does not hold up the rest for ever. */
const mostFailures = 5;

type Reply = { ok: true; body: unknown; date: number | undefined } | { ok: false; error: WireError } | 'unreachable';

/**
 * Sends what waits, one after the other, in the order in which it was done. What the server refuses is put aside, told
 * to the desk, and the rest goes on: each is judged on its own. May be called while another page sends the same: every
 * action acts once, because it keeps its id.
 */
export async function sendAll(sending: Sending): Promise<Sent> {
  const { actions, person } = sending;
  if (!(await actions.all(person)).some(waits)) return 'all';
  let { offset } = sending;
  if (offset === undefined) {
    const asked = Date.now();
    const session = await request(sending, 'GET', '/api/session', undefined, patience.session);
    if (session === 'unreachable' || !session.ok) return stopOf(session);
    const who = (session.body as { person?: { id?: unknown } } | undefined)?.person?.id;
    if (who !== person) return 'not_signed_in';
    // The server's clock to the second, half way between question and answer: as good as it is needed here.
    if (session.date !== undefined) offset = session.date + 500 - (asked + Date.now()) / 2;
  }
  for (;;) {
    const next = (await actions.all(person)).find(waits);
    if (!next) return 'all';
    const outcome = await sendOne(sending, next, offset);
    if (outcome !== undefined) return outcome;
    sending.changed();
  }
}

async function sendOne(sending: Sending, kept: KeptAction, offset: number | undefined): Promise<Sent | undefined> {
  const { actions, person } = sending;
  const settled = (one: KeptAction): number =>
    offset === undefined ? one.doneAt : settledTime(one, offset, Date.now() + offset);
  // Written down before it leaves: should the answer get lost, the same is sent again.
  const action = kept.tried
    ? kept
    : await actions.change(kept.commandId, person, (one) =>
        one.tried ? one : { ...one, doneAt: settled(one), tried: true },
      );
  if (!action) return undefined;
  for (const file of action.files) {
    const sent = await sendFile(sending, file);
    if (sent === 'unreachable' || !sent.ok) return refusedOr(sending, action, sent);
  }
  const { commandId, name, args, doneAt } = action;
  const command = { commandId, name, args, doneAt, ...(kept.tried ? { resend: true } : {}) };
  const reply = await request(sending, 'POST', '/api/commands', command, patience.command);
  if (reply === 'unreachable' || !reply.ok) return refusedOr(sending, action, reply);
  const { seq } = reply.body as { seq?: unknown };
  // Somebody else's answer, as of a hotel's network that wants to be paid.
  if (typeof seq !== 'number') return 'unreachable';
  const at = Date.now();
  await actions.change(commandId, person, (one) => ({ ...one, files: [], acked: { seq, at } }));
  return undefined;
}

async function sendFile(sending: Sending, { id, blob }: KeptFile): Promise<Reply> {
  return request(sending, 'POST', '/api/files', { id, data: base64Of(await blob.arrayBuffer()) }, patience.file);
}

/** What stops the sending; undefined: the action was put aside, and the rest may go on. */
async function refusedOr(
  sending: Sending,
  action: KeptAction,
  reply: Exclude<Reply, { ok: true }>,
): Promise<Sent | undefined> {
  if (reply === 'unreachable') return reply;
  const { error } = reply;
  if (error.code === 'not_signed_in' || errorTable[error.code].retry) return stopOf(reply);
  const { actions, person } = sending;
  if (error.code === 'internal') {
    const failed = (action.failed ?? 0) + 1;
    await actions.change(action.commandId, person, (one) => ({ ...one, failed }));
    if (failed < mostFailures) return 'unreachable';
  }
  await actions.refuse(action, { error, at: Date.now() }, reportOf(sending, action, error));
  return undefined;
}

const stopOf = (reply: Exclude<Reply, { ok: true }>): Sent =>
  reply !== 'unreachable' && reply.error.code === 'not_signed_in' ? 'not_signed_in' : 'unreachable';

/** What tells the desk that an action of a route was refused; undefined where there is no route to tell it on. */
function reportOf(sending: Sending, action: KeptAction, error: WireError): KeptAction | undefined {
  const { name, args, person, said, doneAt } = action;
  if (!name.startsWith('route.') || args['reason'] === 'not_accepted') return undefined;
  const text = `${said}, done at ${sending.time(doneAt)}, was not accepted: ${error.message}`;
  const named = Object.fromEntries(['stop', 'batch'].flatMap((key) => (key in args ? [[key, args[key]]] : [])));
  const now = Math.round(Date.now() + (action.stamp.offset ?? 0));
  return {
    person,
    commandId: sending.newId(now),
    name: 'route.report',
    args: { id: args['id'], problem: sending.newId(now), reason: 'not_accepted', ...named, text: text.slice(0, 1000) },
    said: `Tell the desk: ${said}`,
    doneAt: now,
    stamp: { ...action.stamp, wall: Date.now(), after: doneAt },
    files: [],
  };
}

async function request(
  sending: Sending,
  method: 'GET' | 'POST',
  path: string,
  body: unknown,
  wait: number,
): Promise<Reply> {
  try {
    const response = await sending.fetch(path, {
      method,
      credentials: 'same-origin',
      cache: 'no-store',
      signal: AbortSignal.timeout(wait),
      headers: {
        // Another person may have signed in on this phone: then this is not for the server to do.
        'x-person': sending.person,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    const date = Date.parse(response.headers.get('date') ?? '');
    if (response.ok) return { ok: true, body: answer, date: Number.isNaN(date) ? undefined : date };
    return isWireError(answer) ? { ok: false, error: answer } : 'unreachable';
  } catch {
    return 'unreachable';
  }
}

function isWireError(value: unknown): value is WireError {
  if (typeof value !== 'object' || value === null || !('code' in value) || !('message' in value)) return false;
  return typeof value.code === 'string' && Object.hasOwn(errorTable, value.code);
}

/** In pieces: a call with a hundred thousand arguments overflows the stack. */
function base64Of(bytes: ArrayBuffer): string {
  const all = new Uint8Array(bytes);
  let text = '';
  for (let i = 0; i < all.length; i += 8_192) text += String.fromCharCode(...all.subarray(i, i + 8_192));
  return btoa(text);
}

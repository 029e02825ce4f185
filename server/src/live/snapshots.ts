import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Audience } from '@opsboard/shared/protocol/audiences';
import { audienceKey, viewOf } from '@opsboard/shared/protocol/audiences';
import type { Kind } from '@opsboard/shared/protocol/kinds';
import { allKinds, kinds } from '@opsboard/shared/protocol/kinds';
import { encodeSnapshot } from '@opsboard/shared/protocol/snapshot-encode';
import type { OrgState } from '../journal/org-state.ts';
import type { Clock } from '../platform/clock.ts';

export type Encoding = 'br' | 'gzip' | 'identity';

/** A snapshot in the forms that were asked for. */
export type Shot = { readonly seq: number; readonly size: number; body(encoding: Encoding): Promise<Buffer> };

/** A snapshot this young is given again although the state has moved on, milliseconds: frames bring the rest. */
const reusable = 2_000;
/** Making one that took t is followed by a rest of this many t, however many ask. */
const rest = 2;
/** Snapshots kept, at most, and for how long without being asked for, milliseconds. */
const mostKept = 32;
const keptFor = 60_000;

/** `made` and `asked` by the monotonic clock, `cost` in milliseconds. */
type Kept = { shot: Shot | undefined; making: Promise<void> | undefined; made: number; cost: number; asked: number };

const compress = {
  br: promisify(brotliCompress),
  gzip: promisify(gzip),
};

/** Encodes a body that is sent as it is; compression runs beside the event loop. */
export async function encoded(text: Buffer, encoding: Encoding): Promise<Buffer> {
  if (encoding === 'identity') return text;
  if (encoding === 'gzip') return compress.gzip(text, { level: 6 });
  const { BROTLI_PARAM_QUALITY: quality, BROTLI_PARAM_SIZE_HINT: size, BROTLI_PARAM_MODE: mode } = constants;
  // Above 4, columns take twice the time and get no smaller.
  return compress.br(text, { params: { [quality]: 4, [size]: text.length, [mode]: constants.BROTLI_MODE_TEXT } });
}

/** The same body, made once for each encoding that is asked for. */
export function bodies(text: Buffer): (encoding: Encoding) => Promise<Buffer> {
  const made = new Map<Encoding, Promise<Buffer>>();
  return (encoding) => {
    let body = made.get(encoding);
    if (!body) made.set(encoding, (body = encoded(text, encoding)));
    return body;
  };
}

/**
 * Snapshots by audience. Whoever asks at the same time gets the same one; and one made a moment ago is given again, which
 * is right because a snapshot is the live set at *its* seq: what came since reaches the client as frames, or as a
 * catch-up if it finds a gap ([L1], [L9]).
 */
export class Snapshots {
  readonly #state: OrgState;
  readonly #epoch: string;
  readonly #clock: Clock;
  readonly #kept = new Map<string, Kept>();

  constructor(state: OrgState, epoch: string, clock: Clock) {
    this.#state = state;
    this.#epoch = epoch;
    this.#clock = clock;
  }

  /** The latest snapshot's size in characters, if there is one. */
  sizeFor(audience: Audience): number | undefined {
    return this.#kept.get(audienceKey(audience))?.shot?.size;
  }

  /** A snapshot at `atLeast` or later; the state must stand there already. */
  async get(audience: Audience, atLeast: number): Promise<Shot> {
    const kept = this.#keptFor(audience);
    for (;;) {
      const now = this.#clock.monotonic();
      kept.asked = now;
      const { shot } = kept;
      if (shot && shot.seq >= atLeast && (shot.seq === this.#state.seq || now - kept.made < reusable)) return shot;
      // While changes pour in and clients ask for ever later ones, those who ask meanwhile wait for one together.
      kept.making ??= pause(Math.max(0, kept.made + kept.cost * rest - now)).then(() => {
        kept.making = undefined;
        this.#make(audience, kept);
      });
      await kept.making;
    }
  }

  #keptFor(audience: Audience): Kept {
    const key = audienceKey(audience);
    let kept = this.#kept.get(key);
    if (!kept) {
      const now = this.#clock.monotonic();
      for (const [other, { asked, making }] of this.#kept) {
        if (!making && (this.#kept.size >= mostKept || now - asked > keptFor)) this.#kept.delete(other);
      }
      kept = { shot: undefined, making: undefined, made: -reusable, cost: 0, asked: now };
      this.#kept.set(key, kept);
    }
    return kept;
  }

  /** Made in one go, so that it is the state at one seq. */
  #make(audience: Audience, kept: Kept): void {
    const began = this.#clock.monotonic();
    const { seq } = this.#state;
    const records: { [K in Kind]?: object[] } = {};
    for (const kind of allKinds) {
      if (!kinds[kind].live) continue;
      const seen: object[] = [];
      for (const record of this.#state.all(kind)) {
        const view = viewOf(audience, kind, record);
        if (view) seen.push(view);
      }
      records[kind] = seen;
    }
    const text = Buffer.from(
      JSON.stringify(encodeSnapshot({ epoch: this.#epoch, audience: audienceKey(audience), seq }, records)),
    );
    kept.shot = { seq, size: text.length, body: bodies(text) };
    kept.made = this.#clock.monotonic();
    kept.cost = kept.made - began;
  }
}

import type { WireError } from '@opsboard/shared/protocol/errors';

/** A picture that an action names. It goes up under the id that the phone made, before the action. */
export type KeptFile = { id: string; blob: Blob };

/** One thing that was done on this phone, as it is kept until the server has it and this phone has that back. */
export type KeptAction = {
  /** Its place in the line; the store gives it. */
  order?: number;
  /** Whose it is: nobody else sends it or sees it. */
  person: string;
  /** Made once. Whatever happens, it is sent under this id, so that it acts once. */
  commandId: string;
  name: string;
  args: { [name: string]: unknown };
  /** What it says of itself to a person, as `Hand over B-2051 at Brookfield Service`. */
  said: string;
  /** When it was done, by the server's clock as well as this phone knew it, whole milliseconds. */
  doneAt: number;
  /** How `doneAt` came about, to judge it again when the server's clock is known better. */
  stamp: Stamp;
  files: KeptFile[];
  /** It has been on its way: from here on it is never changed, because the server knows it by what it says. */
  tried?: true;
  /** How often the server failed over it. */
  failed?: number;
  /** Done: the `seq` by which it is part of the state. It is shown from here until this phone's copy has come so far. */
  acked?: { seq: number; at: number };
  /** The server said no; it stays until somebody has seen it. */
  refused?: { error: WireError; at: number };
};

/** Two clocks at the moment of an action. Milliseconds since the epoch. */
export type Stamp = {
  /** The phone's own clock. */
  wall: number;
  /** How far the server was ahead of the phone's clock when that was last measured; undefined: it never was. */
  offset: number | undefined;
  /** What it cannot have been before, by the server's clock: when the two last spoke, and the action before it. */
  after: number;
};

/** A clock that is off by less than this is right: the round trip hides it, milliseconds. */
const close = 5_000;

/**
 * When an action was done, once the server's clock is known afresh. Somebody may have set the phone's clock since it
 * was last measured: then the old measure, or the new one, puts the action where it cannot have been.
 *
 * @param offset how far the server is ahead of the phone's clock now, milliseconds
 * @param now the server's time
 */
export function settledTime(
  { doneAt, stamp }: Pick<KeptAction, 'doneAt' | 'stamp'>,
  offset: number,
  now: number,
): number {
  const { wall } = stamp;
  // What came before it is not ahead of now: that was stamped by the wrong clock too, and says nothing.
  const after = stamp.after > now + close ? 0 : stamp.after;
  const possible = (at: number): boolean => at >= after - close && at <= now + close;
  if (stamp.offset !== undefined && (Math.abs(stamp.offset - offset) < close || possible(wall + stamp.offset))) {
    return doneAt;
  }
  return possible(wall + offset) ? Math.round(Math.min(now, wall + offset)) : doneAt;
}

/** The time to put on an action, by the phone's clock and the last measure; never before what came before it. */
export const stampedTime = ({ wall, offset, after }: Stamp): number =>
  Math.round(Math.max(wall + (offset ?? 0), after + 1));

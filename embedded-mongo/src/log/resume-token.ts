import { Timestamp } from 'bson';
import { Code, MongoError } from '../errors.ts';
import { incrementOf, secondsOf, type Seq, seqOf } from '../storage/clock.ts';
import { type Doc, docOf, isDoc, type Value } from '../values/index.ts';

/** A place in the log that a client can go on from. */
export interface Position {
  readonly seq: Seq;
  /** It is that of the event that ended a stream. */
  readonly invalidate: boolean;
}

/** The cluster time of a moment. */
export function timestampOf(seq: Seq): Timestamp {
  return new Timestamp({ t: secondsOf(seq), i: incrementOf(seq) });
}

/** The resume token of a place. */
export function tokenOf(seq: Seq, invalidate = false): Doc {
  const hex = (value: number): string => value.toString(16).padStart(8, '0');
  return docOf('_data', `82${hex(secondsOf(seq))}${hex(incrementOf(seq))}${invalidate ? '02' : '01'}`.toUpperCase());
}

/** Reads a resume token. Throws for what is none. */
export function positionOf(token: Value): Position {
  const data = isDoc(token) ? token.get('_data') : undefined;
  if (typeof data !== 'string') {
    throw new MongoError(40647, 'Bad resume token: _data of missing or of wrong type');
  }
  const parts = /^82([0-9A-F]{8})([0-9A-F]{8})0([12])$/i.exec(data);
  if (parts === null) throw new MongoError(Code.InvalidResumeToken, `Invalid resume token: ${data}`);
  const [, seconds, increment, kind] = parts as unknown as [string, string, string, string];
  return { seq: seqOf(Number.parseInt(seconds, 16), Number.parseInt(increment, 16)), invalidate: kind === '2' };
}

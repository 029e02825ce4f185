import type { Response } from 'express';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { errorTable, wireError } from '@opsboard/shared/protocol/errors';

/** Answers with an error: the one shape, the status of its code, and `Retry-After` where the wait is known. */
export function sendError(res: Response, error: WireError): void {
  if (res.headersSent) {
    res.destroy();
    return;
  }
  const seconds = error.details?.['retryAfterSeconds'];
  if (typeof seconds === 'number') res.setHeader('Retry-After', String(seconds));
  res.setHeader('Cache-Control', 'no-store');
  res.status(errorTable[error.code].status).json(error);
}

/** The refusal for too many attempts: how long to wait is in the sentence, in `details` and in `Retry-After`. */
export function tooMany(waitMs: number): WireError {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  const wait =
    seconds < 120 ? `${seconds} ${seconds === 1 ? 'second' : 'seconds'}` : `${Math.ceil(seconds / 60)} minutes`;
  return wireError('too_many_requests', `Too many attempts. Wait ${wait}, then try again.`, {
    details: { retryAfterSeconds: seconds },
  });
}

export const notSignedIn = (): WireError =>
  wireError('not_signed_in', 'You are not signed in. Sign in, then try again.');

export const unavailable = (): WireError =>
  wireError('unavailable', 'The board cannot be reached for a moment. Nothing was changed; try again.');

/** For whatever nobody expected. What went wrong is in the log, under the request's id. */
export const internal = (requestId: string): WireError =>
  wireError(
    'internal',
    'Something went wrong on the server. Try again; if it stays, tell your admin the number below.',
    {
      details: { requestId },
    },
  );

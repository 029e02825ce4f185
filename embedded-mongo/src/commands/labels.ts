/** Codes after which the same write may be tried again. */
const RETRYABLE = new Set([6, 7, 89, 91, 134, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436]);
/** Codes after which a change stream may be resumed. */
const RESUMABLE = new Set([6, 7, 63, 89, 91, 133, 150, 189, 234, 262, 9001, 10107, 11600, 11602, 13388, 13435, 13436]);
/** Codes by which clients would take this server for gone, unless told that its state is the one they know. */
export const STATE_CHANGES = new Set([91, 189, 10058, 10107, 11600, 11602, 13435, 13436]);
const TRANSIENT = new Set([24, 112, 246, 267]);

/** What of a command's circumstances decides about the labels of its errors. */
export interface Circumstances {
  /** It is part of a transaction, or ends one. */
  readonly inTransaction: boolean;
  readonly endsTransaction: boolean;
  /** It carries a number for retries outside of a transaction. */
  readonly retryableWrite: boolean;
  readonly changeStream: boolean;
}

/**
 * The labels of an error, as the server gives them.
 * @param code of the command's error, if it failed
 * @param writeConcernCode of its write concern error, if there is one
 */
export function labelsFor(code: number | undefined, writeConcernCode: number | undefined, at: Circumstances): string[] {
  const labels: string[] = [];
  if (at.inTransaction && code !== undefined) {
    const transient = at.endsTransaction
      ? TRANSIENT.has(code) || (code === 251 && writeConcernCode === undefined)
      : TRANSIENT.has(code) || RETRYABLE.has(code) || code === 251;
    if (transient) labels.push('TransientTransactionError');
  }
  if (at.retryableWrite || at.endsTransaction) {
    if (
      (code !== undefined && RETRYABLE.has(code)) ||
      (writeConcernCode !== undefined && RETRYABLE.has(writeConcernCode))
    ) {
      labels.push('RetryableWriteError');
    }
  }
  if (at.changeStream && code !== undefined && RESUMABLE.has(code)) labels.push('ResumableChangeStreamError');
  return labels;
}

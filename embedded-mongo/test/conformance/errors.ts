import type { Document } from 'bson';
import {
  MongoBulkWriteError,
  MongoClientBulkWriteError,
  MongoError,
  MongoOperationTimeoutError,
  MongoServerError,
} from 'mongodb';
import { Mismatch, RunnerError } from './failures.ts';
import { assertMatches, assertResultMatches, show, type MatchContext } from './match.ts';
import { bulkWriteResult, clientBulkWriteResult } from './results.ts';
import type { ExpectedError } from './spec.ts';

const known = new Set([
  'isError',
  'isClientError',
  'isTimeoutError',
  'errorContains',
  'errorCode',
  'errorCodeName',
  'errorLabelsContain',
  'errorLabelsOmit',
  'errorResponse',
  'writeErrors',
  'writeConcernErrors',
  'expectResult',
]);

/** Asserts that an error is the one that the case expects. A mistake of the runner itself is never the expected one. */
export function assertError(expected: ExpectedError, error: unknown, context: MatchContext): void {
  if (error instanceof Mismatch || error instanceof RunnerError) throw error;
  if (!(error instanceof Error)) throw new Mismatch(`what was thrown is no error: ${String(error)}`);
  // TypeErrors and the like are faults of the runner or the driver, unless the case only asks for a client's error.
  if (!(error instanceof MongoError) && expected.isClientError !== true && expected.isError !== true) throw error;
  const unknown = Object.keys(expected).filter((key) => !known.has(key));
  if (unknown.length > 0) throw new RunnerError(`the runner cannot check ${unknown.join(', ')} of an error`);

  // A bulk write of a client wraps what the server answered to the whole command.
  const wrapped = error instanceof MongoClientBulkWriteError && error.cause instanceof MongoServerError;
  const raw = error as Error & Document;
  const told = (wrapped ? error.cause : error) as Error & Document;
  const fail = (what: string): never => {
    throw new Mismatch(
      `${what}\n  error    ${error.name}: ${error.message} ${show({ code: told['code'], codeName: told['codeName'], labels: labels(error) })}`,
    );
  };
  if (expected.isClientError !== undefined && expected.isClientError === error instanceof MongoServerError) {
    fail(expected.isClientError ? 'a client’s error was expected' : 'a server’s error was expected');
  }
  if (
    expected.isTimeoutError !== undefined &&
    expected.isTimeoutError !== error instanceof MongoOperationTimeoutError
  ) {
    fail(expected.isTimeoutError ? 'a time-out was expected' : 'no time-out was expected');
  }
  if (
    expected.errorContains !== undefined &&
    !error.message.toLowerCase().includes(expected.errorContains.toLowerCase())
  ) {
    fail(`the message does not contain "${expected.errorContains}"`);
  }
  if (expected.errorCode !== undefined && told['code'] !== expected.errorCode)
    fail(`code ${expected.errorCode} expected`);
  if (expected.errorCodeName !== undefined && told['codeName'] !== expected.errorCodeName) {
    fail(`code name ${expected.errorCodeName} expected`);
  }
  for (const label of expected.errorLabelsContain ?? [])
    if (!labels(told).includes(label)) fail(`label ${label} expected`);
  for (const label of expected.errorLabelsOmit ?? [])
    if (labels(told).includes(label)) fail(`label ${label} not expected`);
  if (expected.errorResponse !== undefined) {
    assertMatches(expected.errorResponse, told['errorResponse'], context, true, 'errorResponse');
  }
  if (expected.writeErrors !== undefined)
    assertEach(expected.writeErrors, entries(raw['writeErrors']), context, 'writeErrors');
  if (expected.writeConcernErrors !== undefined) {
    assertEach({ ...expected.writeConcernErrors }, entries(raw['writeConcernErrors']), context, 'writeConcernErrors');
  }
  if (expected.expectResult !== undefined) assertResultMatches(expected.expectResult, partialResult(error), context);
}

function labels(error: Error): string[] {
  return error instanceof MongoError ? [...error.errorLabels] : [];
}

/** A map by index, or a list, as one document by index. */
function entries(value: unknown): Document {
  if (value instanceof Map) return Object.fromEntries(value) as Document;
  return { ...(value as Document) };
}

/** Each by its index, as a root document; the indexes themselves must agree. */
function assertEach(expected: Document, actual: Document, context: MatchContext, path: string): void {
  const [wanted, found] = [Object.keys(expected).sort(), Object.keys(actual).sort()];
  if (wanted.join() !== found.join())
    throw new Mismatch(`${path}: at [${wanted.join()}] expected, at [${found.join()}] found`);
  for (const key of wanted)
    assertMatches(expected[key], { ...(actual[key] as Document) }, context, true, `${path}.${key}`);
}

function partialResult(error: Error): unknown {
  if (error instanceof MongoClientBulkWriteError || error.name === 'MongoClientBulkWriteExecutionError') {
    const { partialResult: partial } = error as MongoClientBulkWriteError;
    return partial === undefined ? undefined : clientBulkWriteResult(partial);
  }
  if (error instanceof MongoBulkWriteError) return bulkWriteResult(error.result);
  return (error as Error & { result?: unknown }).result;
}

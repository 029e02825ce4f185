import type { Document } from 'bson';
import { ChangeStream, ClientSession, Collection, Db, GridFSBucket, MongoClient } from 'mongodb';
import { Mismatch, RunnerError } from '../failures.ts';
import { entityOptions, isCursor } from '../entities.ts';
import { assertError } from '../errors.ts';
import { assertResultMatches, show } from '../match.ts';
import type { Operation } from '../spec.ts';
import { changeStreamOperations, clientOperations, cursorOperations, sessionOperations } from './client.ts';
import { collectionOperations } from './collection.ts';
import { bucketOperations, databaseOperations } from './database.ts';
import type { Handler, Handlers } from './handler.ts';
import { testRunnerOperations, type CaseState } from './test-runner.ts';

/**
 * Performs one step and compares what came of it with what the case expects.
 *
 * @param rethrow - throw an expected or ignored error again: inside `withTransaction` the driver must see it to decide on a retry
 * @throws Mismatch, or the error of the operation where none was expected
 */
export async function execute(operation: Operation, state: CaseState, rethrow = false): Promise<void> {
  const where = `${operation.name} on ${operation.object}`;
  let result: unknown;
  try {
    result = await perform(operation, state);
  } catch (error) {
    if (
      operation.ignoreResultAndError === true &&
      !rethrow &&
      !(error instanceof Mismatch || error instanceof RunnerError)
    )
      return;
    if (operation.expectError === undefined) throw error;
    within(where, () => assertError(operation.expectError ?? {}, error, state.entities));
    if (rethrow) throw error;
    return;
  }
  if (operation.ignoreResultAndError === true) return;
  if (operation.expectError !== undefined) {
    throw new Mismatch(`${where}: no error\n  expected ${show(operation.expectError)}\n  found    ${show(result)}`);
  }
  if (operation.expectResult !== undefined) {
    within(where, () => assertResultMatches(operation.expectResult, result, state.entities));
  }
  if (operation.saveResultAsEntity !== undefined) state.entities.save(operation.saveResultAsEntity, result);
}

function within(where: string, assert: () => void): void {
  try {
    assert();
  } catch (error) {
    if (error instanceof Mismatch) error.message = `${where}: ${error.message}`;
    throw error;
  }
}

async function perform(operation: Operation, state: CaseState): Promise<unknown> {
  const args = resolveArguments(operation, state);
  if (operation.object === 'testRunner') return await lookUp(testRunnerOperations, operation)(state, args);
  const target = state.entities.entity(operation.object);
  if (target instanceof ClientSession && operation.name === 'withTransaction') {
    const { callback, ...options } = args;
    return await target.withTransaction(async () => {
      for (const step of callback as Operation[]) await execute(step, state, true);
    }, options);
  }
  const result = await performOn(target, operation, args);
  if (result instanceof ChangeStream) await open(result);
  return result;
}

async function performOn(target: unknown, operation: Operation, args: Document): Promise<unknown> {
  if (target instanceof Collection) return await lookUp(collectionOperations, operation)(target, args);
  if (target instanceof Db) return await lookUp(databaseOperations, operation)(target, args);
  if (target instanceof MongoClient) return await lookUp(clientOperations, operation)(target, args);
  if (target instanceof ClientSession) return await lookUp(sessionOperations, operation)(target, args);
  if (target instanceof ChangeStream) return await lookUp(changeStreamOperations, operation)(target, args);
  if (target instanceof GridFSBucket) return await lookUp(bucketOperations, operation)(target, args);
  if (isCursor(target)) return await lookUp(cursorOperations, operation)(target, args);
  throw new RunnerError(`nothing can be done with ${operation.object}`);
}

function lookUp<T>(handlers: Handlers<T>, operation: Operation): Handler<T> {
  const handler = handlers[operation.name];
  if (handler === undefined) throw new RunnerError(`the runner does not know ${operation.name} on ${operation.object}`);
  return handler;
}

/** Sessions by their entity, read preferences as the driver wants them. */
function resolveArguments(operation: Operation, state: CaseState): Document {
  const args = entityOptions(operation.arguments);
  if (typeof args['session'] === 'string') args['session'] = state.entities.session(args['session']);
  return args;
}

/** The driver sends nothing until the first read; a change stream of the format is open once it is created. */
async function open(stream: ChangeStream): Promise<void> {
  const { cursor } = stream as unknown as { cursor: { cursorInit(): Promise<void> } };
  await cursor.cursorInit();
}

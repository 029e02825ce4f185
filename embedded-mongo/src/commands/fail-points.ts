import { Code, MongoError } from '../errors.ts';
import { asInteger, type Doc, docOf, int32, isDoc, type Value } from '../values/index.ts';

interface FailPoint {
  readonly data: Doc;
  skip: number;
  /** How often it still strikes; Infinity for always. */
  times: number;
  count: number;
}

/** What a fail point does to a command. */
export interface Failure {
  readonly closeConnection: boolean;
  readonly blockMs: number;
  readonly errorCode: number | undefined;
  readonly errorLabels: string[] | undefined;
  readonly writeConcernError: Doc | undefined;
}

const KNOWN = ['failCommand', 'onPrimaryTransactionalWrite', 'failGetMoreAfterCursorCheckout'];

/** Faults that tests ask for. */
export class FailPoints {
  readonly #points = new Map<string, FailPoint>();

  /** The command `configureFailPoint`. */
  configure(command: Doc): Doc {
    const name = command.get('configureFailPoint');
    if (typeof name !== 'string' || !KNOWN.includes(name))
      throw new MongoError(Code.BadValue, `unknown fail point ${String(name)}`);
    const mode = command.get('mode');
    const data = command.get('data');
    const before = this.#points.get(name)?.count ?? 0;
    if (mode === 'off') {
      this.#points.delete(name);
    } else {
      const times = isDoc(mode) && mode.has('times') ? (asInteger(mode.get('times')) ?? 1) : Infinity;
      const skip = isDoc(mode) && mode.has('skip') ? (asInteger(mode.get('skip')) ?? 0) : 0;
      if (mode !== 'alwaysOn' && !isDoc(mode))
        throw new MongoError(Code.BadValue, 'mode must be off, alwaysOn, {times} or {skip}');
      this.#points.set(name, { data: isDoc(data) ? data : new Map(), skip, times, count: 0 });
    }
    return docOf('count', int32(before), 'ok', 1);
  }

  #strike(name: string, applies: (data: Doc) => boolean): Doc | undefined {
    const point = this.#points.get(name);
    if (point === undefined || point.times <= 0 || !applies(point.data)) return undefined;
    if (point.skip > 0) {
      point.skip--;
      return undefined;
    }
    point.times--;
    point.count++;
    return point.data;
  }

  /** What befalls a command, if anything. */
  command(name: string, appName: string | undefined): Failure | undefined {
    if (this.#points.size === 0) return undefined;
    const data = this.#strike('failCommand', (wanted) => {
      const names = wanted.get('failCommands');
      const application = wanted.get('appName');
      return Array.isArray(names) && names.includes(name) && (application === undefined || application === appName);
    });
    return data && failure(data);
  }

  /** What befalls a retryable write after it was executed. */
  transactionalWrite(): Failure | undefined {
    if (this.#points.size === 0) return undefined;
    const data = this.#strike('onPrimaryTransactionalWrite', () => true);
    if (data === undefined) return undefined;
    const code = asInteger(data.get('failBeforeCommitExceptionCode') ?? null);
    return { ...failure(data), closeConnection: data.get('closeConnection') !== false, errorCode: code };
  }

  /** What befalls a getMore that has its cursor. */
  getMore(): Failure | undefined {
    if (this.#points.size === 0) return undefined;
    const data = this.#strike('failGetMoreAfterCursorCheckout', () => true);
    return data && failure(data);
  }
}

function failure(data: Doc): Failure {
  const labels = data.get('errorLabels');
  const wce = data.get('writeConcernError');
  const blocks = data.get('blockConnection') === true;
  const integer = (value: Value): number | undefined => (value === undefined ? undefined : asInteger(value));
  return {
    closeConnection: data.get('closeConnection') === true,
    blockMs: blocks ? (integer(data.get('blockTimeMS')) ?? 0) : 0,
    errorCode: integer(data.get('errorCode')),
    errorLabels: Array.isArray(labels) ? (labels as string[]) : undefined,
    writeConcernError: isDoc(wce) ? wce : undefined,
  };
}

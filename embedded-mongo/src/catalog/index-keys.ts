import { MongoError } from '../errors.ts';
import { encodeKeyString } from '../values/keystring.ts';
import { type Doc, isDoc, MISSING, type Missing, type Value } from '../values/types.ts';

interface Walk {
  value: Value | Missing;
  rest: readonly string[];
  /** The value came out of an array, which is not opened a second time. */
  opened: boolean;
}

const NUMERIC = /^(0|[1-9][0-9]*)$/;

/** Follows a path through documents until it ends or meets an array. */
function descend(walk: Walk): void {
  let { value, rest } = walk;
  while (rest.length > 0) {
    if (Array.isArray(value)) {
      const head = rest[0] as string;
      if (!NUMERIC.test(head) || value.some((item) => isDoc(item) && item.has(head))) break;
      const index = Number(head);
      value = index < value.length ? value[index] : MISSING;
    } else if (isDoc(value)) {
      const head = rest[0] as string;
      value = value.has(head) ? value.get(head) : MISSING;
    } else {
      value = MISSING;
      rest = [];
      break;
    }
    rest = rest.slice(1);
    walk.opened = false;
  }
  walk.value = value;
  walk.rest = rest;
}

function expand(
  walks: Walk[],
  emit: (values: (Value | Missing)[], fromArray: boolean) => void,
  fromArray: boolean,
): void {
  let array: Value[] | undefined;
  for (const walk of walks) {
    descend(walk);
    if (!Array.isArray(walk.value) || (walk.opened && walk.rest.length === 0)) continue;
    if (walk.opened) {
      // An array within an array is not searched for fields.
      walk.value = MISSING;
      walk.rest = [];
      continue;
    }
    if (array !== undefined && array !== walk.value) {
      throw new MongoError(171, 'cannot index parallel arrays');
    }
    array = walk.value;
  }
  if (array === undefined) {
    emit(
      walks.map((walk) => walk.value),
      fromArray,
    );
    return;
  }
  const items: (Value | Missing)[] = array.length > 0 ? array : [MISSING];
  for (const item of items) {
    const next = walks.map((walk): Walk => {
      if (walk.value !== array || walk.opened) return { ...walk };
      // An empty array itself is indexed as undefined, which is not the same as a missing field.
      if (array.length === 0 && walk.rest.length === 0) return { value: undefined, rest: [], opened: true };
      return { value: item, rest: walk.rest, opened: true };
    });
    expand(next, emit, true);
  }
}

/** Reads from a document the lists of values that an index over several paths has entries for. */
export class KeyReader {
  readonly paths: readonly string[];
  readonly #split: readonly (readonly string[])[];
  readonly #directions: readonly number[] | undefined;
  readonly #simple: boolean;
  readonly #fold: ((value: Value) => Value) | undefined;

  /**
   * @param directions 1 or -1 for each path
   * @param fold replaces values by what their collation holds to be the same
   */
  constructor(paths: readonly string[], directions: readonly number[], fold?: (value: Value) => Value) {
    this.paths = paths;
    this.#split = paths.map((path) => path.split('.'));
    this.#directions = directions.every((direction) => direction > 0) ? undefined : directions;
    this.#simple = this.#split.every((path) => path.length === 1);
    this.#fold = fold;
  }

  /** The key string of values in the order of the paths. */
  encode(values: readonly Value[]): string {
    return encodeKeyString(this.#fold ? values.map(this.#fold) : values, this.#directions);
  }

  /**
   * The keys of a document, each once; none if `sparse` and it has none of the fields.
   * Throws 171 where two paths lead through different arrays.
   */
  read(doc: Doc, sparse: boolean): { keys: string[]; multikey: boolean } {
    if (this.#simple) {
      const values: Value[] = [];
      let present = false;
      let plain = true;
      for (const path of this.paths) {
        const value = doc.get(path);
        if (value === undefined) {
          if (doc.has(path)) {
            present = true;
            values.push(undefined);
          } else values.push(null);
          continue;
        }
        present = true;
        if (Array.isArray(value)) {
          plain = false;
          break;
        }
        values.push(value);
      }
      if (plain) return { keys: sparse && !present ? [] : [this.encode(values)], multikey: false };
    }
    const keys = new Set<string>();
    let multikey = false;
    expand(
      this.#split.map((rest): Walk => ({ value: doc, rest, opened: false })),
      (values, fromArray) => {
        if (fromArray) multikey = true;
        if (sparse && values.every((value) => value === MISSING)) return;
        keys.add(this.encode(values.map((value) => (value === MISSING ? null : value))));
      },
      false,
    );
    return { keys: [...keys], multikey };
  }

  /** The values behind one of a document's keys, for a message. */
  valuesOf(doc: Doc, key: string): Value[] {
    let found: Value[] = [];
    expand(
      this.#split.map((rest): Walk => ({ value: doc, rest, opened: false })),
      (values) => {
        const plain = values.map((value) => (value === MISSING ? null : value));
        if (this.encode(plain) === key) found = plain;
      },
      false,
    );
    return found;
  }
}

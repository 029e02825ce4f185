import { MongoError } from '../../errors.ts';
import { compileSort } from '../../projection/sort.ts';
import { compileFilter } from '../../query/index.ts';
import {
  asInteger,
  type Doc,
  getPath,
  int32,
  isNumber,
  MISSING,
  parsePath,
  toDouble,
  typeNameOf,
  type Value,
} from '../../values/index.ts';
import { fieldPath } from '../compile.ts';
import { compileExpression } from '../expression.ts';
import { noteUse, type Scope } from '../scope.ts';
import { type Stage, type StageBuilder, stageDocument } from './stage.ts';

/** `$match`. */
export const match: StageBuilder = (argument, { scope }) => {
  if (!(argument instanceof Map)) throw new MongoError(15959, 'the match filter must be an expression in an object');
  const { matches, fields } = compileFilter(argument, { scope, collation: scope.collation });
  noteUse(scope, fields);
  return function* filter(input) {
    for (const doc of input) if (matches(doc)) yield doc;
  };
};

function wholeNumber(value: Value, name: string): number {
  if (!isNumber(value))
    throw new MongoError(5107201, `invalid argument to ${name} stage: Expected a number in: ${name}: ${String(value)}`);
  const number = asInteger(value);
  if (number === undefined)
    throw new MongoError(5107201, `invalid argument to ${name} stage: Expected an integer: ${name}: ${String(value)}`);
  if (number < 0)
    throw new MongoError(
      5107201,
      `invalid argument to ${name} stage: Expected a non-negative number in: ${name}: ${number}`,
    );
  return number;
}

/** Reads the count of a `$limit`. */
export function readLimit(value: Value): number {
  const number = wholeNumber(value, '$limit');
  if (number === 0) throw new MongoError(15958, 'the limit must be positive');
  return number;
}

/** Reads the count of a `$skip`. */
export function readSkip(value: Value): number {
  return wholeNumber(value, '$skip');
}

/** The first documents. */
export function take(count: number): Stage {
  return function* limit(input) {
    let left = count;
    for (const doc of input) {
      yield doc;
      if (--left <= 0) return;
    }
  };
}

/** All but the first documents. */
export function drop(count: number): Stage {
  return function* skip(input) {
    let left = count;
    for (const doc of input) {
      if (left > 0) left--;
      else yield doc;
    }
  };
}

/** Sorts; with a limit only as many are kept. */
export function sortStage(spec: Value, scope: Scope, limit = Infinity): Stage {
  if (!(spec instanceof Map)) throw new MongoError(15973, 'the $sort key specification must be an object');
  if (spec.size === 0) throw new MongoError(15976, '$sort stage must have at least one sort key');
  const sort = compileSort(spec, scope.collation);
  noteUse(scope, sort.fields);
  return (input) => ({ [Symbol.iterator]: () => sort.sorted(input, limit)[Symbol.iterator]() });
}

/** `$count`. */
export const count: StageBuilder = (argument) => {
  if (typeof argument !== 'string') throw new MongoError(40156, `the count field must be a non-empty string`);
  if (argument === '') throw new MongoError(40157, 'the count field must be a non-empty string');
  if (argument.startsWith('$')) throw new MongoError(40158, 'the count field cannot be a $-prefixed path');
  if (argument.includes('\0')) throw new MongoError(40159, 'the count field cannot contain a null byte');
  if (argument.includes('.')) throw new MongoError(40160, "the count field cannot contain '.'");
  return function* counting(input) {
    let total = 0;
    for (const _ of input) total++;
    if (total > 0) yield new Map([[argument, int32(total)]]);
  };
};

function setAt(doc: Doc, path: readonly string[], value: Value, at = 0): Doc {
  const copy: Doc = new Map(doc);
  const part = path[at] as string;
  if (at === path.length - 1) copy.set(part, value);
  else {
    const inner = copy.get(part);
    copy.set(part, setAt(inner instanceof Map ? inner : new Map(), path, value, at + 1));
  }
  return copy;
}

function removeAt(doc: Doc, path: readonly string[], at = 0): Doc {
  const copy: Doc = new Map(doc);
  const part = path[at] as string;
  const inner = copy.get(part);
  if (at === path.length - 1) copy.delete(part);
  else if (inner instanceof Map) copy.set(part, removeAt(inner, path, at + 1));
  return copy;
}

/** `$unwind`. */
export const unwind: StageBuilder = (argument, { scope }) => {
  let pathSpec = argument;
  let keepEmpty = false;
  let indexPath: readonly string[] | undefined;
  if (argument instanceof Map) {
    for (const [key, value] of argument) {
      if (key === 'path') continue;
      if (key === 'preserveNullAndEmptyArrays') {
        if (typeof value !== 'boolean')
          throw new MongoError(
            28809,
            `expected a boolean for the preserveNullAndEmptyArrays option to $unwind stage, got ${typeNameOf(value)}`,
          );
        keepEmpty = value;
      } else if (key === 'includeArrayIndex') {
        if (typeof value !== 'string' || value === '')
          throw new MongoError(
            28810,
            `expected a non-empty string for the includeArrayIndex  option to $unwind stage, got ${typeNameOf(value)}`,
          );
        if (value.startsWith('$'))
          throw new MongoError(
            28822,
            `includeArrayIndex option to $unwind stage should not be prefixed with a '$': ${value}`,
          );
        indexPath = fieldPath(value);
      } else throw new MongoError(28811, `unrecognized option to $unwind stage: ${key}`);
    }
    pathSpec = argument.get('path');
  } else if (typeof argument !== 'string') {
    throw new MongoError(
      15981,
      `expected either a string or an object as specification for $unwind stage, got ${typeNameOf(argument)}`,
    );
  }
  if (pathSpec === undefined) throw new MongoError(28812, 'no path specified to $unwind stage');
  if (typeof pathSpec !== 'string')
    throw new MongoError(28808, `expected a string as the path for $unwind stage, got ${typeNameOf(pathSpec)}`);
  if (!pathSpec.startsWith('$'))
    throw new MongoError(28818, `path option to $unwind stage should be prefixed with a '$': ${pathSpec}`);
  const path = fieldPath(pathSpec.slice(1));
  noteUse(scope, path.slice(0, 1));
  const place = (doc: Doc, index: Value): Doc => (indexPath ? setAt(doc, indexPath, index) : doc);
  return function* unwinding(input) {
    for (const doc of input) {
      const value = throughDocuments(doc, path);
      if (Array.isArray(value)) {
        if (value.length === 0 && keepEmpty) yield place(removeAt(doc, path), null);
        for (const [index, item] of value.entries()) yield place(setAt(doc, path, item), BigInt(index));
      } else if (value !== MISSING && value !== null && value !== undefined) yield place(doc, null);
      else if (keepEmpty) yield place(doc, null);
    }
  };
};

/** The value at a path that goes through documents only. */
function throughDocuments(doc: Doc, path: readonly string[]): Value | typeof MISSING {
  const parent = path.length > 1 ? getPath(doc, path.slice(0, -1)) : doc;
  return parent instanceof Map && parent.has(path.at(-1) as string) ? parent.get(path.at(-1) as string) : MISSING;
}

/** `$sample`. */
export const sample: StageBuilder = (argument, _context, name) => {
  const spec = stageDocument(argument, name, 28745);
  const size = spec.get('size');
  if (!spec.has('size')) throw new MongoError(28749, '$sample stage must specify a size');
  if (!isNumber(size)) throw new MongoError(28746, 'size argument to $sample must be a number');
  const wanted = Math.trunc(toDouble(size));
  if (wanted < 1) throw new MongoError(28747, 'size argument to $sample must be positive');
  return function* sampling(input) {
    const docs = [...input];
    for (let left = Math.min(wanted, docs.length), at = 0; left > 0; left--, at++) {
      const pick = at + Math.floor(Math.random() * (docs.length - at));
      const chosen = docs[pick] as Doc;
      docs[pick] = docs[at] as Doc;
      yield chosen;
    }
  };
};

/** `$documents`: makes its documents itself. */
export const documents: StageBuilder = (argument, { scope }) => {
  const expression = compileExpression(argument, scope);
  return function* making() {
    const list = expression(new Map());
    if (!Array.isArray(list))
      throw new MongoError(5858203, `an array is expected as the argument to $documents, found ${typeNameOf(list)}`);
    for (const doc of list) {
      if (!(doc instanceof Map))
        throw new MongoError(40228, `an array of documents is expected, found ${typeNameOf(doc)}`);
      yield doc;
    }
  };
};

/** `$redact`. */
export const redact: StageBuilder = (argument, { scope }) => {
  const expression = compileExpression(argument, { ...scope, redact: true });
  const visit = (doc: Doc): Doc | undefined => {
    const decision = expression(doc);
    if (decision === 'keep') return doc;
    if (decision === 'prune') return undefined;
    if (decision !== 'descend') throw new MongoError(17053, '$redact must evaluate to $$DESCEND, $$PRUNE, or $$KEEP');
    const result: Doc = new Map();
    for (const [name, value] of doc) {
      const kept = visitValue(value);
      if (kept !== MISSING) result.set(name, kept);
    }
    return result;
  };
  const visitValue = (value: Value): Value | typeof MISSING => {
    if (value instanceof Map) return visit(value) ?? MISSING;
    if (Array.isArray(value)) return value.map(visitValue).filter((item) => item !== MISSING);
    return value;
  };
  return function* redacting(input) {
    for (const doc of input) {
      const kept = visit(doc);
      if (kept) yield kept;
    }
  };
};

/** Splits a dotted field that a stage writes to. */
export function outputPath(path: string): readonly string[] {
  fieldPath(path);
  return parsePath(path);
}

export { setAt };

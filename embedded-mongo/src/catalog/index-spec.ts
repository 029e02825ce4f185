import { Code, MongoError } from '../errors.ts';
import { readCollation } from '../query/collation.ts';
import { compileFilter } from '../query/index.ts';
import { type Doc, docOf, equal, int32, isDoc, isNumber, toDouble, type Value } from '../values/index.ts';
import type { IndexOptions } from './collection.ts';

const KNOWN = new Set([
  'name',
  'key',
  'unique',
  'sparse',
  'hidden',
  'expireAfterSeconds',
  'partialFilterExpression',
  'collation',
  'background',
  'v',
  'ns',
]);

function bad(message: string): MongoError {
  return new MongoError(Code.CannotCreateIndex, message);
}

function truthy(value: Value): boolean {
  return value === true || (isNumber(value) && toDouble(value) !== 0);
}

/** Replaces strings by one of those that the collation holds equal to them: always the same one of an index. */
function folding(compare: (left: string, right: string) => number): (value: Value) => Value {
  const known: string[] = [];
  const fold = (value: Value): Value => {
    if (isDoc(value)) return new Map([...value].map(([name, item]) => [name, fold(item)]));
    if (Array.isArray(value)) return value.map(fold);
    if (typeof value !== 'string') return value;
    let low = 0;
    let high = known.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compare(known[middle] as string, value) < 0) low = middle + 1;
      else high = middle;
    }
    const found = known[low];
    if (found !== undefined && compare(found, value) === 0) return found;
    known.splice(low, 0, value);
    return value;
  };
  return fold;
}

function topFields(pattern: Doc): string[] {
  return Array.from(pattern.keys(), (path) => path.split('.', 1)[0] as string);
}

/** The name that an index gets from its pattern: `a_1_b_-1`. */
export function defaultIndexName(pattern: Doc): string {
  return [...pattern]
    .map(([path, direction]) => `${path}_${isNumber(direction) ? toDouble(direction) : String(direction)}`)
    .join('_');
}

/** Reads the description of an index. Throws for what is wrong with it or not offered, never ignoring a part. */
export function readIndexSpec(spec: Doc, defaultCollation: Doc | undefined): IndexOptions {
  const pattern = spec.get('key');
  if (!isDoc(pattern))
    throw new MongoError(Code.FailedToParse, "The 'key' field is a required property of an index specification");
  if (pattern.size === 0) throw bad('Index keys cannot be an empty object');
  if (pattern.size > 32) throw new MongoError(13103, 'too many compound keys');
  for (const name of spec.keys()) {
    if (!KNOWN.has(name))
      throw new MongoError(Code.CannotCreateIndex + 130, `The field '${name}' is not valid for an index specification`);
  }
  for (const [path, direction] of pattern) {
    if (path === '' || path.startsWith('.') || path.endsWith('.') || path.includes('..'))
      throw bad('Index keys cannot contain an empty field.');
    if (path.includes('$**')) throw bad('wildcard indexes are not supported');
    if (path.startsWith('$'))
      throw bad(`Index key contains an illegal field name: field name starts with '$': ${path}`);
    if (direction === 'hashed') continue;
    if (typeof direction === 'string') throw bad(`indexes of type '${direction}' are not supported`);
    const number = isNumber(direction) ? toDouble(direction) : Number.NaN;
    if (!(Number.isFinite(number) && number !== 0)) {
      throw bad(`Values in v:2 index key pattern cannot be of type or value other than a number that is not 0`);
    }
  }
  const hashed = [...pattern.values()].includes('hashed');
  const name = spec.get('name') ?? defaultIndexName(pattern);
  if (typeof name !== 'string' || name === '' || name === '*') throw bad('The index name is not valid');
  const unique = truthy(spec.get('unique'));
  if (hashed && unique)
    throw new MongoError(16764, 'Currently hashed indexes cannot guarantee uniqueness. Use a regular index.');
  const sparse = truthy(spec.get('sparse'));
  const hidden = truthy(spec.get('hidden'));
  const partialFilter = spec.get('partialFilterExpression');
  if (partialFilter !== undefined && !isDoc(partialFilter))
    throw new MongoError(Code.TypeMismatch, "The field 'partialFilterExpression' must be an object");
  if (partialFilter !== undefined && sparse) throw bad('cannot mix "partialFilterExpression" and "sparse" options');
  const expire = spec.get('expireAfterSeconds');
  let expireAfterSeconds: number | undefined;
  if (expire !== undefined) {
    if (!isNumber(expire)) throw new MongoError(Code.TypeMismatch, "The field 'expireAfterSeconds' must be a number");
    expireAfterSeconds = toDouble(expire);
    if (!(expireAfterSeconds >= 0 && expireAfterSeconds <= 0x7fffffff))
      throw bad('TTL index expireAfterSeconds option must be within 0 and 2147483647');
    if (pattern.size !== 1 || pattern.has('_id'))
      throw bad('TTL indexes are single-field indexes, compound indexes do not support TTL');
  }
  const collation = readCollation(spec.get('collation') ?? defaultCollation);
  const filter = partialFilter && compileFilter(partialFilter);
  const listed: Doc = docOf('v', int32(2), 'key', pattern, 'name', name);
  if (unique) listed.set('unique', true);
  if (sparse) listed.set('sparse', true);
  if (hidden) listed.set('hidden', true);
  if (expire !== undefined) listed.set('expireAfterSeconds', expire);
  if (partialFilter !== undefined) listed.set('partialFilterExpression', partialFilter);
  if (collation !== undefined) listed.set('collation', collation.spec);
  return {
    name,
    pattern,
    unique,
    sparse,
    hidden,
    expireAfterSeconds,
    partialFilter,
    covers: filter?.matches,
    fields: filter && !filter.fields ? undefined : new Set([...topFields(pattern), ...(filter?.fields ?? [])]),
    collation: collation?.spec,
    fold: collation && folding(collation.compare),
    spec: listed,
  };
}

/** How an index that is asked for relates to one that is there. */
export function relate(wanted: IndexOptions, present: IndexOptions): 'same' | 'other' {
  const signature = (options: IndexOptions): Value[] => [
    docOf('k', options.pattern),
    options.unique,
    options.sparse,
    options.partialFilter ?? null,
    options.collation ?? null,
  ];
  const [a, b] = [signature(wanted), signature(present)];
  return [...wanted.pattern.keys()].join('\0') === [...present.pattern.keys()].join('\0') && equal(a, b)
    ? 'same'
    : 'other';
}

import { BSONRegExp } from 'bson';
import { Code, MongoError } from '../errors.ts';
import { sameCollation } from '../query/index.ts';
import { equal, typeRank } from '../values/compare.ts';
import { encodeKeyString, keyTypeByte } from '../values/keystring.ts';
import { type Doc, isDoc, isNumber, type Value } from '../values/types.ts';
import type { Collection, Entry, Index } from './collection.ts';

/** A stretch of an index, [from, to). */
export interface KeyRange {
  readonly from: string;
  readonly to: string;
}

/** Entries by key, as an index has them. */
export interface KeyRanges {
  /** The entries of [from, to), in the order of their keys. */
  range(from: string, to: string, backwards?: boolean): Iterable<Entry>;
  count(from: string, to: string): number;
}

/** How a query finds its documents. */
export interface Plan {
  /** Undefined: the whole collection in natural order. */
  readonly index: { readonly name: string; readonly pattern: Doc; readonly entries: KeyRanges } | undefined;
  /** Ascending and apart from each other. */
  readonly ranges: readonly KeyRange[];
  readonly backwards: boolean;
  /** An entry may turn up more than once. */
  readonly repeats: boolean;
  /** Whatever lies in the ranges matches the filter; nothing else is to be checked. */
  readonly exact: boolean;
  /** The documents come in the order that was asked for. */
  readonly sorted: boolean;
}

/** What a filter demands of one path. */
interface Demand {
  /** Alternatives of equality. */
  points?: Value[];
  low?: { value: Value; inclusive: boolean };
  high?: { value: Value; inclusive: boolean };
  /** `low` and `high` are demanded of one and the same element of a list. */
  element?: boolean;
  /** Some part of the demand is not expressed by the fields above. */
  more: boolean;
}

/** What a filter demands, path by path. */
interface Demands {
  readonly paths: Map<string, Demand>;
  /** Some part of the filter is not expressed by the paths. */
  more: boolean;
}

const END = '\xff';
/** The most stretches of an index that one plan looks at. */
const MAX_RANGES = 50_000;

function isOperators(value: Value): value is Doc {
  if (!isDoc(value)) return false;
  const first = value.keys().next();
  return !first.done && first.value.startsWith('$') && !['$ref', '$id', '$db'].includes(first.value);
}

function indexable(value: Value): boolean {
  return !(value instanceof BSONRegExp) && !Array.isArray(value) && value !== undefined;
}

function rangeable(value: Value): boolean {
  if (typeof value === 'number') return !Number.isNaN(value);
  const rank = typeRank(value);
  return rank === 15 || rank === 30 || rank === 35 || rank === 40 || rank === 45 || rank === 47 || isNumber(value);
}

function demandOf(demands: Demands, path: string): Demand {
  let demand = demands.paths.get(path);
  if (demand === undefined) demands.paths.set(path, (demand = { more: false }));
  return demand;
}

function restrict(demand: Demand, operator: string, value: Value): void {
  const points = operator === '$eq' ? [value] : operator === '$in' && Array.isArray(value) ? value : undefined;
  if (points !== undefined) {
    if (!points.every(indexable)) demand.more = true;
    else if (demand.points === undefined) demand.points = points;
    else demand.more = true;
    return;
  }
  if (operator === '$elemMatch') {
    restrictElement(demand, value);
    return;
  }
  const side =
    operator === '$gt' || operator === '$gte' ? 'low' : operator === '$lt' || operator === '$lte' ? 'high' : undefined;
  if (side === undefined || demand.element || !rangeable(value)) demand.more = true;
  else if (demand[side] === undefined) demand[side] = { value, inclusive: operator.endsWith('e') };
  else demand.more = true;
}

/** What is demanded of one element bounds the search on both sides, unless bounds of the list as a whole came first. */
function restrictElement(demand: Demand, operators: Value): void {
  const own: Demand = { more: false };
  // What is demanded of an element of an element says nothing about the keys, which go one level deep.
  const bounds = isOperators(operators) ? [...operators].filter(([operator]) => operator !== '$elemMatch') : [];
  for (const [operator, operand] of bounds) restrict(own, operator, operand);
  // A value that is no list is in the index too, and does not match.
  demand.more = true;
  if (demand.points || demand.low || demand.high || !(own.low ?? own.high)) return;
  Object.assign(demand, { ...(own.low && { low: own.low }), ...(own.high && { high: own.high }), element: true });
}

function collect(filter: Doc, demands: Demands): void {
  for (const [name, value] of filter) {
    if (name === '$and' && Array.isArray(value)) {
      for (const part of value) if (isDoc(part)) collect(part, demands);
    } else if (name === '$comment') {
      continue;
    } else if (name.startsWith('$')) {
      demands.more = true;
    } else if (isOperators(value)) {
      const demand = demandOf(demands, name);
      for (const [operator, operand] of value) restrict(demand, operator, operand);
    } else {
      restrict(demandOf(demands, name), '$eq', value);
    }
  }
}

/** The stretch of values of a demand's range, for one component behind a prefix. */
function rangeBehind(prefix: string, demand: Demand, descending: boolean): KeyRange {
  const direction = [descending ? -1 : 1];
  const { low, high } = demand;
  const rank = typeRank((low ?? high)?.value as Value);
  if (low && high && typeRank(low.value) !== typeRank(high.value)) return { from: prefix, to: prefix };
  const encode = (value: Value): string => prefix + encodeKeyString([value], direction);
  const byte = keyTypeByte(rank);
  const bracket = descending ? 255 - byte : byte;
  // NaN sorts below all numbers, but is not less than any of them.
  const lowest = low ?? (rank === 10 ? { value: -Infinity, inclusive: true } : undefined);
  const [start, end] = descending ? [high, lowest] : [lowest, high];
  return {
    from: start ? encode(start.value) + (start.inclusive ? '' : END) : prefix + String.fromCharCode(bracket),
    to: end ? encode(end.value) + (end.inclusive ? END : '') : prefix + String.fromCharCode(bracket + 1),
  };
}

interface Access {
  readonly name: string;
  readonly pattern: Doc;
  readonly entries: KeyRanges;
  readonly multikey: boolean;
  readonly index: Index | undefined;
}

interface Candidate extends Plan {
  readonly score: number;
}

/** Whether every document that a filter can find satisfies an index's partial filter. */
function implies(demands: Demands, partial: Doc): boolean {
  const wanted: Demands = { paths: new Map(), more: false };
  for (const [path, value] of partial) {
    if (isOperators(value) && value.size === 1 && value.has('$exists')) {
      const demand = demands.paths.get(path);
      const present = demand?.points?.every((point) => point !== null) || demand?.low || demand?.high;
      if (value.get('$exists') !== true || !present) return false;
      continue;
    }
    collect(new Map([[path, value]]), wanted);
  }
  if (wanted.more) return false;
  for (const [path, want] of wanted.paths) {
    const have = demands.paths.get(path);
    if (want.more || have === undefined) return false;
    const within = (value: Value): boolean =>
      (!want.points || want.points.some((point) => equal(point, value))) &&
      (!want.low || (typeRank(value) === typeRank(want.low.value) && above(value, want.low))) &&
      (!want.high || (typeRank(value) === typeRank(want.high.value) && below(value, want.high)));
    if (have.points) {
      if (!have.points.every(within)) return false;
      continue;
    }
    if (want.points) return false;
    if (want.low && !(have.low && within(have.low.value))) return false;
    if (want.high && !(have.high && within(have.high.value))) return false;
  }
  return true;
}

function above(value: Value, bound: { value: Value; inclusive: boolean }): boolean {
  const [a, b] = [encodeKeyString([value]), encodeKeyString([bound.value])];
  return bound.inclusive ? a >= b : a > b;
}

function below(value: Value, bound: { value: Value; inclusive: boolean }): boolean {
  const [a, b] = [encodeKeyString([value]), encodeKeyString([bound.value])];
  return bound.inclusive ? a <= b : a < b;
}

function consider(access: Access, demands: Demands, sort: Doc | undefined, hinted: boolean): Candidate | undefined {
  const fields = [...access.pattern].map(([path, direction]) => ({ path, descending: Number(direction) < 0 }));
  const fold = access.index?.options.fold;
  let prefixes = [''];
  let exact = !demands.more && !access.multikey && !fold;
  let score = 0;
  let position = 0;
  let bounded = 0;
  let points = 0;
  let ranges: KeyRange[] | undefined;
  const used = new Set<string>();
  const pinned = new Set<string>();
  for (; position < fields.length; position++) {
    const { path, descending } = fields[position] as (typeof fields)[number];
    const demand = demands.paths.get(path);
    if (demand === undefined || /(^|\.)\d+(\.|$)/.test(path)) break;
    if (demand.more) exact = false;
    if (demand.points !== undefined) {
      if (prefixes.length * demand.points.length > MAX_RANGES) break;
      const components = new Set(
        demand.points.map((point) => encodeKeyString([fold ? fold(point) : point], [descending ? -1 : 1])),
      );
      prefixes = prefixes.flatMap((prefix) => [...components].map((component) => prefix + component));
      if (demand.points.includes(null)) exact = false;
      else bounded++;
      if (demand.low || demand.high) exact = false;
      if (components.size === 1) pinned.add(path);
      used.add(path);
      score += components.size === 1 ? 10 : 8;
      points++;
      continue;
    }
    if (!demand.low && !demand.high) break;
    if (fold && (typeof demand.low?.value === 'string' || typeof demand.high?.value === 'string')) break;
    // Of a field with several values, one may be above and another one below: only one bound narrows the search.
    const loose = access.multikey && !demand.element && demand.low && demand.high;
    const single: Demand = loose ? { more: true, low: demand.low! } : demand;
    ranges = prefixes.map((prefix) => rangeBehind(prefix, single, descending));
    used.add(path);
    bounded++;
    score += demand.low && demand.high ? 6 : 4;
    break;
  }
  const { index } = access;
  if (index && !hinted) {
    if (index.options.sparse && bounded === 0) return undefined;
    if (index.options.partialFilter && !implies(demands, index.options.partialFilter)) return undefined;
  }
  if (index?.options.partialFilter) score += 0.5;
  for (const path of demands.paths.keys()) if (!used.has(path)) exact = false;
  if (index?.options.unique && points === fields.length) score += 100;

  let sorted = false;
  let backwards = false;
  if (sort !== undefined && !access.multikey && !fold && prefixes.length === 1) {
    const wanted = [...sort].filter(([path]) => !pinned.has(path));
    const start = fields.findIndex(({ path }) => !pinned.has(path));
    const rest = start < 0 ? [] : fields.slice(start);
    const lead = wanted[0];
    if (lead === undefined) sorted = true;
    else if (rest.length >= wanted.length) {
      backwards = Number(lead[1]) < 0 !== (rest[0]?.descending ?? false);
      sorted = wanted.every(([path, direction], at) => {
        const field = rest[at];
        return field?.path === path && (field.descending !== backwards) === Number(direction) < 0;
      });
      if (!sorted) backwards = false;
    }
    if (sorted) score += 3;
  }
  if (score === 0 && !hinted) return undefined;
  ranges ??= prefixes.map((prefix) => ({ from: prefix, to: prefix + END }));
  ranges = ranges.filter(({ from, to }) => from < to).sort((a, b) => (a.from < b.from ? -1 : 1));
  const repeats = access.multikey && (ranges.length !== 1 || points < fields.length);
  const { name, pattern } = access;
  return { index: { name, pattern, entries: access.entries }, ranges, backwards, repeats, exact, sorted, score };
}

const ID_PATTERN: Doc = new Map([['_id', 1]]);

/** What a query asks for, as far as it matters for the way to it. */
export interface Question {
  readonly filter: Doc;
  readonly sort: Doc | undefined;
  readonly hint: Value;
  readonly collation: Doc | undefined;
}

/** Chooses how to find what a filter asks for. Throws BadValue for a hint that names no index. */
export function plan(collection: Collection, { filter, sort, hint, collation }: Question): Plan {
  const natural = isDoc(hint) ? hint.get('$natural') : sort?.size === 1 ? sort.get('$natural') : undefined;
  const demands: Demands = { paths: new Map(), more: false };
  collect(filter, demands);
  const everything: Plan = {
    index: undefined,
    ranges: [],
    backwards: natural !== undefined && Number(natural) < 0,
    repeats: false,
    exact: !demands.more && demands.paths.size === 0,
    sorted: sort === undefined || sort.size === 0 || sort.has('$natural'),
  };
  if (natural !== undefined) return everything;
  const accesses: Access[] = [
    { name: '_id_', pattern: ID_PATTERN, entries: collection.idEntries, multikey: false, index: undefined },
  ];
  for (const index of collection.indexes) {
    const { name, pattern } = index.options;
    accesses.push({ name, pattern, entries: index.entries, multikey: index.multikey, index });
  }
  if (hint !== undefined && hint !== null && !(isDoc(hint) && hint.size === 0)) {
    const hinted = accesses.find((access) => (isDoc(hint) ? equal(access.pattern, hint) : access.name === hint));
    if (hinted === undefined) {
      throw new MongoError(
        Code.BadValue,
        'error processing query: planner returned error :: caused by :: hint provided does not correspond to an existing index',
      );
    }
    return consider(hinted, demands, sort, true) ?? everything;
  }
  if (demands.paths.size === 0 && everything.sorted) return everything;
  let best: Candidate | undefined;
  for (const access of accesses) {
    // The order of `_id` is that of the bytes, whatever collation the collection has.
    if (access.index?.options.hidden || !sameCollation(access.index?.options.collation, collation)) continue;
    const candidate = consider(access, demands, sort, false);
    if (candidate && (best === undefined || candidate.score > best.score)) best = candidate;
  }
  return best ?? everything;
}

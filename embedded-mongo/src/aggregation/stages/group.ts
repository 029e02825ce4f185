import { MongoError } from '../../errors.ts';
import {
  asInteger,
  compare,
  type Doc,
  docOf,
  encodeKeyString,
  int32,
  isNumber,
  MISSING,
  typeNameOf,
  type Value,
} from '../../values/index.ts';
import { type Accumulator, type AccumulatorPlan, compileOutputs } from '../accumulators.ts';
import { canonicalizer } from '../canonical.ts';
import { compileExpression, type Expr } from '../expression.ts';
import type { Scope } from '../scope.ts';
import { sortStage } from './basic.ts';
import { type Stage, type StageBuilder, stageDocument } from './stage.ts';

interface Group {
  readonly id: Value;
  readonly accumulators: Accumulator[];
}

function begin(id: Value, plans: readonly (readonly [string, AccumulatorPlan])[]): Group {
  return { id, accumulators: plans.map(([, plan]) => plan.begin(id)) };
}

function add(group: Group, plans: readonly (readonly [string, AccumulatorPlan])[], doc: Doc): void {
  for (let index = 0; index < plans.length; index++) {
    (group.accumulators[index] as Accumulator).add((plans[index] as readonly [string, AccumulatorPlan])[1].input(doc));
  }
}

function finish(group: Group, plans: readonly (readonly [string, AccumulatorPlan])[]): Doc {
  const doc: Doc = new Map([['_id', group.id]]);
  for (const [index, [field]] of plans.entries()) {
    const value = (group.accumulators[index] as Accumulator).result();
    doc.set(field, value === MISSING ? null : value);
  }
  return doc;
}

function grouping(id: Expr, plans: readonly (readonly [string, AccumulatorPlan])[], scope: Scope): Stage {
  return function* group(input) {
    const groups = new Map<string, Group>();
    const canonical = canonicalizer(scope.collation);
    for (const doc of input) {
      const value = id(doc);
      const key = value === MISSING ? null : value;
      const text = encodeKeyString([canonical(key)]);
      let found = groups.get(text);
      if (!found) groups.set(text, (found = begin(key, plans)));
      add(found, plans, doc);
    }
    for (const found of groups.values()) yield finish(found, plans);
  };
}

/** `$group`. */
export const group: StageBuilder = (argument, { scope }) => {
  const spec = stageDocument(argument, '$group', 15947);
  if (!spec.has('_id')) throw new MongoError(15955, 'a group specification must include an _id');
  const plans = compileOutputs(
    [...spec].filter(([name]) => name !== '_id'),
    scope,
  );
  return grouping(compileExpression(spec.get('_id'), scope), plans, scope);
};

const countOne = docOf('count', docOf('$sum', int32(1)));

/** `$sortByCount`. */
export const sortByCount: StageBuilder = (argument, { scope }) => {
  if (
    argument instanceof Map
      ? !(argument.keys().next().value ?? '').startsWith('$')
      : typeof argument !== 'string' || !argument.startsWith('$')
  ) {
    throw new MongoError(
      argument instanceof Map ? 40147 : 40149,
      'the sortByCount field must be defined as a $-prefixed path or an expression',
    );
  }
  const grouped = grouping(compileExpression(argument, scope), compileOutputs(countOne, scope), scope);
  const sorted = sortStage(docOf('count', int32(-1)), scope);
  return (input) => sorted(grouped(input));
};

/** `$bucket`. */
export const bucket: StageBuilder = (argument, { scope }) => {
  const spec = stageDocument(argument, '$bucket', 40201);
  for (const key of spec.keys()) {
    if (!['groupBy', 'boundaries', 'default', 'output'].includes(key))
      throw new MongoError(40197, `Unrecognized option to $bucket: ${key}.`);
  }
  const boundaries = spec.get('boundaries');
  if (!spec.has('groupBy') || !Array.isArray(boundaries))
    throw new MongoError(40198, "$bucket requires 'groupBy' and 'boundaries' to be specified.");
  if (boundaries.length < 2)
    throw new MongoError(
      40192,
      "The $bucket 'boundaries' field must have at least 2 values, but found " + `${boundaries.length} value(s).`,
    );
  for (let index = 1; index < boundaries.length; index++) {
    if (compare(boundaries[index - 1], boundaries[index]) >= 0) {
      throw new MongoError(
        40194,
        "The 'boundaries' option to $bucket must be sorted, but elements are not in ascending order.",
      );
    }
  }
  const id = compileExpression(spec.get('groupBy'), scope);
  const hasDefault = spec.has('default');
  const otherwise = spec.get('default');
  const output = spec.get('output');
  if (output !== undefined && !(output instanceof Map))
    throw new MongoError(40196, "The $bucket 'output' field must be an object");
  const plans = compileOutputs(output ?? countOne, scope);
  const bucketOf: Expr = (doc) => {
    const value = id(doc);
    if (value !== MISSING && compare(value, boundaries[0]) >= 0) {
      for (let index = 1; index < boundaries.length; index++)
        if (compare(value, boundaries[index]) < 0) return boundaries[index - 1];
    }
    if (hasDefault) return otherwise;
    throw new MongoError(40066, '$switch could not find a matching branch for an input, and no default was specified.');
  };
  const grouped = grouping(bucketOf, plans, scope);
  const sorted = sortStage(docOf('_id', int32(1)), scope);
  return (input) => sorted(grouped(input));
};

/** `$bucketAuto`. */
export const bucketAuto: StageBuilder = (argument, { scope }) => {
  const spec = stageDocument(argument, '$bucketAuto', 40240);
  for (const key of spec.keys()) {
    if (!['groupBy', 'buckets', 'output', 'granularity'].includes(key))
      throw new MongoError(40245, `Unrecognized option to $bucketAuto: ${key}.`);
  }
  if (!spec.has('groupBy') || !spec.has('buckets'))
    throw new MongoError(40246, "$bucketAuto requires 'groupBy' and 'buckets' to be specified.");
  if (spec.has('granularity')) throw new MongoError(238, "$bucketAuto's granularity is not supported");
  const buckets = isNumber(spec.get('buckets')) ? asInteger(spec.get('buckets')) : undefined;
  if (buckets === undefined)
    throw new MongoError(
      40241,
      `The $bucketAuto 'buckets' field must be a numeric value, but found type: ${typeNameOf(spec.get('buckets'))}`,
    );
  if (buckets < 1)
    throw new MongoError(40243, `The $bucketAuto 'buckets' field must be greater than 0, but found: ${buckets}`);
  const id = compileExpression(spec.get('groupBy'), scope);
  const output = spec.get('output');
  if (output !== undefined && !(output instanceof Map))
    throw new MongoError(40244, "The $bucketAuto 'output' field must be an object");
  const plans = compileOutputs(output ?? countOne, scope);
  const strings = scope.collation?.compare;
  return function* bucketing(input) {
    const items = [...input].map((doc) => {
      const value = id(doc);
      return { doc, value: value === MISSING ? null : value };
    });
    items.sort((left, right) => compare(left.value, right.value, strings));
    const size = Math.max(1, Math.round(items.length / buckets));
    const bins: { group: Group; min: Value; max: Value }[] = [];
    let at = 0;
    while (at < items.length && bins.length < buckets) {
      const start = at;
      const end = bins.length === buckets - 1 ? items.length : Math.min(items.length, start + size);
      const made = begin(null, plans);
      // Equal values never fall into two buckets.
      while (at < items.length && (at < end || compare(items[at]?.value, items[at - 1]?.value, strings) === 0)) {
        add(made, plans, (items[at] as { doc: Doc }).doc);
        at++;
      }
      bins.push({ group: made, min: items[start]?.value, max: items[at - 1]?.value });
    }
    for (const [index, bin] of bins.entries()) {
      const max = bins[index + 1]?.min ?? bin.max;
      yield finish({ ...bin.group, id: docOf('min', bin.min, 'max', max) }, plans);
    }
  };
};

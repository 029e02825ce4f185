import { Code, MongoError } from '../../errors.ts';
import { type Doc, MISSING, typeNameOf, type Value } from '../../values/index.ts';
import { compileExpression, type Expr } from '../expression.ts';
import { bind, type Scope } from '../scope.ts';
import { compileTransform } from '../transform.ts';
import { stageDocument } from './stage.ts';

/** Where `$out` puts its documents: the collection is replaced as a whole. */
export interface OutTarget {
  readonly kind: 'out';
  readonly db: string | undefined;
  readonly collection: string;
}

/** What `$merge` does with its documents. */
export interface MergeTarget {
  readonly kind: 'merge';
  readonly db: string | undefined;
  readonly collection: string;
  /** The fields that tell whether a document is there already; a unique index over exactly them is needed. */
  readonly on: readonly string[];
  readonly whenNotMatched: 'insert' | 'discard' | 'fail';
  readonly whenMatched: 'replace' | 'keepExisting' | 'merge' | 'fail' | 'pipeline';
  /** The document to store for one that is there: the old one to keep it. Not to be called for `fail`. */
  readonly combine: (existing: Doc, incoming: Doc) => Doc;
}

export type OutputTarget = OutTarget | MergeTarget;

function namespace(value: Value, name: string): { db: string | undefined; collection: string } {
  if (typeof value === 'string') {
    if (value === '') throw new MongoError(Code.InvalidNamespace, `Invalid ${name} target namespace`);
    return { db: undefined, collection: value };
  }
  const spec = stageDocument(value, name, 16990, ['db', 'coll']);
  const db = spec.get('db');
  const collection = spec.get('coll');
  if (typeof collection !== 'string' || (db !== undefined && typeof db !== 'string')) {
    throw new MongoError(16994, `If an object is passed to ${name} it must have string fields 'db' and 'coll'`);
  }
  return { db, collection };
}

function readOut(value: Value): OutTarget {
  return { kind: 'out', ...namespace(value, '$out') };
}

const MATCHED = ['replace', 'keepExisting', 'merge', 'fail'] as const;
const NOT_MATCHED = ['insert', 'discard', 'fail'] as const;

function readMerge(value: Value, scope: Scope): MergeTarget {
  if (typeof value === 'string') return readMerge(new Map([['into', value]]), scope);
  const spec = stageDocument(value, '$merge', 51182, ['into', 'on', 'let', 'whenMatched', 'whenNotMatched'], ['into']);
  const onValue = spec.get('on') ?? '_id';
  const on = Array.isArray(onValue) ? onValue : [onValue];
  if (on.length === 0)
    throw new MongoError(51187, "If explicitly specifying $merge 'on', must include at least one field");
  for (const field of on)
    if (typeof field !== 'string')
      throw new MongoError(
        51186,
        `$merge 'on' field must be either a string or an array of strings, but found ${typeNameOf(field)}`,
      );
  const whenNotMatched = spec.get('whenNotMatched') ?? 'insert';
  if (!NOT_MATCHED.includes(whenNotMatched as 'insert'))
    throw new MongoError(
      Code.BadValue,
      `Enumeration value '${String(whenNotMatched)}' for field '$merge.whenNotMatched' is not a valid value.`,
    );
  const matched = spec.get('whenMatched') ?? 'merge';
  const base = {
    kind: 'merge',
    ...namespace(spec.get('into'), '$merge'),
    on: on as string[],
    whenNotMatched: whenNotMatched as 'insert',
  } as const;
  if (Array.isArray(matched))
    return { ...base, whenMatched: 'pipeline', combine: mergePipeline(matched, spec.get('let'), scope) };
  if (spec.has('let'))
    throw new MongoError(51199, "Cannot use 'let' variables with 'whenMatched: " + `${String(matched)}' mode`);
  if (!MATCHED.includes(matched as 'merge'))
    throw new MongoError(51191, `$merge 'whenMatched' is not a valid value: ${String(matched)}`);
  const whenMatched = matched as (typeof MATCHED)[number];
  const combine = (existing: Doc, incoming: Doc): Doc => {
    if (whenMatched === 'keepExisting' || whenMatched === 'fail') return existing;
    return whenMatched === 'replace' ? incoming : new Map([...existing, ...incoming]);
  };
  return { ...base, whenMatched, combine };
}

function mergePipeline(stages: readonly Value[], let_: Value, scope: Scope): MergeTarget['combine'] {
  const variables: Doc = let_ instanceof Map ? let_ : new Map([['new', '$$ROOT']]);
  const values: Expr[] = [...variables.values()].map((value) => compileExpression(value, scope));
  const bound = bind(scope, [...variables.keys()]);
  const transforms = stages.map((stage) => compileTransform(stage as Doc, bound.scope));
  return (existing, incoming) => {
    for (const [index, slot] of bound.slots.entries()) scope.slots[slot] = (values[index] as Expr)(incoming) ?? MISSING;
    return transforms.reduce((doc, transform) => transform(doc), existing);
  };
}

/** Reads `$out` or `$merge`. */
export function readOutput(name: '$out' | '$merge', value: Value, scope: Scope): OutputTarget {
  return name === '$out' ? readOut(value) : readMerge(value, scope);
}

import { MongoError } from '../../errors.ts';
import type { Filter } from '../../query/index.ts';
import { type Doc, typeNameOf, type Value } from '../../values/index.ts';
import type { Scope } from '../scope.ts';

/** Documents in, documents out; pulls only as much as it is asked for. */
export type Stage = (input: Iterable<Doc>) => Iterable<Doc>;

/** Where stages that read other collections read them. */
export interface Source {
  /** The documents of a collection of the same database that match; all without a filter. */
  readonly scan: (collection: string, filter?: Filter) => Iterable<Doc>;
  /** Whether an index makes equality on a path cheap; then it is asked per document, else a table is made once. */
  readonly indexed?: (collection: string, path: string) => boolean;
}

/** What a stage is compiled with. */
export interface StageContext {
  readonly scope: Scope;
  readonly source: Source;
  /** Compiles a pipeline inside this one, with the variables of `scope`. */
  readonly inner: (stages: Value, scope: Scope, where: string) => InnerPipeline;
}

/** A pipeline inside a stage: reads its collection by `filter`, then runs. */
export interface InnerPipeline {
  readonly filter: Filter | undefined;
  readonly run: Stage;
  /** Begins with a stage that makes its own documents. */
  readonly standsAlone: boolean;
}

/** Compiles a stage from its argument. */
export type StageBuilder = (argument: Value, context: StageContext, name: string) => Stage;

/** An argument that must be a document, of known fields. */
export function stageDocument(
  argument: Value,
  name: string,
  code: number,
  known?: readonly string[],
  required: readonly string[] = [],
): Doc {
  if (!(argument instanceof Map))
    throw new MongoError(code, `the ${name} stage specification must be an object, but found ${typeNameOf(argument)}`);
  if (known) {
    for (const key of argument.keys()) {
      if (!known.includes(key)) throw new MongoError(40415, `BSON field '${name}.${key}' is an unknown field.`);
    }
  }
  for (const key of required) {
    if (!argument.has(key)) throw new MongoError(40414, `BSON field '${name}.${key}' is missing but a required field`);
  }
  return argument;
}

/** A stage that answers each document with one. */
export function mapping(apply: (doc: Doc) => Doc): Stage {
  return function* map(input) {
    for (const doc of input) yield apply(doc);
  };
}

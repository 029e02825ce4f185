import type { Path, Value, ValueTest } from '../values/index.ts';

/**
 * A parsed filter. Leaves carry the test they stand for, so that compiling is only a matter of walking; what an index can
 * use is said in `predicate`.
 */
export type Node =
  | { readonly kind: 'and' | 'or' | 'nor'; readonly children: readonly Node[] }
  | { readonly kind: 'not'; readonly child: Node }
  | {
      readonly kind: 'leaf';
      readonly path: Path;
      /** Whether elements of an array at the end of the path are tried one by one. */
      readonly leaves: boolean;
      readonly test: ValueTest;
      readonly predicate?: Predicate;
    }
  | { readonly kind: 'elemMatch'; readonly path: Path; readonly child: Node; readonly onDocuments: boolean }
  /** A test of the document, `$expr` or `$jsonSchema`, and the fields that it looks at; undefined for all. */
  | { readonly kind: 'root'; readonly test: ValueTest; readonly fields: ReadonlySet<string> | undefined }
  | { readonly kind: 'constant'; readonly value: boolean };

/**
 * What a planner may know about a filter: every document that matches satisfies all predicates of the list. They follow
 * array semantics: on a field that holds an array, two predicates may be satisfied by two different elements, so
 * that bounds on one path must not be intersected on a multikey index.
 */
export type Predicate =
  | { readonly kind: 'eq'; readonly path: string; readonly value: Value }
  | { readonly kind: 'in'; readonly path: string; readonly values: readonly Value[] }
  | { readonly kind: 'gt' | 'gte' | 'lt' | 'lte'; readonly path: string; readonly value: Value }
  | { readonly kind: 'exists'; readonly path: string }
  /** A string with this prefix, or a regular expression as a value. */
  | { readonly kind: 'prefix'; readonly path: string; readonly prefix: string }
  | { readonly kind: 'type'; readonly path: string; readonly types: readonly number[] }
  /** One element satisfies all of the inner predicates, whose paths are complete ones; they may be intersected. */
  | { readonly kind: 'elemMatch'; readonly path: string; readonly predicates: readonly Predicate[] }
  /** At least one of the branches holds, each a conjunction. */
  | { readonly kind: 'or'; readonly branches: readonly (readonly Predicate[])[] };

export * from './collation.ts';
export * from './filter.ts';
export type { Predicate } from './node.ts';
export { isOperatorDoc } from './parse.ts';
export { explainSchemaFailure } from './json-schema.ts';

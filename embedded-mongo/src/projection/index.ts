export { compileProjection, type Projection, type ProjectionOptions } from './projection.ts';
export { compileSort, type Sort } from './sort.ts';

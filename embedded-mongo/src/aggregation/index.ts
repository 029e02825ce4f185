export { compileExpression, newScope, type Expr, type Scope, type ScopeOptions, truthy } from './expression.ts';
export { compilePipeline, type Pipeline, type PipelineOptions, stageNames } from './pipeline.ts';
export type { Source } from './stages/stage.ts';
export type { MergeTarget, OutputTarget, OutTarget } from './stages/output.ts';

import { registerOperators } from './compile.ts';
import { OPERATORS } from './operators/index.ts';

registerOperators(OPERATORS);

export { checkVariableName, compileExpression, isNullish, newScope, truthy } from './compile.ts';
export type { Expr, Scope, ScopeOptions } from './scope.ts';

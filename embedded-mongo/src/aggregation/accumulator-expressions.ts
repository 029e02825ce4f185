import { SIMPLE_ACCUMULATORS } from './accumulators.ts';
import { compileExpression } from './compile.ts';
import { compileArguments, type Operator, type OperatorTable } from './operators/operator.ts';

/** An accumulator as an expression: over its arguments, or over the one array that its one argument gives. */
function overArguments(name: string): Operator {
  return (argument, scope) => {
    // Looked up late: the two modules need each other.
    const begin = SIMPLE_ACCUMULATORS.get(name) as NonNullable<ReturnType<typeof SIMPLE_ACCUMULATORS.get>>;
    if (Array.isArray(argument) && argument.length !== 1) {
      const items = compileArguments(argument, scope, name, 0, Infinity);
      return (root) => {
        const accumulator = begin(scope);
        for (const item of items) accumulator.add(item(root));
        return accumulator.result();
      };
    }
    const single = compileExpression(Array.isArray(argument) ? argument[0] : argument, scope);
    return (root) => {
      const accumulator = begin(scope);
      const value = single(root);
      if (Array.isArray(value)) for (const item of value) accumulator.add(item);
      else accumulator.add(value);
      return accumulator.result();
    };
  };
}

/** The accumulators that are expressions too. */
export const ACCUMULATOR_EXPRESSIONS: OperatorTable = ['$sum', '$avg', '$min', '$max', '$stdDevPop', '$stdDevSamp'].map(
  (name) => [name, overArguments(name)] as const,
);

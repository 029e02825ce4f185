import { compileExpression, type Expr, type Scope } from '../aggregation/expression.ts';
import { MongoError } from '../errors.ts';
import type { Doc } from '../values/index.ts';
import { checkName } from './names.ts';
import { compileTree, newTree } from './tree.ts';

/** Compiles the argument of `$addFields` or `$set`. */
export function compileAddFields(spec: Doc, scope: Scope, name: string): (doc: Doc) => Doc {
  if (spec.size === 0)
    throw new MongoError(40177, `Invalid ${name} :: caused by :: specification must have at least one field`);
  const tree = newTree();
  const add = (fields: Doc, prefix: string): void => {
    for (const [key, value] of fields) {
      const path = prefix === '' ? key : `${prefix}.${key}`;
      if (value instanceof Map && value.size > 0 && !(value.keys().next().value as string).startsWith('$'))
        add(value, path);
      else place(path, compileExpression(value, scope));
    }
  };
  const place = (path: string, expression: Expr): void => {
    const parts = path.split('.');
    let at = tree;
    for (const [index, part] of parts.entries()) {
      checkName(part, path);
      at.computes = true;
      const known = at.fields.get(part);
      if (index === parts.length - 1) {
        if (known)
          throw new MongoError(
            40176,
            `Invalid ${name} :: caused by :: specification contains two conflicting paths. Cannot specify both '${path}' and another path that it contains`,
          );
        at.fields.set(part, { kind: 'compute', expression });
      } else if (known === undefined) {
        const inner = newTree();
        at.fields.set(part, { kind: 'nested', tree: inner });
        at = inner;
      } else if (known.kind === 'nested') at = known.tree;
      else
        throw new MongoError(
          40176,
          `Invalid ${name} :: caused by :: specification contains two conflicting paths. Cannot specify both '${path}' and '${parts.slice(0, index + 1).join('.')}'`,
        );
    }
  };
  add(spec, '');
  return compileTree(tree, 'keep');
}

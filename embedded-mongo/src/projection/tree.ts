import type { Expr } from '../aggregation/scope.ts';
import { type Doc, MISSING, type Missing, type Value } from '../values/index.ts';

/** What happens to one field. */
export type FieldAction =
  | { readonly kind: 'include' }
  | { readonly kind: 'exclude' }
  | { readonly kind: 'compute'; readonly expression: Expr }
  /** Changes the value where there is one. */
  | { readonly kind: 'map'; readonly apply: (value: Value) => Value | Missing }
  | { readonly kind: 'nested'; readonly tree: Tree };

/** What happens to the fields of a document, and to those not named. */
export interface Tree {
  readonly fields: Map<string, FieldAction>;
  computes: boolean;
}

/** What becomes of fields that a tree does not name. */
export type Rest = 'drop' | 'keep';

/** A tree without fields. */
export function newTree(): Tree {
  return { fields: new Map(), computes: false };
}

function projectValue(value: Value, tree: Tree, rest: Rest): Value | Missing {
  if (value instanceof Map) return projectDoc(value, tree, rest);
  if (Array.isArray(value)) {
    const items: Value[] = [];
    for (const item of value) {
      const projected = projectValue(item, tree, rest);
      if (projected !== MISSING) items.push(projected);
      // Its place is taken by the fields that are computed for every element.
      else if (tree.computes) items.push(new Map());
    }
    return items;
  }
  return rest === 'keep' ? value : MISSING;
}

function projectDoc(doc: Doc, tree: Tree, rest: Rest): Doc {
  const result: Doc = new Map();
  for (const [name, value] of doc) {
    const action = tree.fields.get(name);
    if (action === undefined) {
      if (rest === 'keep') result.set(name, value);
      continue;
    }
    switch (action.kind) {
      case 'include':
        result.set(name, value);
        break;
      case 'map': {
        const mapped = action.apply(value);
        if (mapped !== MISSING) result.set(name, mapped);
        break;
      }
      case 'nested': {
        const projected = projectValue(value, action.tree, rest);
        if (projected !== MISSING) result.set(name, projected);
        break;
      }
      case 'compute':
        // Keeps the field's place where fields are added to what there is; the value comes later.
        if (rest === 'keep') result.set(name, value);
        break;
      default:
    }
  }
  return result;
}

function computeInto(root: Doc, into: Doc, tree: Tree): void {
  for (const [name, action] of tree.fields) {
    if (action.kind === 'compute') {
      const value = action.expression(root);
      if (value === MISSING) into.delete(name);
      else into.set(name, value);
    } else if (action.kind === 'nested' && action.tree.computes) {
      into.set(name, computeValue(root, into.has(name) ? (into.get(name) as Value) : MISSING, action.tree));
    }
  }
}

function computeValue(root: Doc, value: Value | Missing, tree: Tree): Value {
  if (Array.isArray(value)) return value.map((item) => computeValue(root, item, tree));
  const doc: Doc = value instanceof Map ? new Map(value) : new Map();
  computeInto(root, doc, tree);
  return doc;
}

/** A tree as a function of documents. Computed fields see the document as it came. */
export function compileTree(tree: Tree, rest: Rest): (doc: Doc) => Doc {
  if (!tree.computes) return (doc) => projectDoc(doc, tree, rest);
  return (doc) => {
    const result = projectDoc(doc, tree, rest);
    computeInto(doc, result, tree);
    return result;
  };
}

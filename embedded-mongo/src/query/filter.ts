import { newScope, type Scope } from '../aggregation/expression.ts';
import {
  type Doc,
  findAlong,
  MATCH_OUTSIDE_ARRAYS,
  NO_MATCH,
  type Path,
  type Value,
  type ValueTest,
} from '../values/index.ts';
import type { Collation } from './collation.ts';
import type { Node, Predicate } from './node.ts';
import { parseFilter } from './parse.ts';

/** How a document matched, for the positional operator. */
export interface MatchInfo {
  /** Index of the element, in the outermost array gone through, that satisfied the last array condition. */
  arrayIndex: number | undefined;
}

/** A filter, ready to use. */
export interface Filter {
  readonly matches: (doc: Doc) => boolean;
  /** As `matches`, and how; undefined if the document does not match. */
  readonly matchInfo: (doc: Doc) => MatchInfo | undefined;
  /** What must hold for every match; see `Predicate`. With a collation, string bounds are not those of the bytes. */
  readonly predicates: readonly Predicate[];
  /** Whether predicates on strings follow a collation. */
  readonly collation: Collation | undefined;
  /** The fields at the top of a document that decide; undefined if the whole document does. */
  readonly fields: ReadonlySet<string> | undefined;
  /** Whether every document matches. */
  readonly matchesAll: boolean;
  /** Equalities that a document made by an upsert starts with, in the filter's order. */
  readonly equalities: readonly { readonly path: string; readonly value: Value }[];
}

/** What a filter is compiled with. */
export interface FilterOptions {
  readonly collation?: Collation | undefined;
  /** Variables that `$expr` may name, already evaluated (the command's `let`), or a scope that has them. */
  readonly let?: Doc | undefined;
  readonly scope?: Scope | undefined;
}

type Match = (root: Value, info: MatchInfo | undefined) => boolean;

function compileNode(node: Node): Match {
  switch (node.kind) {
    case 'constant':
      return () => node.value;
    case 'root': {
      const { test } = node;
      return (root) => test(root);
    }
    case 'and': {
      const children = node.children.map(compileNode);
      const [first, second] = children;
      if (!first) return () => true;
      if (children.length === 2 && second) return (root, info) => first(root, info) && second(root, info);
      return (root, info) => {
        for (const child of children) if (!child(root, info)) return false;
        return true;
      };
    }
    case 'or':
    case 'nor': {
      const wanted = node.kind === 'or';
      const children = node.children.map(compileNode);
      return (root) => {
        for (const child of children) if (child(root, undefined)) return wanted;
        return !wanted;
      };
    }
    case 'not': {
      const child = compileNode(node.child);
      return (root) => !child(root, undefined);
    }
    case 'leaf':
      return compileLeaf(node.path, node.leaves, node.test);
    case 'elemMatch':
      return compileElemMatch(node);
    default:
      return node satisfies never;
  }
}

function compileLeaf(path: Path, leaves: boolean, test: ValueTest): Match {
  return (root, info) => {
    const found = findAlong(root, path, leaves, test);
    if (found === NO_MATCH) return false;
    if (info && found !== MATCH_OUTSIDE_ARRAYS) info.arrayIndex = found;
    return true;
  };
}

/** A node as a test of one value, with neither a path nor arrays to go through. */
function compileValue(node: Node): ValueTest {
  switch (node.kind) {
    case 'leaf':
      return node.test;
    case 'not': {
      const child = compileValue(node.child);
      return (value) => !child(value);
    }
    case 'and': {
      const children = node.children.map(compileValue);
      return (value) => children.every((child) => child(value));
    }
    case 'constant':
      return () => node.value;
    case 'elemMatch':
      return arrayTest(node);
    default:
      throw new TypeError(`${node.kind} does not test a value`);
  }
}

let elementFound = NO_MATCH;

function arrayTest(node: Node & { kind: 'elemMatch' }): ValueTest {
  let passes: ValueTest;
  if (node.onDocuments) {
    const child = compileNode(node.child);
    // An array among the elements counts as a document whose names are its indexes.
    passes = (element) =>
      element instanceof Map
        ? child(element, undefined)
        : Array.isArray(element) && child(new Map(element.map((item, index) => [String(index), item])), undefined);
  } else passes = compileValue(node.child);
  return (value) => {
    if (!Array.isArray(value)) return false;
    for (let index = 0; index < value.length; index++) {
      if (passes(value[index])) {
        elementFound = index;
        return true;
      }
    }
    return false;
  };
}

function compileElemMatch(node: Node & { kind: 'elemMatch' }): Match {
  const test = arrayTest(node);
  const { path } = node;
  return (root, info) => {
    const found = findAlong(root, path, false, test);
    if (found === NO_MATCH) return false;
    if (info) info.arrayIndex = found === MATCH_OUTSIDE_ARRAYS ? elementFound : found;
    return true;
  };
}

function withPrefix(predicate: Predicate, prefix: string): Predicate {
  if (predicate.kind === 'or') {
    return {
      kind: 'or',
      branches: predicate.branches.map((branch) => branch.map((inner) => withPrefix(inner, prefix))),
    };
  }
  const path = predicate.path === '' ? prefix : `${prefix}.${predicate.path}`;
  if (predicate.kind === 'elemMatch') {
    return { kind: 'elemMatch', path, predicates: predicate.predicates.map((inner) => withPrefix(inner, prefix)) };
  }
  return { ...predicate, path };
}

function predicatesOf(node: Node): Predicate[] {
  switch (node.kind) {
    case 'and':
      return node.children.flatMap(predicatesOf);
    case 'leaf':
      return node.predicate ? [node.predicate] : [];
    case 'or': {
      const branches = node.children.map(predicatesOf);
      return branches.length === 1 ? (branches[0] as Predicate[]) : [{ kind: 'or', branches }];
    }
    case 'elemMatch': {
      const path = node.path.join('.');
      const predicates = predicatesOf(node.child).map((inner) => withPrefix(inner, path));
      // An element that is an array is no value of the index's: its own elements are not filed.
      return predicates.length > 0 ? [{ kind: 'elemMatch', path, predicates }] : [];
    }
    default:
      return [];
  }
}

function equalitiesOf(node: Node, found: { path: string; value: Value }[]): void {
  if (node.kind === 'and') for (const child of node.children) equalitiesOf(child, found);
  else if (node.kind === 'leaf') {
    if (node.predicate?.kind === 'eq') found.push(node.predicate);
    else if (node.predicate?.kind === 'in' && node.predicate.values.length === 1) {
      found.push({ path: node.predicate.path, value: node.predicate.values[0] as Value });
    }
  }
}

/** Collects the top-level fields that a node looks at; false if it looks at everything. */
function collectFields(node: Node, into: Set<string>): boolean {
  switch (node.kind) {
    case 'constant':
      return true;
    case 'root':
      node.fields?.forEach((field) => into.add(field));
      return node.fields !== undefined;
    case 'not':
      return collectFields(node.child, into);
    case 'and':
    case 'or':
    case 'nor':
      return node.children.every((child) => collectFields(child, into));
    default:
      into.add(node.path[0] as string);
      return true;
  }
}

/** Compiles a filter. Throws BadValue (2) and others for what is not one. */
export function compileFilter(filter: Doc, options: FilterOptions = {}): Filter {
  const scope = options.scope ?? newScope({ let: options.let, collation: options.collation });
  const node = parseFilter(filter, { collation: options.collation, scope });
  const match = compileNode(node);
  const equalities: { path: string; value: Value }[] = [];
  equalitiesOf(node, equalities);
  const fields = new Set<string>();
  return {
    matches: (doc) => match(doc, undefined),
    matchInfo: (doc) => {
      const info: MatchInfo = { arrayIndex: undefined };
      return match(doc, info) ? info : undefined;
    },
    predicates: predicatesOf(node),
    fields: collectFields(node, fields) ? fields : undefined,
    collation: options.collation,
    matchesAll: node.kind === 'and' && node.children.length === 0,
    equalities,
  };
}

/** Compiles a filter to its test. */
export function compileMatcher(filter: Doc, options: FilterOptions = {}): (doc: Doc) => boolean {
  return compileFilter(filter, options).matches;
}

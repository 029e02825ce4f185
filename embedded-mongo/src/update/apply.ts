import { Code, MongoError } from '../errors.ts';
import {
  arrayIndex,
  type Doc,
  getPath,
  identical,
  MISSING,
  type Missing,
  type Path,
  type Value,
} from '../values/index.ts';
import type { ArrayFilters } from './array-filters.ts';
import { emptyDescription, type UpdateDescription } from './description.ts';
import { type Change, type ChangeContext, KEEP, type Modifier, REMOVE } from './modifier.ts';
import { partKind } from './parse.ts';
import { show } from './show.ts';

/** How far an assignment may lengthen an array with nulls. */
const MAX_PADDING = 1_500_000;

type Container = Doc | Value[];

/** One document under change: containers are copied the first time something in them changes. */
export class Draft {
  doc: Doc;
  changed = false;
  readonly description: UpdateDescription = emptyDescription();
  private readonly owned = new Set<Container>();
  private readonly context: ChangeContext;

  constructor(doc: Doc, inserting: boolean) {
    this.doc = doc;
    this.context = { inserting, describe: () => `{_id: ${show(doc.get('_id'))}}` };
  }

  /** Applies one change at a path without positional parts. */
  run(path: Path, change: Change): void {
    const { doc } = this;
    let value: Value | Missing = doc;
    let depth = 0;
    // As far as the path leads; `parent` is the container that has, or would get, path[depth].
    for (; depth < path.length; depth++) {
      const next = child(value as Container, path[depth] as string);
      if (next === MISSING) break;
      if (depth < path.length - 1 && !(next instanceof Map) && !Array.isArray(next)) {
        if (!change.creates) return;
        throw new MongoError(
          Code.PathNotViable,
          `Cannot create field '${path[depth + 1]}' in element {${path[depth]}: ${show(next)}}`,
        );
      }
      value = next;
    }
    const exists = depth === path.length;
    const dotted = path.join('.');
    if (!exists) {
      if (!change.creates) return;
      if (Array.isArray(value) && arrayIndex(path[depth] as string) < 0) {
        const name = path[depth - 1] as string;
        throw new MongoError(
          Code.PathNotViable,
          `Cannot create field '${path[depth]}' in element {${name}: ${show(value)}}`,
        );
      }
    }
    const outcome = change.apply(exists ? value : MISSING, this.context, dotted);
    if (outcome === KEEP) return;
    if (outcome === REMOVE) this.remove(path);
    else this.assign(path, depth, outcome, exists ? value : MISSING);
  }

  /** Moves a value; see `$rename`. */
  rename(source: Path, destination: Path): void {
    const value = this.renamed(source, 'source');
    if (value === MISSING) return;
    this.renamed(destination.slice(0, -1), 'destination');
    this.run(destination, {
      creates: true,
      apply: (current) => (current !== MISSING && identical(current, value) ? KEEP : value),
    });
    this.remove(source);
  }

  private renamed(path: Path, role: string): Value | Missing {
    let value: Value | Missing = this.doc;
    for (const [index, part] of path.entries()) {
      if (value instanceof Map) value = child(value, part);
      else if (value === MISSING) return MISSING;
      else if (Array.isArray(value)) throw this.elementOfArray(role, path, index);
      else if (role === 'source') {
        throw new MongoError(
          Code.PathNotViable,
          `cannot use the part (${path[index - 1]} of ${path.join('.')}) to traverse the element ({${path[index - 1]}: ${show(value)}})`,
        );
      } else return MISSING;
    }
    if (role === 'destination' && Array.isArray(value)) throw this.elementOfArray(role, path, path.length);
    return value;
  }

  private elementOfArray(role: string, path: Path, index: number): MongoError {
    return new MongoError(
      Code.BadValue,
      `The ${role} field cannot be an array element, '${path.join('.')}' in doc with ${this.context.describe()} has an array field called '${path[index - 1]}'`,
    );
  }

  private remove(path: Path): void {
    const parentPath = path.slice(0, -1);
    if (getPath(this.doc, path) === MISSING) return;
    const parent = this.own(parentPath);
    const last = path.at(-1) as string;
    if (parent instanceof Map) {
      parent.delete(last);
      this.description.removedFields.push(path.join('.'));
    } else {
      // An element that is taken away leaves a null, so that the others keep their places.
      if (parent[arrayIndex(last)] === null) return;
      parent[arrayIndex(last)] = null;
      this.description.updatedFields.set(path.join('.'), null);
    }
    this.changed = true;
  }

  private assign(path: Path, depth: number, value: Value, before: Value | Missing): void {
    this.changed = true;
    const last = path.length - 1;
    if (before !== MISSING) {
      put(this.own(path.slice(0, last)), path[last] as string, value);
      this.describe(path, value, before);
      return;
    }
    let made = value;
    for (let at = last; at > depth; at--) made = new Map([[path[at] as string, made]]);
    const parentPath = path.slice(0, depth);
    const parent = this.own(parentPath);
    const padded = Array.isArray(parent) && arrayIndex(path[depth] as string) > parent.length;
    put(parent, path[depth] as string, made);
    if (padded) this.description.updatedFields.set(parentPath.join('.'), parent);
    else this.description.updatedFields.set(path.slice(0, depth + 1).join('.'), made);
  }

  /** Elements appended to an array are described one by one, anything else as the new value. */
  private describe(path: Path, value: Value, before: Value): void {
    const dotted = path.join('.');
    if (Array.isArray(before) && Array.isArray(value) && value.length > before.length && before.length > 0) {
      if (before.every((item, index) => item === value[index])) {
        for (let index = before.length; index < value.length; index++) {
          this.description.updatedFields.set(`${dotted}.${index}`, value[index]);
        }
        return;
      }
    }
    this.description.updatedFields.set(dotted, value);
  }

  /** The container at a path, copied with all above it unless that was done before. */
  private own(path: Path): Container {
    if (!this.owned.has(this.doc)) {
      this.doc = new Map(this.doc);
      this.owned.add(this.doc);
    }
    let container: Container = this.doc;
    for (const part of path) {
      let inner = child(container, part) as Container;
      if (!this.owned.has(inner)) {
        inner = inner instanceof Map ? new Map(inner) : [...inner];
        this.owned.add(inner);
        put(container, part, inner);
      }
      container = inner;
    }
    return container;
  }
}

function child(container: Container, part: string): Value | Missing {
  if (container instanceof Map) {
    const value = container.get(part);
    return value === undefined && !container.has(part) ? MISSING : value;
  }
  const index = arrayIndex(part);
  return index >= 0 && index < container.length ? (container[index] as Value) : MISSING;
}

function put(container: Container, part: string, value: Value): void {
  if (container instanceof Map) {
    container.set(part, value);
    return;
  }
  const index = arrayIndex(part);
  if (index - container.length > MAX_PADDING) {
    throw new MongoError(Code.BadValue, `can't backfill more than ${MAX_PADDING} elements`);
  }
  while (container.length < index) container.push(null);
  container[index] = value;
}

/** A modifier on a path in which the positions are known. */
export interface PlacedModifier {
  readonly path: Path;
  readonly modifier: Modifier;
}

/** Replaces `$`, `$[]` and `$[id]` by the indexes that they mean in the document as it is before the update. */
export function place(
  doc: Doc,
  modifier: Modifier,
  position: number | undefined,
  filters: ArrayFilters,
  into: PlacedModifier[],
): void {
  const path: string[] = [];
  const walk = (value: Value | Missing, at: number): void => {
    if (at === modifier.path.length) {
      into.push({ path: [...path], modifier });
      return;
    }
    const part = modifier.path[at] as string;
    const kind = partKind(part);
    if (kind === 'name') descend(value, part, at);
    else if (kind === 'matched') {
      if (position === undefined) {
        throw new MongoError(Code.BadValue, 'The positional operator did not find the match needed from the query.');
      }
      descend(value, String(position), at);
    } else {
      if (value === MISSING) {
        throw new MongoError(
          Code.BadValue,
          `The path '${path.join('.')}' must exist in the document in order to apply array updates.`,
        );
      }
      if (!Array.isArray(value)) {
        throw new MongoError(
          Code.BadValue,
          `Cannot apply array updates to non-array element ${path.at(-1)}: ${show(value)}`,
        );
      }
      const test = kind === 'filtered' ? filters.get(part.slice(2, -1)) : undefined;
      for (const [index, element] of value.entries()) if (!test || test(element)) descend(value, String(index), at);
    }
  };
  const descend = (value: Value | Missing, part: string, at: number): void => {
    path.push(part);
    const inner = value instanceof Map || Array.isArray(value) ? child(value, part) : MISSING;
    // Beyond a scalar only the change itself can tell whether that is an error.
    walk(inner, at + 1);
    path.pop();
  };
  walk(doc, 0);
}

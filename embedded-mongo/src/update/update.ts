import { ObjectId } from 'bson';
import { newScope, type Scope } from '../aggregation/expression.ts';
import { compileTransform } from '../aggregation/transform.ts';
import { Code, MongoError } from '../errors.ts';
import type { Collation, Filter, MatchInfo } from '../query/index.ts';
import { type Doc, equal, identical, parsePath, type Path, typeNameOf, type Value } from '../values/index.ts';
import { Draft, type PlacedModifier, place } from './apply.ts';
import { type ArrayFilters, checkUsed, readArrayFilters } from './array-filters.ts';
import { diffDocs, emptyDescription, type UpdateDescription } from './description.ts';
import type { Modifier } from './modifier.ts';
import { checkConflicts, parseModifiers, partKind } from './parse.ts';
import { show } from './show.ts';

/** What an update is compiled with. */
export interface UpdateOptions {
  readonly arrayFilters?: readonly Doc[] | undefined;
  readonly collation?: Collation | undefined;
  readonly scope?: Scope | undefined;
  /** Constants for a pipeline (`c` of an update statement, `let` of a command). */
  readonly let?: Doc | undefined;
}

/** A document after an update. */
export interface UpdateResult {
  /** The new document; the old one itself if nothing changed. */
  readonly doc: Doc;
  readonly changed: boolean;
  /** Empty for a replacement, which change streams report by the document. */
  readonly description: UpdateDescription;
}

/** An update, ready to use. */
export interface Update {
  readonly kind: 'operators' | 'replacement' | 'pipeline';
  /** Applies to a document that the filter matched; `info` is how it matched, for the positional operator. */
  readonly apply: (doc: Doc, info?: MatchInfo) => UpdateResult;
  /** The document that an upsert inserts, with an `_id` in the first place. */
  readonly insert: (filter: Filter) => Doc;
}

function checkId(before: Doc, after: Doc, replaced: boolean): void {
  const [old, now] = [before.get('_id'), after.get('_id')];
  if (after.has('_id') === before.has('_id') && (old === now || equal(old, now))) return;
  throw new MongoError(
    Code.ImmutableField,
    replaced
      ? `After applying the update, the (immutable) field '_id' was found to have been altered to _id: ${show(now)}`
      : "Performing an update on the path '_id' would modify the immutable field '_id'",
  );
}

/** Puts `_id` in front, making one if there is none, and refuses those of types that cannot be one. */
function withId(doc: Doc): Doc {
  const id = doc.has('_id') ? doc.get('_id') : new ObjectId();
  if (Array.isArray(id) || id === undefined || (id as { _bsontype?: string } | null)?._bsontype === 'BSONRegExp') {
    throw new MongoError(Code.InvalidIdField, `The '_id' value cannot be of type ${typeNameOf(id)}`);
  }
  const result: Doc = new Map([['_id', id]]);
  for (const [name, value] of doc) if (name !== '_id') result.set(name, value);
  return result;
}

/** What the equalities of an upsert's filter say about the document to make. */
export function docFromFilter(filter: Pick<Filter, 'equalities'>): Doc {
  const seen: string[] = [];
  const draft = new Draft(new Map(), true);
  for (const { path, value } of filter.equalities) {
    for (const other of seen) {
      if (other === path) {
        throw new MongoError(
          Code.NotSingleValueField,
          `cannot infer query fields to set, path '${path}' is matched twice`,
        );
      }
      if (path.startsWith(`${other}.`) || other.startsWith(`${path}.`)) {
        throw new MongoError(
          Code.NotSingleValueField,
          `cannot infer query fields to set, both paths '${other}' and '${path}' are matched`,
        );
      }
    }
    seen.push(path);
    draft.run(parsePath(path), { creates: true, apply: () => value });
  }
  return draft.doc;
}

function checkFilters(modifiers: readonly Modifier[], filters: ArrayFilters, update: Doc): void {
  const used = new Set<string>();
  for (const { path } of modifiers) {
    for (const part of path) {
      if (partKind(part) !== 'filtered') continue;
      const identifier = part.slice(2, -1);
      if (!filters.has(identifier)) {
        throw new MongoError(
          Code.BadValue,
          `No array filter found for identifier '${identifier}' in path '${path.join('.')}'`,
        );
      }
      used.add(identifier);
    }
  }
  checkUsed(filters, used, update);
}

function compileOperators(update: Doc, options: UpdateOptions, scope: Scope): Update {
  const modifiers = parseModifiers(update, { collation: options.collation, scope });
  const filters = readArrayFilters(options.arrayFilters ?? [], options.collation, scope);
  checkFilters(modifiers, filters, update);
  const positional = modifiers.some(({ path }) => path.some((part) => partKind(part) !== 'name'));
  const unlessInserting = modifiers.filter(({ operator }) => operator !== '$setOnInsert');
  const touchesId = modifiers.some(({ path, source }) => path[0] === '_id' || source?.[0] === '_id');

  const run = (doc: Doc, info: MatchInfo | undefined, inserting: boolean): Draft => {
    const draft = new Draft(doc, inserting);
    const active = inserting ? modifiers : unlessInserting;
    let placed: PlacedModifier[];
    if (positional) {
      placed = [];
      for (const modifier of active) place(doc, modifier, info?.arrayIndex, filters, placed);
      checkConflicts(
        placed.flatMap(({ path, modifier }): Path[] => (modifier.source ? [path, modifier.source] : [path])),
      );
    } else placed = active.map((modifier) => ({ path: modifier.path, modifier }));
    for (const { path, modifier } of placed) {
      if (modifier.source) draft.rename(modifier.source, path);
      else draft.run(path, modifier.change);
    }
    return draft;
  };

  return {
    kind: 'operators',
    apply: (doc, info) => {
      const draft = run(doc, info, false);
      if (!draft.changed) return { doc, changed: false, description: emptyDescription() };
      if (touchesId) checkId(doc, draft.doc, false);
      return { doc: draft.doc, changed: true, description: draft.description };
    },
    insert: (filter) => {
      const start = docFromFilter(filter);
      const { doc } = run(start, undefined, true);
      if (start.has('_id')) checkId(start, doc, false);
      return withId(doc);
    },
  };
}

function compileReplacement(replacement: Doc): Update {
  for (const name of replacement.keys()) {
    if (name.startsWith('$')) {
      throw new MongoError(
        Code.DollarPrefixedFieldName,
        `The dollar ($) prefixed field '${name}' in '${name}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`,
      );
    }
  }
  const build = (id: Value, hasId: boolean): Doc => {
    const doc: Doc = new Map();
    if (hasId) doc.set('_id', id);
    else if (replacement.has('_id')) doc.set('_id', replacement.get('_id'));
    for (const [name, value] of replacement) if (name !== '_id') doc.set(name, value);
    return doc;
  };
  return {
    kind: 'replacement',
    apply: (doc) => {
      if (replacement.has('_id')) checkId(doc, replacement, true);
      const next = build(doc.get('_id'), doc.has('_id'));
      const changed = !identical(doc, next);
      return { doc: changed ? next : doc, changed, description: emptyDescription() };
    },
    insert: (filter) => {
      // Other equalities are of no interest, and may contradict each other.
      const ids = filter.equalities.filter(({ path }) => path === '_id' || path.startsWith('_id.'));
      const start = docFromFilter({ equalities: ids });
      if (ids.some(({ path }) => path !== '_id')) {
        throw new MongoError(111, 'field at path _id must be exactly specified, field at sub-path found');
      }
      if (start.has('_id') && replacement.has('_id')) checkId(start, replacement, true);
      return withId(build(start.get('_id'), start.has('_id')));
    },
  };
}

function compileUpdatePipeline(stages: readonly Value[], options: UpdateOptions, scope: Scope): Update {
  if (options.arrayFilters && options.arrayFilters.length > 0) {
    throw new MongoError(Code.FailedToParse, 'arrayFilters may not be specified for pipeline-style updates');
  }
  const transforms = stages.map((stage) => {
    if (!(stage instanceof Map)) {
      throw new MongoError(Code.TypeMismatch, 'Each element of the pipeline array must be an object');
    }
    return compileTransform(stage, scope);
  });
  const run = (doc: Doc): Doc => transforms.reduce((current, transform) => transform(current), doc);
  return {
    kind: 'pipeline',
    apply: (doc) => {
      let next = run(doc);
      if (!next.has('_id') && doc.has('_id')) next = new Map([['_id', doc.get('_id')], ...next]);
      checkId(doc, next, true);
      if (identical(doc, next)) return { doc, changed: false, description: emptyDescription() };
      return { doc: withId(next), changed: true, description: diffDocs(doc, next) };
    },
    insert: (filter) => {
      const start = docFromFilter(filter);
      const next = run(start);
      if (start.has('_id')) checkId(start, next.has('_id') ? next : new Map([['_id', start.get('_id')]]), true);
      if (start.has('_id') && !next.has('_id')) next.set('_id', start.get('_id'));
      return withId(next);
    },
  };
}

/**
 * Compiles an update: a document of operators, a replacement, or a pipeline. Throws FailedToParse (9),
 * ConflictingUpdateOperators (40) and others while compiling; applying may throw PathNotViable (28), ImmutableField (66),
 * TypeMismatch (14), BadValue (2).
 */
export function compileUpdate(update: Value, options: UpdateOptions = {}): Update {
  const scope = options.scope ?? newScope({ let: options.let, collation: options.collation });
  if (Array.isArray(update)) return compileUpdatePipeline(update, options, scope);
  if (!(update instanceof Map)) {
    throw new MongoError(Code.FailedToParse, 'Update argument must be either an object or an array');
  }
  const [first] = update.keys();
  if (first?.startsWith('$')) return compileOperators(update, options, scope);
  if (options.arrayFilters && options.arrayFilters.length > 0) {
    throw new MongoError(Code.FailedToParse, 'arrayFilters may not be specified for replacement-style updates');
  }
  return compileReplacement(update);
}

import type { Scope } from '../aggregation/expression.ts';
import { Code, MongoError } from '../errors.ts';
import { type Collation, compileMatcher } from '../query/index.ts';
import { type Doc, isDoc, type Value } from '../values/index.ts';
import { showDoc } from './show.ts';

/** A test of array elements, by the identifier that `$[identifier]` names it with. */
export type ArrayFilters = ReadonlyMap<string, (element: Value) => boolean>;

/** What an array filter may say of the whole element, which is next to nothing. */
function checkOperator(name: string): void {
  if (name === '$alwaysTrue' || name === '$alwaysFalse' || name === '$comment') return;
  if (name === '$expr') throw new MongoError(Code.QueryFeatureNotAllowed, '$expr is not allowed in this context');
  const known = name === '$text' || name === '$where' || name === '$jsonSchema';
  throw new MongoError(
    Code.BadValue,
    known ? `${name} is not allowed in this context` : `unknown top level operator: ${name}`,
  );
}

/** The one identifier that all fields of an array filter start with. */
function identifierOf(filter: Doc): string {
  let found: string | undefined;
  const visit = (doc: Doc): void => {
    for (const [name, value] of doc) {
      if (name === '$and' || name === '$or' || name === '$nor') {
        if (Array.isArray(value)) value.filter(isDoc).forEach(visit);
        continue;
      }
      if (name.startsWith('$')) {
        checkOperator(name);
        continue;
      }
      const identifier = name.split('.')[0] as string;
      if (found !== undefined && found !== identifier) {
        throw new MongoError(
          Code.FailedToParse,
          `Error parsing array filter :: caused by :: Expected a single top-level field name, found '${found}' and '${identifier}'`,
        );
      }
      found = identifier;
    }
  };
  visit(filter);
  if (found === undefined) {
    throw new MongoError(Code.FailedToParse, 'Cannot use an expression without a top-level field name in arrayFilters');
  }
  if (!/^[a-z][a-zA-Z0-9]*$/.test(found)) {
    throw new MongoError(
      Code.BadValue,
      `Error parsing array filter :: caused by :: The top-level field name must be an alphanumeric string beginning with a lowercase letter, found '${found}'`,
    );
  }
  return found;
}

/** Reads a command's array filters. */
export function readArrayFilters(
  filters: readonly Doc[],
  collation: Collation | undefined,
  scope: Scope,
): ArrayFilters {
  const read = new Map<string, (element: Value) => boolean>();
  for (const filter of filters) {
    if (filter.size === 0) {
      throw new MongoError(
        Code.FailedToParse,
        'Cannot use an expression without a top-level field name in arrayFilters',
      );
    }
    const identifier = identifierOf(filter);
    if (read.has(identifier)) {
      throw new MongoError(
        Code.FailedToParse,
        `Found multiple array filters with the same top-level field name ${identifier}`,
      );
    }
    const matches = compileMatcher(filter, { collation, scope });
    read.set(identifier, (element) => matches(new Map([[identifier, element]])));
  }
  return read;
}

/** Refuses filters that no path names. */
export function checkUsed(filters: ArrayFilters, used: ReadonlySet<string>, update: Doc): void {
  for (const identifier of filters.keys()) {
    if (!used.has(identifier)) {
      throw new MongoError(
        Code.FailedToParse,
        `The array filter for identifier '${identifier}' was not used in the update ${showDoc(update)}`,
      );
    }
  }
}

import { type Doc, docOf, identical, int32, type Value } from '../values/index.ts';

/** What an update changed, as change streams report it. */
export interface UpdateDescription {
  /** New values by dotted path. */
  readonly updatedFields: Doc;
  readonly removedFields: string[];
  /** Documents `{field, newSize}` for arrays that lost elements at their end. */
  readonly truncatedArrays: Doc[];
}

/** A description of nothing. */
export function emptyDescription(): UpdateDescription {
  return { updatedFields: new Map(), removedFields: [], truncatedArrays: [] };
}

function join(prefix: string, name: string): string {
  return prefix === '' ? name : `${prefix}.${name}`;
}

function diffArrays(before: Value[], after: Value[], prefix: string, into: UpdateDescription): void {
  if (after.length < before.length) into.truncatedArrays.push(docOf('field', prefix, 'newSize', int32(after.length)));
  for (const [index, value] of after.entries()) {
    if (index >= before.length) into.updatedFields.set(join(prefix, String(index)), value);
    else diffValue(before[index], value, join(prefix, String(index)), into);
  }
}

function diffValue(before: Value, after: Value, path: string, into: UpdateDescription): void {
  if (before === after || identical(before, after)) return;
  if (before instanceof Map && after instanceof Map) diffDocs(before, after, path, into);
  else if (Array.isArray(before) && Array.isArray(after)) {
    const same = after.filter((value, index) => index < before.length && identical(before[index], value)).length;
    // Where most elements moved, the whole array says it shorter.
    if (same * 2 >= Math.min(before.length, after.length) && same > 0) diffArrays(before, after, path, into);
    else into.updatedFields.set(path, after);
  } else into.updatedFields.set(path, after);
}

/** Describes the way from one document to another. */
export function diffDocs(
  before: Doc,
  after: Doc,
  prefix = '',
  into: UpdateDescription = emptyDescription(),
): UpdateDescription {
  for (const name of before.keys()) if (!after.has(name)) into.removedFields.push(join(prefix, name));
  for (const [name, value] of after) {
    if (before.has(name)) diffValue(before.get(name), value, join(prefix, name), into);
    else into.updatedFields.set(join(prefix, name), value);
  }
  return into;
}

import { type Doc, docOf, identical, int32, isDoc, type Value } from '../values/index.ts';

interface Differences {
  readonly updated: Doc;
  readonly removed: Value[];
  readonly truncated: Value[];
  readonly ambiguous: Doc;
}

/** A path as change streams write it, and its components where the text alone does not tell them. */
interface Place {
  readonly text: string;
  readonly components: Value[];
  readonly ambiguous: boolean;
}

function below(place: Place | undefined, component: string | number): Place {
  const text = place === undefined ? String(component) : `${place.text}.${component}`;
  const unclear =
    typeof component === 'string' && (component.includes('.') || (place !== undefined && /^\d+$/.test(component)));
  return {
    text,
    components: [...(place?.components ?? []), typeof component === 'number' ? int32(component) : component],
    ambiguous: (place?.ambiguous ?? false) || unclear,
  };
}

function note(differences: Differences, place: Place): void {
  if (place.ambiguous) differences.ambiguous.set(place.text, place.components);
}

function compareValues(before: Value, after: Value, place: Place, differences: Differences): void {
  if (identical(before, after)) return;
  if (isDoc(before) && isDoc(after)) {
    compareDocs(before, after, place, differences);
    return;
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    if (after.length < before.length) {
      differences.truncated.push(docOf('field', place.text, 'newSize', int32(after.length)));
      note(differences, place);
    }
    after.forEach((item, index) => {
      const element = below(place, index);
      if (index < before.length) compareValues(before[index], item, element, differences);
      else {
        differences.updated.set(element.text, item);
        note(differences, element);
      }
    });
    return;
  }
  differences.updated.set(place.text, after);
  note(differences, place);
}

function compareDocs(before: Doc, after: Doc, place: Place | undefined, differences: Differences): void {
  for (const name of before.keys()) {
    if (after.has(name)) continue;
    const gone = below(place, name);
    differences.removed.push(gone.text);
    note(differences, gone);
  }
  for (const [name, value] of after) {
    const at = below(place, name);
    if (before.has(name)) compareValues(before.get(name), value, at, differences);
    else {
      differences.updated.set(at.text, value);
      note(differences, at);
    }
  }
}

/**
 * What an update has changed, as change streams tell it.
 * @param expanded with the components of paths whose text is ambiguous
 */
export function describeUpdate(before: Doc, after: Doc, expanded: boolean): Doc {
  const differences: Differences = { updated: new Map(), removed: [], truncated: [], ambiguous: new Map() };
  compareDocs(before, after, undefined, differences);
  const description = docOf(
    'updatedFields',
    differences.updated,
    'removedFields',
    differences.removed,
    'truncatedArrays',
    differences.truncated,
  );
  if (expanded) description.set('disambiguatedPaths', differences.ambiguous);
  return description;
}

import { type Doc, isNumber, typeOf, type Value } from '../values/index.ts';

/** A value as error messages print it, cut where it gets long. */
export function show(value: Value, depth = 0): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 100 ? `${value.slice(0, 100)}...` : value);
  if (value === null || value === undefined || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return Number.isInteger(value) ? value.toFixed(1) : String(value);
  if (isNumber(value)) return value.toString();
  if (depth > 4) return '...';
  if (value instanceof Map) return showDoc(value, depth);
  if (Array.isArray(value))
    return `[ ${value
      .slice(0, 10)
      .map((item) => show(item, depth + 1))
      .join(', ')} ]`;
  if (value instanceof Date) return `new Date(${value.getTime()})`;
  if (typeOf(value) === 7) return `ObjectId('${String(value)}')`;
  return String((value as { toString(): string }).toString());
}

/** A document as error messages print it. */
export function showDoc(doc: Doc, depth = 0): string {
  if (doc.size === 0) return '{}';
  return `{ ${[...doc]
    .slice(0, 20)
    .map(([name, value]) => `${name}: ${show(value, depth + 1)}`)
    .join(', ')} }`;
}

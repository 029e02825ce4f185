import { type Binary, Int32, ObjectId } from 'bson';
import { type Doc, typeOf, type Value } from '../values/types.ts';

function describeValue(value: Value): string {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return Number.isInteger(value) && Math.abs(value) < 1e15 ? value.toFixed(1) : String(value);
    case 'bigint':
    case 'boolean':
    case 'undefined':
      return String(value);
    default:
  }
  if (value instanceof Int32) return String(value.value);
  if (value instanceof ObjectId) return `ObjectId('${value.toHexString()}')`;
  if (value instanceof Date) return `new Date(${value.getTime()})`;
  if (value instanceof Map) return describeKeyValue(value);
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `[ ${value.map(describeValue).join(', ')} ]`;
  if (typeOf(value) === 5) {
    const { sub_type: subtype, position } = value as Binary;
    return `BinData(${subtype}, ${Buffer.from((value as Binary).buffer.subarray(0, position))
      .toString('hex')
      .toUpperCase()})`;
  }
  return String(value);
}

/** A document as messages about duplicate keys print it: `{ a: 1, b: "x" }`. */
export function describeKeyValue(doc: Doc): string {
  if (doc.size === 0) return '{}';
  return `{ ${[...doc].map(([name, value]) => `${name}: ${describeValue(value)}`).join(', ')} }`;
}

import type { Collation } from '../query/collation.ts';
import type { Doc, Value } from '../values/index.ts';

/**
 * A function that makes values equal under a collation equal under key strings, by giving all strings that the
 * collation takes for one the first of them that came. Without a collation it changes nothing.
 */
export function canonicalizer(collation: Collation | undefined): (value: Value) => Value {
  if (!collation) return (value) => value;
  const known: string[] = [];
  const representative = (text: string): string => {
    let low = 0;
    let high = known.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const order = collation.compare(known[middle] as string, text);
      if (order === 0) return known[middle] as string;
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    known.splice(low, 0, text);
    return text;
  };
  const canonical = (value: Value): Value => {
    if (typeof value === 'string') return representative(value);
    if (Array.isArray(value)) return value.map(canonical);
    if (value instanceof Map) return new Map([...value].map(([name, item]) => [name, canonical(item)])) satisfies Doc;
    return value;
  };
  return canonical;
}

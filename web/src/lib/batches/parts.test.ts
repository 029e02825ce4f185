import { describe, expect, it } from 'vitest';
import { named, readParts } from './parts.ts';

describe('typed parts', () => {
  it('are read from lines, commas and blanks, each once and in upper case', () => {
    expect(readParts('P-1\r\np-2, P-3;\tp-4  P-5\n\n').parts).toEqual(['P-1', 'P-2', 'P-3', 'P-4', 'P-5']);
  });
  it('name what was given twice, also in another case', () => {
    expect(readParts('p-1 P-2 P-1 P-1')).toMatchObject({ parts: ['P-1', 'P-2'], repeated: ['P-1'] });
  });
  it('name what is no part ID', () => {
    expect(readParts('P-1 P.2 -3 $x')).toMatchObject({ parts: ['P-1'], wrong: ['P.2', '-3', '$x'] });
  });
  it('say when there are more than a batch holds', () => {
    const many = Array.from({ length: 501 }, (_, i) => `P-${i}`);
    expect(readParts(many.slice(1).join('\n')).tooMany).toBe(false);
    expect(readParts(many.join('\n')).tooMany).toBe(true);
  });
});

it.each([
  [['a'], 'a'],
  [['a', 'b'], 'a and b'],
  [['a', 'b', 'c'], 'a, b and c'],
  [['a', 'b', 'c', 'd', 'e'], 'a, b, c and 2 more'],
])('%j is named %s', (list, words) => expect(named(list)).toBe(words));

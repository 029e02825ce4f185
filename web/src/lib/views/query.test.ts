import { describe, expect, it } from 'vitest';
import { canonical, isEverything } from './query.ts';

describe('addresses that mean the same', () => {
  it.each([
    ['?status=draft&branch=a', 'branch=a&status=draft'],
    ['driver=b&driver=a', 'driver=a&driver=b'],
    ['q=a%20b', 'q=a+b'],
    ['', '?'],
  ])('%s and %s', (one, other) => expect(canonical(one)).toBe(canonical(other)));
  it.each([
    ['status=draft', 'status=sealed'],
    ['branch=a', 'customer=a'],
    ['q=a', 'q=A'],
  ])('but not %s and %s', (one, other) => expect(canonical(one)).not.toBe(canonical(other)));
});

it.each([
  ['', true],
  ['?columns=reference,status&sort=-dueAt', true],
  ['?status=draft', false],
  ['?archived=true', false],
])('%j narrows nothing: %s', (query, verdict) => expect(isEverything(query)).toBe(verdict));

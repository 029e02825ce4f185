import type { Batch } from '@opsboard/shared/batches/schema';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Check, checkOf, forgetCheck } from './check.svelte.ts';

const parts: Batch['parts'] = {
  'P-1': { addedAt: 1 },
  'P-2': { addedAt: 1 },
  'P-10': { addedAt: 1 },
  'P-9': { addedAt: 1, out: { how: 'lost', at: 2, by: 'p', why: 'Not in the box' } },
};
const answers = (body: object) => vi.stubGlobal('fetch', () => Promise.resolve(new Response(JSON.stringify(body))));

beforeEach(() => answers({ parts: [] }));

describe('a count by scanning', () => {
  it('ticks each part once, and knows what is missing by name, without what is lost', () => {
    const check = new Check();
    expect(check.take('P-2', parts)).toBe('ticked');
    expect(check.take('P-2', parts)).toBe('again');
    expect(check.take('P-9', parts)).toBe('out');
    expect(check.counted(parts)).toBe(1);
    expect(check.missing(parts)).toEqual(['P-1', 'P-10']);
  });

  it('what was ticked and is off the list by now does not count', () => {
    const check = new Check();
    check.take('P-1', parts);
    check.take('P-2', parts);
    expect(check.counted({ 'P-2': { addedAt: 1 } })).toBe(1);
  });

  it.each<[string, object, unknown]>([
    ['another open batch', { part: 'X', in: { batch: 'b', reference: 'B-2077' } }, { batch: 'b', reference: 'B-2077' }],
    ['a batch of another branch', { part: 'X', elsewhere: true }, 'elsewhere'],
  ])('names where a stranger belongs: %s', async (_, found, where) => {
    answers({ parts: [found] });
    const check = new Check();
    expect(check.take('X', parts)).toBe('stranger');
    check.take('X', parts);
    await vi.waitFor(() => expect(check.strangers).toEqual([{ part: 'X', in: where }]));
    check.setAside('X');
    expect(check.strangers).toEqual([]);
  });

  it('a stranger of which nothing is known belongs nowhere', async () => {
    const check = new Check();
    check.take('X', parts);
    await vi.waitFor(() => expect(check.strangers).toEqual([{ part: 'X', in: 'nowhere' }]));
  });

  it('outlives its form until it is used', () => {
    checkOf('b', 'sealed').take('P-1', parts);
    expect(checkOf('b', 'sealed').counted(parts)).toBe(1);
    expect(checkOf('b', 'completed').counted(parts)).toBe(0);
    forgetCheck('b', 'sealed');
    expect(checkOf('b', 'sealed').counted(parts)).toBe(0);
  });
});

import { afterEach, describe, expect, it, vi } from 'vitest';
import { ArchivedBatches } from './archived.svelte.ts';

type Answer = { status?: number; body: object };
const asked: string[] = [];
const waiting: ((answer: Answer) => void)[] = [];

/** A server whose answers come when the test says so. */
vi.stubGlobal('fetch', (path: string) => {
  asked.push(path);
  return new Promise<Response>((resolve) => {
    waiting.push(({ status = 200, body }) => resolve(new Response(JSON.stringify(body), { status })));
  });
});
const answer = async (given: Answer): Promise<void> => {
  waiting.shift()?.(given);
  await vi.waitFor(() => Promise.resolve());
  await new Promise((resolve) => setTimeout(resolve));
};
const page = (ids: string, next?: string): Answer => ({
  body: { batches: [...ids].map((id) => ({ id })), ...(next ? { next } : {}) },
});
const shown = (list: ArchivedBatches): string => list.rows.map(({ id }) => id).join('');

afterEach(() => {
  asked.length = 0;
  waiting.length = 0;
});

describe('batches that have left the boards', () => {
  it('come page by page until the last, each once', async () => {
    const list = new ArchivedBatches();
    list.begin('archived=true&sort=-since');
    void list.more();
    expect(asked).toEqual(['/api/batches?archived=true&sort=-since&limit=100']);
    await answer(page('abc', 'C1'));
    expect([shown(list), list.loading, list.complete]).toEqual(['abc', false, false]);
    void list.more();
    expect(asked[1]).toContain('&cursor=C1');
    await answer(page('cd'));
    expect([shown(list), list.complete]).toEqual(['abcd', true]);
    void list.more();
    expect(asked).toHaveLength(2);
  });

  it('of another filter take the place of an answer that is still under way', async () => {
    const list = new ArchivedBatches();
    list.begin('q=old');
    list.begin('q=new');
    await answer(page('old'));
    expect(shown(list)).toBe('');
    await answer(page('n'));
    expect(shown(list)).toBe('n');
  });

  it('keep what is there when a page does not come, and go on from there', async () => {
    const list = new ArchivedBatches();
    list.begin('');
    await answer(page('ab', 'C1'));
    void list.more();
    await answer({ status: 503, body: { code: 'unavailable', message: 'Not now.' } });
    expect([shown(list), list.failure?.message, list.complete]).toEqual(['ab', 'Not now.', false]);
    void list.more();
    expect(list.failure).toBeUndefined();
    await answer(page('c'));
    expect([shown(list), list.complete]).toEqual(['abc', true]);
  });
});

import { describe, expect, it } from 'vitest';
import type { Ack } from '@opsboard/shared/protocol/envelope';
import type { ErrorCode } from '@opsboard/shared/protocol/errors';
import type { Result } from '#lib/socket/http.ts';
import type { BulkItem, BulkOutcome, BulkOutside } from './run.ts';
import { runBulk } from './run.ts';

const items = (n: number): BulkItem[] =>
  Array.from({ length: n }, (_, i) => ({
    record: `r${i}`,
    reference: `B-${i}`,
    commandId: `c${i}`,
    name: 'batch.arrive',
    args: () => ({ id: `r${i}` }),
  }));

const error = (code: ErrorCode, details?: object) =>
  ({ code, message: code, ...(details ? { details } : {}) }) as never;

/** A server that acts once for each command id, and lets a test decide what an answer looks like. */
function world(answer: (id: string, attempt: number) => Ack, request?: (n: number) => Result<never> | undefined) {
  const acted = new Map<string, number>();
  const requests: { ids: string[]; resend: boolean[] }[] = [];
  const waits: number[] = [];
  const held: boolean[] = [];
  const seen: (readonly BulkOutcome[])[] = [];
  const attempts = new Map<string, number>();
  const outside: BulkOutside = {
    send: (commands) => {
      requests.push({ ids: commands.map((c) => c.commandId), resend: commands.map((c) => c.resend ?? false) });
      const broken = request?.(requests.length);
      const answers = commands.map(({ commandId }) => {
        const attempt = (attempts.get(commandId) ?? 0) + 1;
        attempts.set(commandId, attempt);
        const ack = answer(commandId, attempt);
        if (ack.ok) acted.set(commandId, 1);
        return ack;
      });
      return Promise.resolve(broken ?? { ok: true, value: { answers } });
    },
    wait: (ms) => {
      waits.push(ms);
      return Promise.resolve();
    },
    stopped: () => false,
    onOutcomes: (outcomes) => void seen.push([...outcomes]),
    onHeld: (on) => void held.push(on),
  };
  return { outside, acted, requests, waits, held, seen };
}
const done: Ack = { ok: true, first: 1, seq: 1 };

describe('a bulk', () => {
  it('sends a few hundred at a time, and tells how far it is', async () => {
    const w = world(() => done);
    const end = await runBulk(items(450), w.outside);
    expect(w.requests.map(({ ids }) => ids.length)).toEqual([200, 200, 50]);
    expect(w.seen.map((outcomes) => outcomes.length)).toEqual([200, 400, 450]);
    expect([end.outcomes.length, end.unsent.length]).toEqual([450, 0]);
  });

  it('reports each refusal in the words of the server, and goes on with the rest', async () => {
    const w = world((id) => (id === 'c3' ? { ok: false, error: error('no_parts') } : done));
    const { outcomes } = await runBulk(items(5), w.outside);
    expect(outcomes.map((one) => (one.ok ? 'ok' : one.error.message))).toEqual(['ok', 'ok', 'ok', 'no_parts', 'ok']);
  });

  it('a line that breaks under a request: the same commands again, under the same ids', async () => {
    const w = world(
      () => done,
      (n) => (n <= 2 ? { ok: false, error: error('unavailable') } : undefined),
    );
    const { outcomes } = await runBulk(items(3), w.outside);
    expect(w.requests.map(({ ids }) => ids.join())).toEqual(['c0,c1,c2', 'c0,c1,c2', 'c0,c1,c2']);
    expect(w.requests.map(({ resend }) => resend[0])).toEqual([false, true, true]);
    expect(w.held).toEqual([true, false, true, false]);
    expect(outcomes.every(({ ok }) => ok)).toBe(true);
    expect([...w.acted.values()]).toEqual([1, 1, 1]);
  });

  it('waits as long as the server says when it is too much at once', async () => {
    const w = world(
      () => done,
      (n) => (n === 1 ? { ok: false, error: error('too_many_requests', { retryAfterSeconds: 7 }) } : undefined),
    );
    expect((await runBulk(items(2), w.outside)).outcomes).toHaveLength(2);
    expect(w.waits).toEqual([7_000]);
  });

  it('tries again what the server could not take just now, and gives up in the end', async () => {
    const w = world((id, attempt) =>
      id === 'c0' || (id === 'c1' && attempt < 3) ? { ok: false, error: error('unavailable') } : done,
    );
    const { outcomes } = await runBulk(items(3), w.outside);
    expect(outcomes.map(({ item, ok }) => `${item.record} ${ok}`)).toEqual(['r2 true', 'r1 true', 'r0 false']);
  });

  it('stopped: what was not sent is named, and stays as it is', async () => {
    const w = world(() => done);
    const { outcomes, unsent } = await runBulk(items(450), { ...w.outside, stopped: () => w.requests.length === 2 });
    expect([outcomes.length, unsent.length, unsent[0]!.record]).toEqual([400, 50, 'r400']);
  });

  it('signed out on the way: it ends there', async () => {
    const w = world(
      () => done,
      (n) => (n === 2 ? { ok: false, error: error('not_signed_in') } : undefined),
    );
    const { outcomes, unsent } = await runBulk(items(500), w.outside);
    expect([outcomes.filter(({ ok }) => ok).length, outcomes.filter(({ ok }) => !ok).length, unsent.length]).toEqual([
      200, 200, 100,
    ]);
  });

  it('builds a command on the record as it is when it is first sent, and never again', async () => {
    let built = 0;
    const [item] = items(1);
    const w = world(
      () => done,
      (n) => (n === 1 ? { ok: false, error: error('unavailable') } : undefined),
    );
    await runBulk([{ ...item!, args: () => ({ rev: ++built }) }], w.outside);
    expect(built).toBe(1);
  });
});

import type { BatchInView } from '@opsboard/shared/batches/schema';
import type { Response } from '@opsboard/shared/batches/response-schema';
import { describe, expect, it } from 'vitest';
import { rowOf, stillResponding } from './breaches.ts';

const now = 1_760_000_000_000;
const hour = 3_600_000;
const opened: Response = { breachOf: now - hour, openedAt: now - hour };
const by = { at: now, by: 'me' };
const batch = (response?: Response, dueAt = now - hour): BatchInView =>
  ({ id: 'b', status: 'at_center', center: 'c', dueAt, steps: {}, ...(response ? { response } : {}) }) as BatchInView;
const context = { now, phoneOf: () => '+1 555 0127', when: () => '13:02' };

describe('what to do next about a breach', () => {
  const called = { ...opened, called: { ...by, note: 'Center promised 17:30' } };
  const dated = { ...called, dated: by };
  const sent = { message: 'm', state: 'sent', at: now } as const;
  it.each<[string, BatchInView, object]>([
    ['nothing done', batch(), { done: 0, next: 'call', hint: '+1 555 0127' }],
    ['called', batch(called), { done: 1, next: 'date', hint: 'Center promised 17:30' }],
    ['dated', batch(dated, now + hour), { done: 2, next: 'notify', hint: 'Now expected 13:02', breached: false }],
    [
      'failed',
      batch({ ...dated, email: { ...sent, state: 'failed' } }),
      { done: 2, next: 'notify', hint: 'E-mail failed 13:02' },
    ],
    ['sent', batch({ ...dated, email: sent }), { done: 3, next: 'log', hint: 'E-mail sent 13:02' }],
    ['told', batch({ ...dated, told: { ...by, how: 'H' } }), { done: 3, next: 'log', hint: 'Told 13:02' }],
    [
      'on its way, all else done',
      batch({ ...dated, sms: { ...sent, state: 'queued' }, logged: { ...by, note: 'n' } }),
      { done: 3, next: undefined, hint: 'SMS on its way' },
    ],
    [
      'all done',
      batch({ ...dated, email: sent, logged: { ...by, note: 'n' } }),
      { done: 4, next: undefined, hint: 'All four steps are done' },
    ],
  ])('%s', (_what, record, expected) => expect(rowOf(record, context)).toMatchObject(expected));

  it('without a number it says so', () => {
    expect(rowOf(batch(), { ...context, phoneOf: () => undefined }).hint).toBe('No phone on file');
  });

  it('a batch whose date was moved stays listed until its response is finished', () => {
    const open = batch(dated, now + hour);
    const finished = batch({ ...dated, email: sent, logged: { ...by, note: 'n' } }, now + hour);
    expect(stillResponding([batch(), batch(undefined, now + hour), open, finished], now)).toEqual([open]);
  });
});

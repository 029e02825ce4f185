import { describe, expect, it } from 'vitest';
import type { Message } from '../messages/schema.ts';
import type { Decision, StateView } from '../protocol/decision.ts';
import type { ArgsOf, CommandName } from '../protocol/deciders.ts';
import { deciders } from '../protocol/deciders.ts';
import { patched } from '../protocol/patch.ts';
import type { Response } from './response-schema.ts';
import { isResponding, nextStep, stepStates, stepsDone } from './response.ts';
import type { Batch } from './schema.ts';

const now = 1_760_000_000_000;
const hour = 3_600_000;
const done = { at: now, by: 'me' };
const opened: Response = { breachOf: now - hour, openedAt: now - hour };
const called = { ...done, note: 'Ready by six' };
const logged = { ...done, note: 'note' };
const email = (state: Message['state']) => ({ message: 'message', state, at: now });

const late = (more: Partial<Batch> = {}): Batch => ({
  id: 'batch',
  org: 'org',
  rev: 4,
  reference: 'B-2001',
  branch: 'north',
  customer: 'customer',
  center: 'center',
  status: 'at_center',
  since: now - 9 * hour,
  steps: {},
  parts: {},
  partCount: 1,
  dueAt: now - hour,
  promisedAt: now - hour,
  breachOf: now - hour,
  response: opened,
  createdAt: now - 50 * hour,
  createdBy: 'me',
  ...more,
});

const queued: Message = {
  id: 'message',
  org: 'org',
  rev: 1,
  batch: 'batch',
  branch: 'north',
  channel: 'email',
  to: 'jo@x.test',
  subject: 'S',
  text: 'T',
  state: 'queued',
  attempts: 0,
  createdAt: now,
  createdBy: 'me',
};

function decide<N extends CommandName>(name: N, args: ArgsOf<N>, batch = late(), message?: Message): Decision {
  const records: { [key: string]: object | undefined } = { 'batch/batch': batch, 'message/message': message };
  const state: StateView = {
    get: (kind, id) => records[`${kind}/${id}`] as never,
    all: () => [],
    openBatchOf: () => undefined,
    pointingAt: () => [],
    entriesOf: () => [],
  };
  const principal = { type: 'person', org: 'org', id: 'me', role: 'admin' } as const;
  const rule = deciders[name] as (state: StateView, args: ArgsOf<N>, context: object) => Decision;
  return rule(state, args, { now, done: now, principal, nextReference: () => '' });
}

/** The batch after a command. */
function after(decision: Decision, batch = late()): Batch {
  if (!decision.ok) throw new Error(decision.error.message);
  const change = decision.changes.find(({ kind }) => kind === 'batch')!;
  return patched(batch, change.set, change.unset);
}

describe('the four steps', () => {
  it.each<[string, Response | undefined, string, number, string | undefined]>([
    ['none yet', undefined, 'open open open open', 0, 'call'],
    ['just opened', opened, 'open open open open', 0, 'call'],
    ['called', { ...opened, called }, 'done open open open', 1, 'date'],
    ['dated before the call', { ...opened, dated: done }, 'open done open open', 1, 'call'],
    ['e-mail waits', { ...opened, called, dated: done, email: email('queued') }, 'done done under_way open', 2, 'log'],
    ['e-mail goes out', { ...opened, email: email('sending') }, 'open open under_way open', 0, 'call'],
    ['e-mail sent', { ...opened, email: email('sent') }, 'open open done open', 1, 'call'],
    ['e-mail failed', { ...opened, called, dated: done, email: email('failed') }, 'done done open open', 2, 'notify'],
    ['e-mail unknown', { ...opened, called, dated: done, email: email('unknown') }, 'done done open open', 2, 'notify'],
    ['one of two sent', { ...opened, email: email('failed'), sms: email('sent') }, 'open open done open', 1, 'call'],
    [
      'one failed, one waits',
      { ...opened, email: email('failed'), sms: email('queued') },
      'open open under_way open',
      0,
      'call',
    ],
    ['told in person', { ...opened, told: { ...done, how: 'Rang Jo' } }, 'open open done open', 1, 'call'],
    ['all', { ...opened, called, dated: done, email: email('sent'), logged }, 'done done done done', 4, undefined],
    [
      'waits for delivery',
      { ...opened, called, dated: done, email: email('queued'), logged },
      'done done under_way done',
      3,
      undefined,
    ],
  ])('%s', (_what, response, states, count, next) => {
    expect(Object.values(stepStates(response)).join(' ')).toBe(states);
    expect(stepsDone(response)).toBe(count);
    expect(nextStep(response)).toBe(next);
  });
});

describe('a response stays open until all four are done, whatever the date says', () => {
  const all = { ...opened, called, dated: done, email: email('sent'), logged };
  it.each<[string, Partial<Batch>, boolean]>([
    ['breached, nothing done', {}, true],
    ['the date moved ahead', { dueAt: now + hour, response: { ...opened, dated: done } }, true],
    ['all done, still breached', { response: all }, false],
    ['the batch came back', { status: 'completed' }, false],
    ['never breached', { response: undefined } as never, false],
  ])('%s', (_what, fields, expected) => expect(isResponding(late(fields))).toBe(expected));

  it('each command ticks off its own step, in any order', () => {
    let batch = late();
    batch = after(
      decide('batch.addNote', { id: 'batch', note: { id: 'note', text: 'Spare' }, reason: true }, batch),
      batch,
    );
    expect(nextStep(batch.response)).toBe('call');
    expect(batch.notes).toEqual({ note: { ...done, text: 'Spare' } });
    batch = after(decide('batch.moveDueDate', { id: 'batch', rev: 4, dueAt: now + hour, reason: 'R' }, batch), batch);
    expect(isResponding(batch)).toBe(true);
    batch = after(decide('batch.logCall', { id: 'batch', note: 'Ready' }, batch), batch);
    expect(nextStep(batch.response)).toBe('notify');
    batch = after(decide('batch.notifyCustomer', { id: 'batch', messages: [], told: 'Rang Jo' }, batch), batch);
    expect(stepsDone(batch.response)).toBe(4);
    expect(isResponding(batch)).toBe(false);
  });

  it('a note that is not the reason ticks off nothing, and needs no breach', () => {
    const well = late({ dueAt: now + hour, response: undefined } as never);
    const batch = after(decide('batch.addNote', { id: 'batch', note: { id: 'n', text: 'T' } }, well), well);
    expect(batch.noteCount).toBe(1);
    expect(batch.response).toBeUndefined();
    expect(stepsDone(after(decide('batch.addNote', { id: 'batch', note: { id: 'n', text: 'T' } })).response)).toBe(0);
  });

  it('a step before the clock has put the breach on record opens the response', () => {
    const fresh = late({ breachOf: undefined, response: undefined } as never);
    const batch = after(decide('batch.logCall', { id: 'batch', note: 'Ready' }, fresh), fresh);
    expect(batch.response).toEqual({ breachOf: now - hour, openedAt: now, called: { ...done, note: 'Ready' } });
    const marked = after(decide('batch.markBreached', { id: 'batch', dueAt: now - hour }, batch), batch);
    expect(marked.response).toEqual(batch.response);
  });

  it('a new date that passes as well keeps it open, and asks for date and customer again', () => {
    const again = late({ dueAt: now - 1, response: { ...opened, called, dated: done, sms: email('sent') } });
    const batch = after(decide('batch.markBreached', { id: 'batch', dueAt: now - 1 }, again), again);
    expect(batch.response).toEqual({ ...opened, breachOf: now - 1, called });
    expect(nextStep(batch.response)).toBe('date');
  });

  it('after a finished one the next breach opens a new one', () => {
    const again = late({ dueAt: now - 1, response: all });
    const batch = after(decide('batch.markBreached', { id: 'batch', dueAt: now - 1 }, again), again);
    expect(batch.response).toEqual({ breachOf: now - 1, openedAt: now });
    // Also when a person is faster than the clock.
    expect(after(decide('batch.logCall', { id: 'batch', note: 'N' }, again), again).response).toEqual({
      breachOf: now - 1,
      openedAt: now,
      called: { ...done, note: 'N' },
    });
  });

  it.each<[string, CommandName, object]>([
    ['call', 'batch.logCall', { note: 'N' }],
    ['notify', 'batch.notifyCustomer', { messages: [], told: 'T' }],
    ['reason', 'batch.addNote', { note: { id: 'n', text: 'T' }, reason: true }],
  ])('without a breach there is nothing to respond to: %s', (_what, name, args) => {
    const well = late({ dueAt: now + hour, response: undefined } as never);
    expect(decide(name, { id: 'batch', ...args } as never, well)).toMatchObject({
      ok: false,
      error: { code: 'illegal_step' },
    });
  });
});

describe('a message', () => {
  const claimed: Message = { ...queued, state: 'sending', attempts: 1, claimedAt: now };
  const waiting = late({ response: { ...opened, email: email('queued') } });
  type Row = [string, CommandName, object, Message | undefined, object];
  it.each<Row>([
    ['is claimed', 'message.claim', {}, queued, { state: 'sending', attempts: 1, claimedAt: now }],
    ['is claimed once', 'message.claim', {}, claimed, { code: 'nothing_to_change' }],
    [
      'is not claimed before its time',
      'message.claim',
      {},
      { ...queued, nextAt: now + 1 },
      { code: 'nothing_to_change' },
    ],
    ['is claimed when its time has come', 'message.claim', {}, { ...queued, nextAt: now }, { state: 'sending' }],
    ['unknown', 'message.claim', {}, undefined, { code: 'not_found' }],
    ['is sent', 'message.settle', { attempt: 1, state: 'sent' }, claimed, { state: 'sent' }],
    ['of another attempt', 'message.settle', { attempt: 2, state: 'sent' }, claimed, { code: 'nothing_to_change' }],
    [
      'is settled once',
      'message.settle',
      { attempt: 1, state: 'failed' },
      { ...claimed, state: 'sent' },
      { code: 'nothing_to_change' },
    ],
    [
      'comes back with the truth',
      'message.settle',
      { attempt: 1, state: 'sent' },
      { ...claimed, state: 'unknown' },
      { state: 'sent' },
    ],
    [
      'is lost once',
      'message.settle',
      { attempt: 1, state: 'unknown' },
      { ...claimed, state: 'unknown' },
      { code: 'nothing_to_change' },
    ],
    ['failed goes again', 'message.sendAgain', {}, { ...claimed, state: 'failed' }, { state: 'queued' }],
    ['unknown goes again', 'message.sendAgain', {}, { ...claimed, state: 'unknown' }, { state: 'queued' }],
    ['sent does not', 'message.sendAgain', {}, { ...claimed, state: 'sent' }, { code: 'nothing_to_change' }],
    ['waiting does not', 'message.sendAgain', {}, queued, { code: 'nothing_to_change' }],
  ])('%s', (_what, name, args, message, expected) => {
    const decision = decide(name, { id: 'message', ...args } as never, waiting, message);
    if ('code' in expected) expect(decision).toMatchObject({ ok: false, error: expected });
    else
      expect(decision).toMatchObject({
        ok: true,
        changes: [{ kind: 'message', set: expected }, ...(name === 'message.claim' ? [] : [{ kind: 'batch' }])],
      });
  });

  it('the batch speaks of its last message only', () => {
    const later = late({ response: { ...opened, email: { ...email('queued'), message: 'another' } } });
    const settle = decide('message.settle', { id: 'message', attempt: 1, state: 'sent' }, later, claimed);
    expect(settle).toMatchObject({ ok: true, changes: [{ kind: 'message' }] });
    const again = decide('message.sendAgain', { id: 'message' }, later, { ...claimed, state: 'failed' });
    expect(again).toMatchObject({ ok: false, error: { code: 'nothing_to_change' } });
  });
});

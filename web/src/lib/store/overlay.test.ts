import { describe, expect, it } from 'vitest';
import type { Batch } from '@opsboard/shared/batches/schema';
import type { Principal } from '@opsboard/shared/protocol/actors';
import type { Command } from '@opsboard/shared/protocol/envelope';
import { emptyLiveSet } from '@opsboard/shared/protocol/fold';
import { deciders } from '@opsboard/shared/protocol/deciders';
import { overlayOf, useRules } from './overlay.ts';

useRules(deciders);

const org = '01900000-0000-7000-8000-000000000001';
const id = '01900000-0000-7000-8000-000000000002';
const commandId = (n: number) => `01900000-0000-7000-8000-00000000010${n}`;
const principal: Principal = { type: 'person', org, id: 'p', role: 'operations_manager' };
const at = 1_800_000_000_000;

const draft = {
  id,
  org,
  rev: 3,
  reference: 'B-2001',
  branch: 'b',
  customer: 'c',
  center: 'z',
  status: 'draft',
  since: at - 1000,
  steps: {},
  partCount: 4,
  dueAt: at + 1000,
  promisedAt: at + 1000,
  createdAt: at - 1000,
  createdBy: 'p',
} as unknown as Batch;

const tables = (batch: Batch) => ({ ...emptyLiveSet(), batch: new Map([[id, batch]]) });
const shown = (commands: Command[], batch = draft) =>
  overlayOf(
    tables(batch),
    commands.map((command) => ({ command, at })),
    principal,
  )
    .get('batch')
    ?.get(id) as Batch | undefined;

describe('[L14] the overlay of commands in flight', () => {
  const seal: Command = { commandId: commandId(1), name: 'batch.seal', args: { id, count: 4 } };
  const depart: Command = { commandId: commandId(2), name: 'batch.depart', args: { id } };

  it('shows what the rule decides', () => expect(shown([seal])?.status).toBe('sealed'));

  it('decides one command on top of the one before', () => {
    const withDriver: Command = { ...depart, args: { id } };
    expect(shown([seal, withDriver])?.status).toBe('sealed');
  });

  it('gives each record the version it will have, so that an edit of it can follow at once', () => {
    expect(shown([seal])?.rev).toBe(4);
    const moved: Command = {
      commandId: commandId(4),
      name: 'batch.moveDueDate',
      args: { id, rev: 4, dueAt: at + 9e6, reason: 'x' },
    };
    expect(shown([seal, moved])).toMatchObject({ rev: 5, dueAt: at + 9e6 });
  });

  it('shows nothing for what the rule refuses', () => {
    expect(shown([{ ...seal, args: { id, count: 3 } }])).toBeUndefined();
    expect(shown([depart])).toBeUndefined();
  });

  it('shows nothing for what a client cannot decide, and does not break', () => {
    expect(shown([{ commandId: commandId(3), name: 'undo', args: { commandId: commandId(1) } }])).toBeUndefined();
  });

  it('leaves the records below untouched', () => {
    const base = tables(draft);
    overlayOf(base, [{ command: seal, at }], principal);
    expect(base.batch.get(id)!.status).toBe('draft');
  });
});

import { describe, expect, it } from 'vitest';
import { draftVerbs } from '../batches/whole.ts';
import type { StateView } from './decision.ts';
import type { CommandName } from './deciders.ts';
import { deciders } from './deciders.ts';
import type { Entry } from './entries.ts';
import { decideUndo } from './undo.ts';

const now = 1_760_000_000_000;
const entry = (more: Partial<Entry> = {}): Entry => ({
  v: 1,
  org: 'org',
  seq: 9,
  at: now - 30_000,
  done: now - 30_000,
  actor: { type: 'person', id: 'me' },
  commandId: 'c',
  verb: 'batch.seal',
  kind: 'batch',
  id: 'batch',
  rev: 2,
  set: { status: 'sealed', 'steps.sealed': { at: 1, by: 'me' } },
  unset: ['driver'],
  was: { status: 'draft', driver: 'd' },
  ...more,
});

const undo = (entries: Entry[], record: object | undefined, organization: object | undefined = { undoSeconds: 60 }) => {
  const state: StateView = {
    get: (kind) => (kind === 'organization' ? organization : record) as never,
    all: () => [],
    openBatchOf: () => undefined,
    pointingAt: () => [],
    entriesOf: () => entries,
  };
  const principal = { type: 'person', org: 'org', id: 'me', role: 'admin' } as const;
  return decideUndo(state, { commandId: 'c' }, { now, done: now, principal, nextReference: () => '' });
};
const sealed = { status: 'sealed', steps: { draft: {}, sealed: { at: 1, by: 'me' } } };

describe('undo', () => {
  it('[C10] restores what was, and removes what was not', () => {
    expect(undo([entry()], sealed)).toEqual({
      ok: true,
      changes: [{ kind: 'batch', id: 'batch', set: { status: 'draft', driver: 'd' }, unset: ['steps.sealed'] }],
    });
  });

  it.each<[string, Entry[], object | undefined, string]>([
    ['no such command', [], sealed, 'not_found'],
    ['the record is gone', [entry()], undefined, 'not_found'],
    ['a field that was set has changed since', [entry()], { ...sealed, status: 'at_center' }, 'changed_since'],
    [
      'part of a field has changed since',
      [entry()],
      { ...sealed, steps: { sealed: { at: 2, by: 'me' } } },
      'changed_since',
    ],
    ['a field that was removed is there again', [entry()], { ...sealed, driver: 'e' }, 'changed_since'],
    [
      'what the field stood in is gone since',
      [entry({ verb: 'batch.restoreParts', set: {}, unset: ['parts.P0.out'], was: { 'parts.P0.out': {} } })],
      { ...sealed, parts: { P1: {} } },
      'changed_since',
    ],
    ['after the time for it', [entry({ at: now - 60_001 })], sealed, 'not_reversible'],
    ['an undo', [entry({ verb: 'undo' })], sealed, 'not_reversible'],
  ])('[C10] %s', (_what, entries, record, code) => {
    expect(undo(entries, record)).toMatchObject({ ok: false, error: { code } });
  });

  it('[C10] at the last moment of the time for it', () => {
    expect(undo([entry({ at: now - 60_000 })], sealed).ok).toBe(true);
  });

  it('[C10] only what is reversible', () => {
    const reversible = [
      'edit',
      'assignDriver',
      'moveDueDate',
      'addParts',
      'removeParts',
      'seal',
      'depart',
      'arrive',
      'departBack',
      'complete',
      'correctPart',
      'settleParts',
      'restoreParts',
      'handOver',
      'takeBack',
      'cancel',
      'reopen',
    ].map((name) => `batch.${name}`);
    reversible.push('route.edit', 'route.assign', 'route.plan', 'route.cancel');
    reversible.push('organization.setWipLimit', 'template.edit', 'template.archive');
    reversible.push('savedView.edit', 'savedView.archive');
    // Not taking one back into use: what points at it since would be left alone.
    for (const kind of ['branch', 'warehouse', 'vendor', 'customer', 'center', 'team'])
      reversible.push(`${kind}.archive`, `${kind}.merge`);
    for (const verb of Object.keys(deciders) as CommandName[]) {
      // What only drafts take is taken back only from drafts.
      const draft = { ...sealed, status: 'draft' };
      const state = draftVerbs.has(verb) ? draft : sealed;
      const own = draftVerbs.has(verb) ? { set: {}, was: {}, unset: [] } : {};
      expect(undo([entry({ verb, ...own })], state).ok, verb).toBe(reversible.includes(verb));
    }
  });
});

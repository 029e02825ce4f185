import type { Entry } from '@opsboard/shared/protocol/entries';
import { describe, expect, it } from 'vitest';
import type { StoryContext } from '#lib/batches/story.ts';
import { linesOf, undoable } from './entries.ts';

const context: StoryContext = {
  zone: 'Europe/Amsterdam',
  personName: (id) => ({ noor: 'Noor Haddad' })[id],
  batch: () => ({ reference: 'B-2041', center: 'Halden Works', branch: 'Harbour' }),
  recordName: () => undefined,
};
const entry = (seq: number, verb: string, more: Partial<Entry> = {}): Entry => ({
  v: 1,
  org: 'o',
  seq,
  at: seq * 1000,
  done: seq * 1000,
  actor: { type: 'person', id: 'noor' },
  commandId: `c${seq}`,
  verb,
  kind: 'batch',
  id: 'b',
  rev: seq,
  set: {},
  unset: [],
  was: {},
  ...more,
});
const seal = entry(2, 'batch.seal', {
  set: { status: 'sealed', since: 2, 'steps.sealed': { at: 2, by: 'noor', count: 3 } },
  was: { status: 'draft', since: 1 },
});
const undo = entry(3, 'undo', {
  set: { status: 'draft', since: 1 },
  unset: ['steps.sealed'],
  was: { status: 'sealed', since: 2, 'steps.sealed': {} },
});

describe('a timeline', () => {
  it('is told the latest first, and an undo says what it took back', () => {
    const lines = linesOf([entry(1, 'batch.create', { set: { status: 'draft' } }), seal, undo], context);
    expect(lines.map(({ entry: { verb }, undone }) => [verb, undone])).toEqual([
      ['undo', false],
      ['batch.seal', true],
      ['batch.create', false],
    ]);
    expect(lines[0]!.story).toMatchObject({ didIt: 'undid:', rest: 'sealed it with 3 parts counted' });
  });

  it('knows steps from the rest', () => {
    const lines = linesOf(
      [
        entry(1, 'batch.create', { set: { status: 'draft' } }),
        entry(2, 'batch.addNote'),
        entry(3, 'batch.handOver', { set: { handover: {} } }),
        entry(4, 'batch.settleParts'),
        entry(5, 'batch.takeBack', { set: { status: 'draft' } }),
      ],
      context,
    );
    expect(lines.filter(({ step }) => step).map(({ entry: { verb } }) => verb)).toEqual([
      'batch.takeBack',
      'batch.handOver',
      'batch.create',
    ]);
  });

  it('carries the words of a note and of a call', () => {
    const lines = linesOf(
      [
        entry(1, 'batch.addNote', {
          set: { 'notes.n-1': { at: 1, by: 'noor', text: 'Short of a board' }, noteCount: 1 },
        }),
        entry(2, 'batch.addNote', {
          set: { notes: { 'n-0': { at: 1, by: 'noor', text: 'The first' } }, noteCount: 1 },
        }),
        entry(2, 'batch.logCall', {
          set: { response: { breachOf: 1, called: { at: 2, by: 'noor', note: 'Ready by six' } } },
        }),
        entry(3, 'batch.logCall', { set: { 'response.called': { at: 3, by: 'noor', note: 'Ready by seven' } } }),
      ],
      context,
    );
    expect(lines.map(({ words }) => words)).toEqual([
      'Ready by seven',
      'Ready by six',
      'The first',
      'Short of a board',
    ]);
  });

  it('offers undo in time, for what can be undone, while nothing of it has changed', () => {
    const record = { status: 'sealed', since: 2, steps: { sealed: { at: 2, by: 'noor', count: 3 } } } as never;
    expect(undoable(seal, record, 2_500, 60_000)).toBe(true);
    expect(undoable(seal, record, 62_000, 60_000)).toBe(false);
    expect(undoable(seal, { status: 'draft', since: 1, steps: {} } as never, 2_500, 60_000)).toBe(false);
    expect(undoable(entry(4, 'batch.split', { set: { partCount: 1 } }), { partCount: 1 } as never, 4_500, 60_000)).toBe(
      false,
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { audienceKey } from './audiences.ts';
import type { LiveState } from './fold.ts';
import { applyFrame, emptyLiveSet } from './fold.ts';
import type { AppliedEntry } from './frame-build.ts';
import { buildChanges } from './frame-build.ts';
import type { Frame } from './frames.ts';
import { audiences, expectedAt, history, historyOf, idOf } from './history.fixture.ts';
import type { Kind } from './kinds.ts';
import { allKinds } from './kinds.ts';
import { encodeSnapshot } from './snapshot-encode.ts';
import { decodeSnapshot } from './snapshot.ts';

const admin = audiences[0]!;

function frameOf(all: readonly AppliedEntry[], audience: (typeof audiences)[number], from: number, to: number): Frame {
  // Through JSON, as it travels: undefined and shared objects do not survive it.
  return JSON.parse(
    JSON.stringify({ from, to, now: 0, changes: buildChanges(audience, all.slice(from, to)) }),
  ) as Frame;
}

function snapshotAt(all: readonly AppliedEntry[], audience: (typeof audiences)[number], seq: number): LiveState {
  const byKind = new Map<Kind, object[]>();
  for (const [key, view] of expectedAt(audience, all, seq)) {
    const kind = key.split(' ')[0] as Kind;
    byKind.set(kind, [...(byKind.get(kind) ?? []), view]);
  }
  const head = { epoch: 'e1', audience: audienceKey(audience), seq };
  return decodeSnapshot(JSON.parse(JSON.stringify(encodeSnapshot(head, Object.fromEntries(byKind)))));
}

const held = (state: LiveState) =>
  new Map(
    allKinds.flatMap((kind) => [...state.records[kind]].map(([id, record]) => [`${kind} ${id}`, record] as const)),
  );

const empty = (): LiveState => ({ epoch: 'e1', audience: 'a', seq: 0, records: emptyLiveSet() });

describe('frames applied to a state', () => {
  const created = historyOf([{ kind: 'batch', id: idOf(10), set: { dueAt: 1_760_000_000_007 }, unset: [] }]);

  it('[L1] drops a frame it has, applies one that reaches further, and says so when something is missing', () => {
    const state = empty();
    const frame = frameOf(created, admin, 0, 1);
    expect(applyFrame(state, { ...frame, from: 1, to: 2 })).toBe('gap');
    expect(held(state).size).toBe(0);
    expect(applyFrame(state, frame)).toBe('applied');
    expect(state.seq).toBe(1);
    expect(applyFrame(state, frame)).toBe('old');
    expect(applyFrame(state, { from: 0, to: 5, now: 0, changes: [] })).toBe('applied');
    expect(state.seq).toBe(5);
  });

  it('replaces records and tells which, with before and after', () => {
    const state = empty();
    applyFrame(state, frameOf(created, admin, 0, 1));
    const before = state.records.batch.get(idOf(10));
    const copy = structuredClone(before);
    const heard: unknown[] = [];
    const cause = created[0]!.entry as never;
    applyFrame(
      state,
      {
        from: 1,
        to: 2,
        now: 0,
        changes: [{ kind: 'batch', id: idOf(10), rev: 2, set: { 'steps.draft.at': 4 }, unset: ['dueAt'], cause }],
      },
      (change, was, is) => heard.push([change.id, was, is]),
    );
    const after = state.records.batch.get(idOf(10));
    expect(heard).toEqual([[idOf(10), before, after]]);
    expect(before).toEqual(copy);
    expect(after).toMatchObject({ rev: 2, steps: { draft: { at: 4 } } });
    expect(after).not.toHaveProperty('dueAt');
  });

  it('refuses a patch for what it does not hold, before it has changed anything', () => {
    const state = empty();
    const changes = [
      ...frameOf(created, admin, 0, 1).changes,
      { kind: 'batch' as const, id: idOf(11), rev: 2, set: { dueAt: 1 }, cause: created[0]!.entry as never },
    ];
    expect(() => applyFrame(state, { from: 0, to: 1, now: 0, changes })).toThrow(/not held/);
    expect(state.seq).toBe(0);
    expect(held(state).size).toBe(0);
  });
});

describe('a client of any audience', () => {
  it('[L9] [L4] [L3] holds what its audience sees: snapshot, then frames with any boundaries, repeats and overlaps', () => {
    fc.assert(
      fc.property(
        history,
        fc.constantFrom(...audiences),
        fc.nat(),
        fc.array(fc.record({ length: fc.integer({ min: 0, max: 9 }), back: fc.nat(6), repeat: fc.boolean() })),
        (all, audience, start, cuts) => {
          const state = snapshotAt(all, audience, start % (all.length + 1));
          expect(held(state)).toEqual(expectedAt(audience, all, state.seq));
          const steps = [...cuts, { length: all.length, back: 3, repeat: true }];
          for (const { length, back, repeat } of steps) {
            const seq = state.seq;
            const from = Math.max(0, seq - back);
            const to = Math.min(all.length, seq + length);
            const frame = frameOf(all, audience, from, to);
            expect(applyFrame(state, frame)).toBe(to > seq ? 'applied' : 'old');
            if (repeat) expect(applyFrame(state, frame)).toBe('old');
            expect(held(state)).toEqual(expectedAt(audience, all, state.seq));
          }
          expect(state.seq).toBe(all.length);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('[L3] may stand anywhere inside a frame', () => {
    fc.assert(
      fc.property(history, fc.constantFrom(...audiences), fc.nat(), fc.nat(), (all, audience, a, b) => {
        const from = a % all.length;
        const state = snapshotAt(all, audience, from + (b % (all.length - from)));
        expect(applyFrame(state, frameOf(all, audience, from, all.length))).toBe('applied');
        expect(held(state)).toEqual(expectedAt(audience, all, all.length));
      }),
      { numRuns: 400 },
    );
  });

  it('[L5] is sent nothing of what it never saw, and never a secret', () => {
    fc.assert(
      fc.property(history, fc.constantFrom(...audiences), (all, audience) => {
        const text = JSON.stringify(frameOf(all, audience, 0, all.length));
        expect(text).not.toContain('secret-');
        expect(text).not.toContain(idOf(90));
        const seen = new Set<string>();
        for (let seq = 1; seq <= all.length; seq++)
          for (const key of expectedAt(audience, all, seq).keys()) seen.add(key);
        for (const change of frameOf(all, audience, 0, all.length).changes) {
          expect(seen).toContain(`${change.kind} ${change.id}`);
        }
      }),
      { numRuns: 200 },
    );
  });
});

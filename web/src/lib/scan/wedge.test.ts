import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Wedge, type Verdict, type WedgeKey } from './wedge.ts';

const codes: { [sign: string]: string } = { '-': 'Minus', '/': 'Slash', '.': 'Period', ' ': 'Space', Enter: 'Enter' };
const codeOf = (key: string): string =>
  codes[key] ?? (/\d/.test(key) ? `Digit${key}` : /[a-z]/i.test(key) ? `Key${key.toUpperCase()}` : '');

/** Presses keys with the gaps given (the last repeats); capitals and `_` press Shift first when asked to. */
function press(
  keys: readonly string[],
  gaps: readonly number[],
  more: { shift?: boolean; each?: Partial<WedgeKey> } = {},
): Verdict[] {
  const wedge = new Wedge();
  let at = 1_000;
  let n = 0;
  const verdicts: Verdict[] = [];
  const one = (key: WedgeKey): void => {
    verdicts.push(wedge.read(key));
    at += gaps[Math.min(n++, gaps.length - 1)]!;
  };
  for (const key of keys) {
    const shift = /^[A-Z_]$/.test(key);
    if (shift && more.shift) one({ key: 'Shift', code: 'ShiftLeft', at });
    one({ key, code: codeOf(key), at, shift, ...more.each });
  }
  return verdicts;
}

const scanOf = (verdicts: readonly Verdict[]): string | undefined => {
  const last = verdicts.at(-1);
  return last?.is === 'scan' ? last.text : undefined;
};
const typed = (text: string): string[] => [...text, 'Enter'];

describe('a scanner', () => {
  it.each<[string, string, number[], { shift?: boolean }]>([
    ['one key each millisecond', 'P-40017', [1], {}],
    ['several in the same millisecond', 'P-40017', [0], {}],
    ['one each 30 ms, the slowest there are', 'P-40017', [30], {}],
    ['in spurts, as wireless ones do', 'P-40017', [1, 1, 45, 1, 1, 45, 1], {}],
    ['a pause before Enter', 'P-40017', [4, 4, 4, 4, 4, 4, 48], {}],
    ['Shift before each capital', 'PMP-AXLE-7', [9], { shift: true }],
    ['Shift before each capital, slowly', 'PMP-AXLE-7', [28], { shift: true }],
    ['a reference', 'B-2041', [12], {}],
    ['four digits', '4711', [15], {}],
    ['three characters, if it is quick', 'N-2', [10], {}],
    ['letters only, when there are many', 'PUMPHOUSING', [8], {}],
    ['what is no part ID: told apart later, but not typed into the page', '(01)09506000134352', [6], {}],
    ['an address', 'https://board.example/operations/batches/1', [3], {}],
  ])('%s', (_what, text, gaps, more) => {
    expect(scanOf(press(typed(text), gaps, more))).toBe(text);
  });

  it('is known at any pace of 1 to 30 ms, with any jitter', () => {
    const code = fc.stringMatching(/^[A-Z0-9]{2,12}-\d{3,12}$/);
    fc.assert(
      fc.property(code, fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 40 }), (text, gaps) => {
        expect(scanOf(press(typed(text), gaps))).toBe(text);
      }),
    );
  });

  it('two scans in a row are two', () => {
    const verdicts = press([...typed('P-40017'), ...typed('P-40018')], [5]);
    expect(verdicts.filter(({ is }) => is === 'scan')).toMatchObject([{ text: 'P-40017' }, { text: 'P-40018' }]);
  });

  it('right after a person has typed: only its own keys are the code', () => {
    const verdicts = press(['h', 'i', ...typed('P-40017')], [90, 210, 5]);
    expect(scanOf(verdicts)).toBe('P-40017');
    expect(verdicts.slice(1, 3)).toEqual([{ is: 'person' }, { is: 'character', place: 1 }]);
  });

  it('that types on a German layout as if it were a US one is read both ways', () => {
    const wedge = new Wedge();
    const keys: [string, string][] = [
      ['P', 'KeyP'],
      ['ß', 'Minus'],
      ['4', 'Digit4'],
      ['0', 'Digit0'],
      ['Z', 'KeyY'],
      ['7', 'Numpad7'],
    ];
    keys.forEach(([key, code], i) => wedge.read({ key, code, at: i * 8, shift: /[A-Z]/.test(key) }));
    expect(wedge.read({ key: 'Enter', code: 'Enter', at: 50 })).toEqual({
      is: 'scan',
      text: 'Pß40Z7',
      plain: 'P-40Y7',
    });
  });

  it('a dead key and AltGr do not break it', () => {
    const wedge = new Wedge();
    for (const [i, key] of ['4', '7', 'Dead', 'AltGraph', '1', '1'].entries()) {
      wedge.read({ key, code: key === 'Dead' ? 'Equal' : codeOf(key), at: i * 8 });
    }
    expect(wedge.read({ key: 'Enter', code: 'NumpadEnter', at: 50 })).toMatchObject({ text: '4711', plain: '47=11' });
  });
});

describe('a person', () => {
  it.each<[string, string, number[]]>([
    ['types fast: 60 ms', 'P-40017', [60]],
    ['rolls two keys off the fingers', 'P-40017', [60, 12, 70, 60]],
    ['rolls four of them and Enter at the end of a word', 'B-2041', [80, 70, 20, 18, 25]],
    ['hits Enter together with the last key', 'B-2041', [90, 80, 85, 95, 70, 5]],
    ['is a little too slow for a short code', '4711', [34]],
    ['types a count in one go', '125', [20]],
    ['is a little too slow for a long one', 'P-40017', [37]],
    ['hits a word at once', 'Slow', [2]],
    ['hits two keys and Enter at once', 'B1', [2]],
  ])('%s', (_what, text, gaps) => {
    expect(press(typed(text), gaps).map(({ is }) => is)).not.toContain('scan');
  });

  it('typing at 60 ms or slower is never a scanner, whatever is typed', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[ -~]{1,40}$/),
        fc.array(fc.integer({ min: 51, max: 400 }), { minLength: 1, maxLength: 40 }),
        (text, gaps) => {
          expect(press(typed(text), gaps).map(({ is }) => is)).not.toContain('scan');
        },
      ),
    );
  });

  it('typing at 120 words a minute with keys rolled now and then is never a scanner', () => {
    // 100 ms give or take 30, and every other key rolled within 15 to 45 ms of the one before; never the first pair.
    const gap = fc.oneof(fc.integer({ min: 70, max: 130 }), fc.integer({ min: 15, max: 45 }));
    fc.assert(
      fc.property(
        fc.stringMatching(/^[A-Z]-\d{4,12}$/),
        fc.array(gap, { minLength: 20, maxLength: 20 }),
        (text, gaps) => {
          expect(press(typed(text), [80, ...gaps]).map(({ is }) => is)).not.toContain('scan');
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it.each<[string, Partial<WedgeKey>]>([
    ['holds a key down', { repeat: true }],
    ['composes with an input method', { composing: true }],
    ['presses shortcuts', { command: true }],
  ])('%s: no character of a scan', (_what, each) => {
    expect(press(typed('4711471147'), [2], { each }).every(({ is }) => is === 'person')).toBe(true);
  });

  it.each(['Tab', 'Backspace', 'ArrowLeft', 'Process', 'Unidentified', 'F5'])(
    '%s in the middle ends the burst',
    (key) => {
      const verdicts = press(['P', '4', '0', key, '1', '7', 'Enter'], [3]);
      expect(verdicts[3]).toEqual({ is: 'person' });
      expect(verdicts.at(-1)).toEqual({ is: 'person' });
    },
  );

  it('a program that types a long text for somebody is no scanner', () => {
    expect(scanOf(press(typed('x1'.repeat(150)), [1]))).toHaveLength(300);
    expect(press(typed('x1'.repeat(151)), [1]).map(({ is }) => is)).not.toContain('scan');
  });
});

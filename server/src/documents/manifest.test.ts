import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openDocument } from './document.ts';
import { planPages } from './manifest.ts';
import { papers } from './paper.ts';
import { fit, printable, widthOf, wrap } from './text.ts';

describe('planPages', () => {
  const plans = fc.record({
    heights: fc.array(fc.integer({ min: 10, max: 90 }), { minLength: 1, maxLength: 200 }),
    first: fc.integer({ min: 100, max: 300 }),
    further: fc.integer({ min: 300, max: 600 }),
  });

  it('lists every row once, in order, and no column is longer than its room', () => {
    fc.assert(
      fc.property(plans, ({ heights, first, further }) => {
        const pages = planPages(heights, { first, further });
        const columns = pages.flatMap(({ left, right }) => [left, right]);
        expect(columns.flatMap(([from, to]) => heights.slice(from, to).map((_, i) => from + i))).toEqual(
          heights.map((_, i) => i),
        );
        pages.forEach(({ left, right }, page) => {
          for (const [from, to] of [left, right]) {
            const used = heights.slice(from, to).reduce((sum, height) => sum + height, 0);
            expect(used).toBeLessThanOrEqual(page === 0 ? first : further);
          }
        });
      }),
    );
  });

  it('leaves no page before the last with room for the row that follows it', () => {
    fc.assert(
      fc.property(plans, ({ heights, first, further }) => {
        const pages = planPages(heights, { first, further });
        pages.slice(0, -1).forEach(({ right: [from, to] }, page) => {
          const used = heights.slice(from, to + 1).reduce((sum, height) => sum + height, 0);
          expect(used).toBeGreaterThan(page === 0 ? first : further);
        });
      }),
    );
  });

  it('ends with two columns of one length, so that there is room below them', () => {
    expect(planPages(Array<number>(10).fill(10), { first: 100, further: 100 })).toEqual([
      { left: [0, 5], right: [5, 10] },
    ]);
    expect(planPages(Array<number>(27).fill(10), { first: 100, further: 100 })).toEqual([
      { left: [0, 10], right: [10, 20] },
      { left: [20, 24], right: [24, 27] },
    ]);
  });

  it('takes a row that is higher than a page, and a batch without parts', () => {
    expect(planPages([500, 10], { first: 100, further: 100 })).toEqual([{ left: [0, 1], right: [1, 2] }]);
    expect(planPages([], { first: 100, further: 100 })).toEqual([{ left: [0, 0], right: [0, 0] }]);
  });
});

describe('text', () => {
  const pdf = openDocument({ title: 't', subject: 's', author: 'a', product: 'p', at: 0 }, papers.a4);
  const style = { face: 'regular', size: 10 } as const;

  it.each([
    ['Meridian Repair Center', 60, ['Meridian', 'Repair', 'Center']],
    ['AAAA-BBBB/CCCC_DDDD', 40, ['AAAA-', 'BBBB/', 'CCCC_', 'DDDD']],
    ['Ununterbrochen', 40, ['Ununter', 'brochen']],
    ['', 40, []],
  ])('breaks "%s" at %d points', (text, width, lines) => {
    expect(wrap(pdf, style, text, width)).toEqual(lines);
  });

  it('never loses a sign, and no line is wider than it may be', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9 _/-]{0,60}$/), fc.integer({ min: 12, max: 200 }), (text, width) => {
        const lines = wrap(pdf, style, text, width);
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
        // Kerning between pieces is not reckoned with: it is a fraction of a point.
        for (const line of lines) expect(widthOf(pdf, style, line)).toBeLessThanOrEqual(width + 1);
      }),
    );
  });

  it('makes a text smaller before it gives it another line, and gives it lines before it cuts it', () => {
    const short = fit(pdf, style, 'P-40817', { width: 60, most: 1, smallest: 6 });
    expect([short.style.size, short.lines]).toEqual([10, ['P-40817']]);
    const tight = fit(pdf, style, 'Control board', { width: 50, most: 1, smallest: 6 });
    expect(tight.lines).toEqual(['Control board']);
    expect(tight.style.size).toBeLessThan(10);
    const long = fit(pdf, style, 'Control board of the third kind', { width: 50, most: 1, smallest: 6 });
    expect([long.style.size, long.lines.join(' ')]).toEqual([6, 'Control board of the third kind']);
  });

  it('prints a box for what the font lacks, and composes what comes in pieces', () => {
    expect(printable(pdf, 'Łódź Ωμέγα Жуков Việt')).toBe('Łódź Ωμέγα Жуков Việt');
    expect(printable(pdf, '株式会社 A')).toBe('□□□□ A');
    expect(printable(pdf, 'e\u0301')).toBe('\u00e9');
  });
});

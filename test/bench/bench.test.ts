import { describe, expect, it } from 'vitest';
import { callers, takingTurns, type BenchRun } from './benchmark.ts';
import { measure } from './measure.ts';
import { mergeSection, verdict } from './report.ts';
import { median, percentile } from './statistics.ts';

describe('statistics', () => {
  it('finds the middle of odd and even numbers of values', () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
  });
  it('finds percentiles by the nearest rank', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([percentile(values, 0.5), percentile(values, 0.99), percentile(values, 1)]).toEqual([50, 99, 100]);
  });
});

describe('measuring', () => {
  it('interleaves contenders, backwards every second round, and takes ratios within a round', async () => {
    const order: string[] = [];
    const contender = (name: string, values: number[]): BenchRun['contenders'][number] => ({
      name,
      measure: async (round) => {
        order.push(name);
        return { x: values[round] ?? 0 };
      },
    });
    const run: BenchRun = {
      contenders: [contender('ours', [10, 40, 30]), contender('peer', [10, 20, 10])],
      rows: [
        {
          what: 'x',
          unit: '/s',
          subject: { contender: 'ours', figure: 'x' },
          peer: { contender: 'peer', figure: 'x' },
        },
      ],
      [Symbol.asyncDispose]: async () => undefined,
    };
    const [row] = await measure(run, 3, () => undefined);
    expect(order).toEqual(['ours', 'peer', 'peer', 'ours', 'ours', 'peer']);
    expect(row?.ratio).toEqual({ low: 1, median: 2, high: 3 });
  });
});

describe('taking turns', () => {
  it('gives each thing its slices, first one and then the other in front, and counts per second', async () => {
    const order: string[] = [];
    const thing = (name: string, calls: number) => async (milliseconds: number) => {
      order.push(name);
      const end = performance.now() + milliseconds;
      while (performance.now() < end);
      return calls;
    };
    const rates = await takingTurns({ ours: thing('ours', 2), peer: thing('peer', 1) }, 20, 5);
    expect(order.join()).toBe('ours,peer,peer,ours,ours,peer,peer,ours');
    expect(rates.ours / rates.peer).toBeGreaterThan(1);
  });

  it('keeps as many calls going at once as there are callers', async () => {
    let going = 0;
    let most = 0;
    const call = async (): Promise<void> => {
      most = Math.max(most, (going += 1));
      await new Promise((resolve) => setImmediate(resolve));
      going -= 1;
    };
    expect(await callers(7, call)(10)).toBeGreaterThanOrEqual(7);
    expect(most).toBe(7);
  });
});

describe('the report', () => {
  it('judges a value by its bounds', () => {
    expect(verdict(0.25, { atLeast: 0.3 }, { atLeast: 0.4 })).toBe('**must missed** by 17 %');
    expect(verdict(0.35, { atLeast: 0.3 }, { atLeast: 0.4 })).toBe('must met; 13 % short of the aim');
    expect(verdict(1.9, { atMost: 2 }, { atMost: 1.95 })).toBe('aim met');
  });
  it('replaces only the section of its own number, and keeps the sections in order', () => {
    const first = mergeSection(mergeSection('', 'P12', '## P12: twelve\nold\n'), 'P2', '## P2: two\nkept\n');
    const second = mergeSection(first, 'P12', '## P12: twelve\nnew\n');
    expect(second.match(/^## .*$/gm)).toEqual(['## P2: two', '## P12: twelve']);
    expect(second).toContain('kept');
    expect(second).toContain('new');
    expect(second).not.toContain('old');
    expect(second.match(/^# Benchmarks$/gm)).toHaveLength(1);
  });
});

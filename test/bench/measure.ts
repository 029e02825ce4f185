import type { BenchRun, Figures, Row } from './benchmark.ts';
import { spreadOf, type Spread } from './statistics.ts';

/** A row with what was found. */
export interface MeasuredRow {
  row: Row;
  subject: Spread;
  peer?: Spread;
  /** Of the rounds' own ratios, not the ratio of the medians. */
  ratio?: Spread;
}

/** Runs the rounds, contenders interleaved, and computes the rows. */
export async function measure(run: BenchRun, rounds: number, log: (text: string) => void): Promise<MeasuredRow[]> {
  const figures = new Map<string, Figures[]>(run.contenders.map(({ name }) => [name, []]));
  for (const contender of run.contenders) await contender.warmUp?.();
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? run.contenders : run.contenders.toReversed();
    for (const contender of order) {
      const found = await contender.measure(round);
      figures.get(contender.name)?.push(found);
      const text = Object.entries(found).map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`);
      log(`round ${round + 1}/${rounds}  ${contender.name}: ${text.join(', ')}`);
    }
  }
  return run.rows.map((row) => measuredRow(row, figures));
}

function measuredRow(row: Row, figures: Map<string, Figures[]>): MeasuredRow {
  const series = (contender: string, figure: string): number[] => {
    const values = figures.get(contender)?.map((found) => found[figure]);
    if (values === undefined || values.some((value) => value === undefined || !Number.isFinite(value))) {
      throw new Error(`"${row.what}" needs the figure ${figure} of ${contender}, in every round`);
    }
    return values as number[];
  };
  const subject = series(row.subject.contender, row.subject.figure);
  if (row.peer === undefined) return { row, subject: spreadOf(subject) };
  const peer = series(row.peer.contender, row.peer.figure);
  const ratios = subject.map((value, round) => value / (peer[round] ?? Number.NaN));
  return { row, subject: spreadOf(subject), peer: spreadOf(peer), ratio: spreadOf(ratios) };
}

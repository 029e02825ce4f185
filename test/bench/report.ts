import { cpus, totalmem } from 'node:os';
import type { Benchmark, Bound } from './benchmark.ts';
import type { MeasuredRow } from './measure.ts';
import type { Spread } from './statistics.ts';

/** Under what circumstances figures were found. */
export interface Circumstances {
  machine: string;
  date: string;
  command: string;
  rounds: number;
}

/** This machine in a few words. */
export function describeMachine(): string {
  const processors = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const model = processors[0]?.model.trim() ?? process.arch;
  return `${model}, ${processors.length} cores, ${memory} GB, ${process.platform}, Node ${process.versions.node}`;
}

/** The section of one benchmark, with its heading. */
export function section(
  benchmark: Benchmark,
  rows: MeasuredRow[],
  notes: string[],
  circumstances: Circumstances,
): string {
  const table = rows.map(({ row, subject, peer, ratio }) => {
    const cells = [
      row.what,
      figure(subject, row.unit),
      peer === undefined ? '' : figure(peer, row.unit),
      ratio === undefined ? '' : spreadText(ratio, '×'),
      boundText(row.must),
      boundText(row.aim),
      verdict((ratio ?? subject).median, row.must, row.aim),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    `## ${benchmark.id}: ${benchmark.title}`,
    '',
    `${circumstances.date}; ${circumstances.machine}; ${circumstances.rounds} rounds; \`${circumstances.command}\``,
    '',
    '| what | ours | peer | ratio | must | aim | |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...table,
    ...(notes.length === 0 ? [] : ['', ...notes.map((note) => `- ${note}`)]),
    '',
  ].join('\n');
}

const preamble = `# Benchmarks

Made by \`npm run bench\` (\`npm run bench -- P12\` for one). A figure is the median of the rounds with the lowest and the
highest; a ratio is ours over the peer's in the same round, the median of the rounds again. Compare ratios, not figures:
machines differ.

`;

/** Puts a section in the place of the one with the same number, or where its number belongs. */
export function mergeSection(existing: string, id: string, text: string): string {
  const sections = existing.split(/^(?=## P\d+:)/m).filter((part) => /^## P\d+:/.test(part));
  const number = (part: string): number => Number(/^## P(\d+):/.exec(part)?.[1]);
  const others = sections.filter((part) => number(part) !== Number(id.slice(1)));
  const all = [...others, text].sort((a, b) => number(a) - number(b));
  return preamble + all.map((part) => `${part.trimEnd()}\n`).join('\n');
}

/** Whether bounds hold, in words. */
export function verdict(value: number, must: Bound | undefined, aim: Bound | undefined): string {
  if (must !== undefined && !holds(value, must)) return `**must missed** by ${missedBy(value, must)}`;
  if (aim !== undefined && holds(value, aim)) return 'aim met';
  if (must !== undefined) return aim === undefined ? 'must met' : `must met; ${missedBy(value, aim)} short of the aim`;
  return aim === undefined ? 'reported' : `${missedBy(value, aim)} short of the aim`;
}

function holds(value: number, bound: Bound): boolean {
  return 'atLeast' in bound ? value >= bound.atLeast : value <= bound.atMost;
}

function missedBy(value: number, bound: Bound): string {
  const limit = 'atLeast' in bound ? bound.atLeast : bound.atMost;
  return `${Math.max(1, Math.round((Math.abs(value - limit) / limit) * 100))} %`;
}

function boundText(bound: Bound | undefined): string {
  if (bound === undefined) return '';
  return 'atLeast' in bound ? `≥ ${bound.atLeast}` : `≤ ${bound.atMost}`;
}

function figure(spread: Spread, unit: string): string {
  return spreadText(spread, unit.startsWith('/') ? unit : ` ${unit}`);
}

function spreadText({ low, median, high }: Spread, unit: string): string {
  if (low === high) return `${short(median)}${unit}`;
  return `${short(median)}${unit} (${short(low)}–${short(high)})`;
}

function short(value: number): string {
  return Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
}

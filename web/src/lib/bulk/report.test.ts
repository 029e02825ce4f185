import { expect, it } from 'vitest';
import { refusalsOf, reportCsv, reportText } from './report.ts';
import type { BulkOutcome } from './run.ts';

const item = (reference: string) => ({ record: reference, reference, commandId: '', name: '', args: () => ({}) });
const refused = (reference: string, message: string): BulkOutcome => ({
  item: item(reference),
  ok: false,
  error: { code: 'no_parts', message },
});
const outcomes: BulkOutcome[] = [
  refused('B-1', 'B-1 has no parts.'),
  { item: item('B-2'), ok: true },
  refused('B-3', 'It has changed.'),
  refused('B-4', 'B-4 has no parts.'),
];

it('puts refusals for the same reason together, the most frequent first', () => {
  expect(refusalsOf(outcomes)).toEqual([
    { reason: 'The batch has no parts.', references: ['B-1', 'B-4'] },
    { reason: 'It has changed.', references: ['B-3'] },
  ]);
});

it('has a line for each batch', () => {
  expect(reportText(outcomes, 'sealed').split('\n')).toEqual([
    'B-1\tB-1 has no parts.',
    'B-2\tsealed',
    'B-3\tIt has changed.',
    'B-4\tB-4 has no parts.',
  ]);
});

it('is a file that runs nothing', () => {
  const csv = reportCsv([refused('=1+1', 'A "quoted" word'), refused('@x', '-1')], 'sealed');
  expect(csv.split('\r\n').slice(1, 3)).toEqual([`"'=1+1","Refused","A ""quoted"" word"`, `"'@x","Refused","'-1"`]);
});

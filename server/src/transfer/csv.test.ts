import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cell } from './csv.ts';
import { csvHead, csvRows, readCsv } from './csv.ts';

const most = 10_000;

describe('writing CSV', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+49 30 1', "'+49 30 1"],
    ['-2', "'-2"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\tx', "'\tx"],
    ['\rx', '"\'\rx"'],
    ["'=1", "''=1"],
    ["''@", "'''@"],
    ['＝1', "'＝1"],
    ["'s-Hertogenbosch", "'s-Hertogenbosch"],
    ['a=1', 'a=1'],
    ['a,"b"', '"a,""b"""'],
    [-2, '-2'],
    [-0.5, '-0.5'],
    [1e21, '1e+21'],
    [undefined, ''],
  ] as [Cell, string][])('%j becomes %j', (cell, written) => {
    expect(csvRows([[cell, 'x']])).toBe(`${written},x\r\n`);
  });

  it('begins with the mark by which Excel knows UTF-8', () => {
    expect(csvHead(['Name', 'Størrelse'])).toBe('\ufeffName,Størrelse\r\n');
  });
});

describe('reading CSV', () => {
  it.each([
    ['commas', 'A,B\n1,"x, y"\n'],
    ['semicolons, as Excel writes them in half of Europe', '\ufeffA;B\r\n1;"x, y"\r\n'],
    ['tabs', 'A\tB\n1\tx, y'],
    ['a line that says what parts the cells', 'sep=;\r\nA;B\r\n1;x, y\r\n'],
    ['quoted names with the other sign inside', '"A";"B"\r\n1;x, y\r\n'],
    ['line ends of an old Mac', 'A;B\r1;x, y\r'],
  ])('%s', async (_what, text) => {
    const table = await readCsv(text, most);
    if ('message' in table) throw new Error(table.message);
    expect(table.rows.map(({ cells }) => cells)).toEqual([['1', 'x, y']]);
    expect(table.columns).toHaveLength(2);
  });

  it('numbers rows as a spreadsheet does: empty ones and cells of several lines count', async () => {
    const table = await readCsv('A,B\n1,2\n\n,\n"a\nb\nc",3\n4,5\n', most);
    expect(table).toEqual({
      columns: ['A', 'B'],
      rows: [
        { row: 2, cells: ['1', '2'] },
        { row: 5, cells: ['a\nb\nc', '3'] },
        { row: 6, cells: ['4', '5'] },
      ],
    });
  });

  it('says in which row a quotation mark is left open', async () => {
    expect(await readCsv('A,B\n1,2\n"3,4\n5,6\n', most)).toEqual({
      row: 3,
      message: 'Row 3 opens a quotation mark that is never closed. Close it, or remove it.',
    });
  });

  it('takes a quotation mark inside a cell for what it is', async () => {
    const table = await readCsv('A,B\n7" panel,2\n', most);
    expect(table).toMatchObject({ rows: [{ cells: ['7" panel', '2'] }] });
  });

  it.each(['', '\ufeff', '\n\n', ' , \n'])('an empty file %j is refused', async (text) => {
    expect(await readCsv(text, most)).toMatchObject({ message: expect.stringContaining('empty') as string });
  });

  it('refuses more rows than asked for', async () => {
    expect(await readCsv('A\n1\n2\n3\n', 2)).toMatchObject({
      message: expect.stringContaining('more than 2 rows') as string,
    });
    expect(await readCsv('A\n1\n2\n', 2)).toMatchObject({ rows: [{}, {}] });
  });
});

describe('CSV', () => {
  // What a spreadsheet may hold, with all that is special to the format made likely.
  const text = fc.string({
    unit: fc.oneof(
      fc.constantFrom(...'=+-@\'\t\r\n",;| \ufeff＝'),
      fc.string({ unit: 'grapheme', maxLength: 1, minLength: 1 }),
    ),
    maxLength: 12,
  });

  it('read back is what was written', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.constant('#'), text, text), { maxLength: 8 }), async (rows) => {
        const table = await readCsv(csvHead(['No', 'Some text', 'More']) + csvRows(rows), most);
        expect('rows' in table && table.rows.map(({ cells }) => cells)).toEqual(rows);
      }),
      { numRuns: 400 },
    );
  });

  it('never begins a cell with what a spreadsheet would run', () => {
    fc.assert(
      fc.property(text, (cell) => {
        const written = csvRows([[cell, '']]).replace(/^"/, '');
        expect(written).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]/);
      }),
      { numRuns: 400 },
    );
  });
});

import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Info } from 'csv-parse';
import { CsvError, parse } from 'csv-parse';
import { stringify } from 'csv-stringify/sync';

/** What a cell of an export holds; undefined is an empty one. */
export type Cell = string | number | undefined;

/** Text that a spreadsheet would take for a formula, also behind apostrophes of its own. */
const formula = /^'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

/** Excel takes a file for UTF-8 only when it begins with this. */
export const byteOrderMark = '\ufeff';

/**
 * Rows as lines of CSV (RFC 4180, commas, CRLF). Text that a spreadsheet would run as a formula gets an apostrophe in
 * front, which {@link readCsv} takes off again; numbers stay numbers, below zero too.
 */
export function csvRows(rows: readonly (readonly Cell[])[]): string {
  return stringify(
    rows.map((cells) => cells.map((cell) => (typeof cell === 'string' ? guarded(cell) : (cell ?? '')))),
    { record_delimiter: '\r\n', quoted_match: /[\r\n]/ },
  );
}

/** The first line of a file: the byte order mark and the names of the columns. */
export const csvHead = (columns: readonly string[]): string => byteOrderMark + csvRows([columns]);

const guarded = (text: string): string => (formula.test(text) ? `'${text}` : text);
const unguarded = (text: string): string => (text.startsWith("'") && formula.test(text) ? text.slice(1) : text);

/** One row as it was read: `row` is its number in a spreadsheet, in which the column names are row 1. */
export type CsvRow = { row: number; cells: string[] };
/** Why a file could not be read as CSV, in a sentence for the person. */
export type CsvFault = { row?: number; message: string };
export type CsvTable = { columns: string[]; rows: CsvRow[] };

/** Text is handed to the parser in pieces of so many characters, so that a large file does not hold up others. */
const pieceSize = 64 * 1024;

/**
 * Reads CSV as spreadsheets write it: commas, semicolons or tabs, with or without a byte order mark, any line ends. Rows
 * without a value are left out, and counted all the same.
 *
 * @param most reading ends with a fault beyond so many rows
 */
export async function readCsv(text: string, most: number): Promise<CsvTable | CsvFault> {
  // Excel's own way of saying what parts the cells; it is not shown as a row.
  const said = /^\ufeff?sep=(.)\r?\n/i.exec(text);
  const body = said ? text.slice(said[0].length) : text.replace(/^\ufeff/, '');
  const parser = Readable.from(pieces(body)).pipe(
    parse({
      delimiter: said?.[1] ?? delimiterOf(body),
      info: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
    }),
  );
  let columns: string[] | undefined;
  const rows: CsvRow[] = [];
  try {
    for await (const { info, record } of parser as AsyncIterable<{ info: Info; record: string[] }>) {
      const cells = record.map((cell) => unguarded(cell));
      if (cells.every((cell) => cell.trim() === '')) continue;
      if (!columns) {
        columns = cells.map((cell) => cell.trim());
        continue;
      }
      if (rows.length === most) {
        return { message: `The file has more than ${most.toLocaleString('en-GB')} rows. Split it into several files.` };
      }
      rows.push({ row: info.records + info.empty_lines, cells });
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return faultOf(error);
  }
  return columns ? { columns, rows } : { message: 'The file is empty. Its first row must name the columns.' };
}

async function* pieces(text: string): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += pieceSize) {
    if (at > 0) await nextTurn();
    yield text.slice(at, at + pieceSize);
  }
}

/** What parts the cells: the candidate that is found most often outside quotes in the first line that has any. */
function delimiterOf(text: string): string {
  const counts = new Map([',', ';', '\t'].map((sign) => [sign, 0]));
  let quoted = false;
  for (const sign of text.slice(0, pieceSize)) {
    if (sign === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (counts.has(sign)) counts.set(sign, counts.get(sign)! + 1);
    else if ((sign === '\n' || sign === '\r') && [...counts.values()].some((count) => count > 0)) break;
  }
  const [best] = [...counts].toSorted(([, a], [, b]) => b - a);
  return best && best[1] > 0 ? best[0] : ',';
}

function faultOf(error: CsvError): CsvFault {
  const at = error as { records?: unknown; empty_lines?: unknown };
  // The parser says how many records it has finished: the fault is in the one after.
  const row = typeof at.records === 'number' ? at.records + Number(at.empty_lines ?? 0) + 1 : undefined;
  const where = row === undefined ? 'The file' : `Row ${row}`;
  const message =
    error.code === 'CSV_QUOTE_NOT_CLOSED'
      ? `${where} opens a quotation mark that is never closed. Close it, or remove it.`
      : `${where} could not be read as CSV: a quotation mark stands where none may be. Put the whole cell in quotation marks, and double those inside it.`;
  return { ...(row === undefined ? {} : { row }), message };
}

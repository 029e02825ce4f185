/** What a row of a file would do. */
export const rowOutcomes = ['create', 'change', 'unchanged', 'bad'] as const;
export type RowOutcome = (typeof rowOutcomes)[number];

/** What is wrong with a cell, or, without a column, with the row as a whole. */
export type CellProblem = { column?: string; message: string };

/** One row of a preview. `row` is its number in a spreadsheet; `cells` are in the order of the preview's columns. */
export type PreviewRow = {
  row: number;
  outcome: RowOutcome;
  cells: string[];
  problems?: CellProblem[];
  /** What a changed cell held before, by column. */
  was?: { [column: string]: string };
};

/** What an import of a file would do; nothing has been done yet. */
export type Preview = {
  /** The columns that are read, as they are named here. */
  columns: string[];
  rows: PreviewRow[];
  counts: { [O in RowOutcome]: number };
  /** What keeps the file as a whole from being imported: it cannot be read, or a column is missing. */
  faults: string[];
  /** What is left aside: columns that are not known, or that the board decides. */
  notes: string[];
};

/** What an import has done. */
export type Imported = {
  created: number;
  changed: number;
  unchanged: number;
  /** The first of the new records, to go to. */
  made: { id: string; name: string }[];
};

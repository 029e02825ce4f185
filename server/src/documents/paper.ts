/** Millimetres as points, the unit of everything that is drawn. */
export const mm = (length: number): number => (length * 72) / 25.4;
/** Inches as points. */
export const inches = (length: number): number => length * 72;

/** A sheet's size in points. */
export type Paper = { width: number; height: number };

/** The two sheets that offices have. */
export const papers = {
  a4: { width: mm(210), height: mm(297) },
  letter: { width: inches(8.5), height: inches(11) },
} as const satisfies { [name: string]: Paper };
export type PaperName = keyof typeof papers;
export const paperNames = Object.keys(papers) as [PaperName, ...PaperName[]];

/** Where labels are on a sheet, points: `pitch` from one label's edge to the next one's same edge. */
export type LabelSheet = Paper & {
  columns: number;
  rows: number;
  label: Paper;
  left: number;
  top: number;
  pitch: { x: number; y: number };
};

/**
 * The sheets that labels are printed on: 24 to an A4 sheet (as Avery L7159), 30 to a Letter sheet (as Avery 5160), or
 * one to a page of 57 × 32 mm, a roll that label printers of every make take.
 */
export const labelSheets = {
  a4: {
    ...papers.a4,
    columns: 3,
    rows: 8,
    label: { width: mm(63.5), height: mm(33.9) },
    left: mm(7.25),
    top: mm(12.9),
    pitch: { x: mm(66), y: mm(33.9) },
  },
  letter: {
    ...papers.letter,
    columns: 3,
    rows: 10,
    label: { width: inches(2.625), height: inches(1) },
    left: inches(0.1875),
    top: inches(0.5),
    pitch: { x: inches(2.75), y: inches(1) },
  },
  roll: {
    width: mm(57),
    height: mm(32),
    columns: 1,
    rows: 1,
    label: { width: mm(57), height: mm(32) },
    left: 0,
    top: 0,
    pitch: { x: 0, y: 0 },
  },
} as const satisfies { [name: string]: LabelSheet };
export type LabelSheetName = keyof typeof labelSheets;
export const labelSheetNames = Object.keys(labelSheets) as [LabelSheetName, ...LabelSheetName[]];

/** How many labels a sheet takes. */
export const labelsOn = (sheet: LabelSheet): number => sheet.columns * sheet.rows;

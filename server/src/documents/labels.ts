import type { Pdf } from './document.ts';
import { breathe, openDocument } from './document.ts';
import type { LabelSheet, LabelSheetName, Paper } from './paper.ts';
import { labelSheets, labelsOn, mm } from './paper.ts';
import { drawQr } from './qr.ts';
import type { Block, Style } from './text.ts';
import { fit, ink, printable, writeBlock } from './text.ts';

/** All that labels of parts say. What is not there is left out: a label may be one of a batch, or of a part alone. */
export type LabelsData = {
  organization: string;
  /** What the product is called there. */
  product: string;
  /** The batch that they were printed for. */
  batch?: { reference: string; customer: string; center: string };
  /** One label each, in this order. `customer`: whose it is, where no batch says so. */
  parts: readonly LabelledPart[];
  /** The moment that all of this is of, milliseconds. */
  at: number;
};

type LabelledPart = { id: string; label?: string; customer?: string };

/**
 * Makes a sheet, or many, of labels for parts. The same data makes the same bytes.
 *
 * @param first the first free label of the first sheet, from 1: a sheet that was started is used up
 * @param onOpen gets the document before anything is drawn, to read the bytes as they come
 * @param wanted asked between sheets; false stops: nobody reads any more
 */
export async function makeLabels(
  data: LabelsData,
  sheetName: LabelSheetName,
  first: number,
  onOpen: (pdf: Pdf) => void,
  wanted: () => boolean = () => true,
): Promise<void> {
  const sheet: LabelSheet = labelSheets[sheetName];
  const { batch, organization, product, at } = data;
  const about = batch
    ? { title: `Labels ${batch.reference}`, subject: `Parts of service batch ${batch.reference}` }
    : { title: 'Part labels', subject: 'Parts' };
  const pdf = openDocument({ ...about, author: organization, product, at }, sheet);
  onOpen(pdf);
  const perSheet = labelsOn(sheet);
  for (const [i, part] of data.parts.entries()) {
    const place = (first - 1 + i) % perSheet;
    if (i % 10 === 9) await breathe();
    if (i === 0 || place === 0) {
      if (!wanted()) return;
      pdf.addPage();
    }
    const x = sheet.left + (place % sheet.columns) * sheet.pitch.x;
    const y = sheet.top + Math.floor(place / sheet.columns) * sheet.pitch.y;
    drawLabel(pdf, data, part, x, y, sheet.label);
  }
  pdf.end();
}

/** Printers shift a sheet by a millimetre or two: nothing comes nearer to the edge of a label than this. */
const inset = mm(2.2);

/** The code at the left, as large as the label allows; beside it what people read, the part ID first. */
function drawLabel(pdf: Pdf, data: LabelsData, part: LabelledPart, x: number, y: number, label: Paper): void {
  const side = Math.min(label.height - 2 * inset, label.width * 0.45);
  drawQr(pdf, part.id, x + inset, y + (label.height - side) / 2, side, 'Q');
  const left = x + inset + side + 2;
  const width = x + label.width - inset - left;
  const height = label.height - 2 * inset - 4;
  const { upper, lower } = labelText(pdf, data, part, width, height);
  let at = y + inset + 2;
  for (const block of upper) at = writeBlock(pdf, block, left, at);
  at = y + label.height - inset - 2 - lower.reduce((sum, block) => sum + block.height, 0);
  for (const block of lower) at = writeBlock(pdf, block, left, at);
}

/** Sets the words of a label as large as they fit: all of them, whatever their length. */
function labelText(
  pdf: Pdf,
  data: LabelsData,
  part: LabelledPart,
  width: number,
  height: number,
): { upper: Block[]; lower: Block[] } {
  const lines = (style: Style, text: string, most: number, scale: number) =>
    fit(pdf, { ...style, size: style.size * scale }, printable(pdf, text), {
      width,
      most,
      smallest: style.size * scale * 0.75,
      leading: 1.18,
    });
  for (let scale = 1; ; scale *= 0.92) {
    const upper = [lines({ face: 'bold', size: 12, code: true }, part.id, 2, scale)];
    if (part.label !== undefined) upper.push(lines({ face: 'regular', size: 7.5 }, part.label, 2, scale));
    const lower = [];
    if (data.batch) lower.push(lines({ face: 'bold', size: 8, code: true }, data.batch.reference, 1, scale));
    for (const name of [data.batch?.customer ?? part.customer, data.batch?.center])
      if (name !== undefined) lower.push(lines({ face: 'regular', size: 7, color: ink.soft }, name, 2, scale));
    const needed = [...upper, ...lower].reduce((sum, block) => sum + block.height, 2);
    if (needed <= height || scale < 0.2) return { upper, lower };
  }
}

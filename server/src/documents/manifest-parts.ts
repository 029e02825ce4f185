import type { Pdf } from './document.ts';
import type { ManifestPart } from './manifest-data.ts';
import type { Piece } from './manifest-head.ts';
import { mm } from './paper.ts';
import { drawQr } from './qr.ts';
import { fit, ink, rule, widthOf, write, writeBlock } from './text.ts';
import type { When } from './when.ts';

const qrSide = mm(13);
const number = 21;
/** One box to tick and the room around it. */
const tick = 24;
const box = 11;

/** The height of {@link drawTableHead}. */
export const tableHead = 16;

/** The head of one column of parts; repeated wherever a column begins. */
export function drawTableHead(pdf: Pdf, x: number, y: number, width: number): void {
  const style = { face: 'medium', size: 7, color: ink.soft } as const;
  const base = y + 10;
  write(pdf, style, 'No.', x + number - 4, base, 'right');
  write(pdf, style, 'Part', x + number + mm(1.8), base);
  write(pdf, style, 'Out', x + width - 1.5 * tick, base, 'middle');
  write(pdf, style, 'Back', x + width - 0.5 * tick, base, 'middle');
  rule(pdf, x, y + tableHead - 1, width, 0.75, ink.soft);
}

/** One part: number, QR code, ID, what it is, and a box to tick for each way; or why there is nothing to tick. */
export function partRow(pdf: Pdf, part: ManifestPart, index: number, when: When, width: number): Piece {
  const room = width - number - qrSide - 4 - 2 * tick - 4;
  const id = fit(pdf, { face: 'bold', size: 10.5, code: true }, part.id, { width: room, most: 1, smallest: 8 });
  const label =
    part.label === undefined
      ? undefined
      : fit(pdf, { face: 'regular', size: 7.5, color: ink.soft }, part.label, { width: room, most: 2, smallest: 6 });
  const text = id.height + (label?.height ?? 0) + 4;
  const height = Math.max(qrSide + 1, text + 4);
  return {
    height,
    draw(x, y) {
      write(
        pdf,
        { face: 'regular', size: 8, color: ink.soft },
        `${index + 1}`,
        x + number - 4,
        y + height / 2 + 3,
        'right',
      );
      drawQr(pdf, part.id, x + number, y + (height - qrSide) / 2, qrSide);
      const left = x + number + qrSide + 4;
      const top = y + (height - text) / 2 + 2;
      writeBlock(pdf, id, left, top);
      if (label) writeBlock(pdf, label, left, top + id.height);
      const middle = y + height / 2;
      if (part.out) {
        id.lines.forEach((line, i) =>
          rule(pdf, left, top + i * id.leading + id.style.size * 0.62, widthOf(pdf, id.style, line), 0.7, ink.black),
        );
        const word = part.out.how === 'lost' ? 'Lost' : 'Scrapped';
        write(pdf, { face: 'bold', size: 8 }, word, x + width - tick, middle - 1, 'middle');
        const [, day] = when.day(part.out.at).split(/ (.*)/);
        write(pdf, { face: 'regular', size: 6.5, color: ink.soft }, day!, x + width - tick, middle + 8, 'middle');
      } else {
        for (const i of [1.5, 0.5]) {
          pdf
            .rect(x + width - i * tick - box / 2, middle - box / 2, box, box)
            .lineWidth(0.9)
            .strokeColor(ink.black)
            .stroke();
        }
      }
      rule(pdf, x, y + height, width);
    },
  };
}

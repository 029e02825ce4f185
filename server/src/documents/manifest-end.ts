import type { Pdf } from './document.ts';
import type { Counts, ManifestData } from './manifest-data.ts';
import { counted } from './manifest-data.ts';
import type { Piece } from './manifest-head.ts';
import { unknownSign, fit, ink, rule, write, writeBlock } from './text.ts';

const gap = 18;
const cellHeight = 88;

/** The totals and the lines to sign on: one piece, which is never torn over two pages. */
export function manifestEnd(pdf: Pdf, data: ManifestData, counts: Counts, width: number, boxes: boolean): Piece {
  const { listed, lost, scrapped, expected } = counts;
  const totals = fit(
    pdf,
    { face: 'bold', size: 10.5 },
    `Total: ${counted(listed, 'part')} listed, ${lost} lost, ${scrapped} scrapped; ${expected} expected.`,
    { width, most: 1, smallest: 8 },
  );
  const note = boxes
    ? fit(
        pdf,
        { face: 'regular', size: 7.5, color: ink.soft },
        `${unknownSign} stands for a sign that this document cannot print.`,
        { width, most: 1, smallest: 6 },
      )
    : undefined;
  const signed: [string, string][] = [
    ['Handed over by', data.branch],
    ['Received by driver', data.driver ?? ''],
    ['Received at center', data.center.name],
    ['Received back', data.branch],
  ];
  const column = (width - gap) / 2;
  const cells = signed.map(([title, who]) => signature(pdf, title, who, column));
  const head = totals.height + 12 + (note ? note.height + 4 : 0);
  return {
    height: 8 + head + 2 * cellHeight,
    draw(x, y) {
      rule(pdf, x, y + 4, width, 1, ink.black);
      let top = writeBlock(pdf, totals, x, y + 10);
      if (note) top = writeBlock(pdf, note, x, top + 2);
      top = y + 8 + head;
      cells.forEach((cell, i) => cell.draw(x + (i % 2) * (column + gap), top + Math.floor(i / 2) * cellHeight));
    },
  };
}

/** Who takes the parts over: name and count, then date, time and signature. */
function signature(pdf: Pdf, title: string, who: string, width: number): Piece {
  const name = { face: 'bold', size: 9 } as const;
  const of = fit(pdf, { face: 'regular', size: 8, color: ink.soft }, who, { width: width - 92, most: 1, smallest: 5 });
  const field = (label: string, x: number, y: number, from: number, to: number) => {
    rule(pdf, x + from * width, y, (to - from) * width - (to < 1 ? 8 : 0), 0.6, ink.soft);
    write(pdf, { face: 'regular', size: 6.5, color: ink.soft }, label, x + from * width, y + 8);
  };
  return {
    height: cellHeight,
    draw(x, y) {
      write(pdf, name, title, x, y + 10);
      of.lines.forEach((line, i) =>
        write(pdf, of.style, line, x + width, y + 10 + (i - of.lines.length + 1) * of.leading, 'right'),
      );
      field('Name', x, y + 36, 0, 0.7);
      field('Parts counted', x, y + 36, 0.7, 1);
      field('Date', x, y + 68, 0, 0.22);
      field('Time', x, y + 68, 0.22, 0.4);
      field('Signature', x, y + 68, 0.4, 1);
    },
  };
}

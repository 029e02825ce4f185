import { encode } from 'uqr';
import type { Pdf } from './document.ts';

/** White modules around a code, without which scanners do not find it. */
const quiet = 4;

/**
 * Draws a text as a QR code of vectors: sharp at every size and on every printer.
 *
 * @param side of the square it takes, its quiet zone included, points
 * @param strength how much of it may be soiled: `M` 15 %, `Q` 25 %
 */
export function drawQr(pdf: Pdf, text: string, x: number, y: number, side: number, strength: 'M' | 'Q' = 'M'): void {
  // A boosted code would be as large; a fixed one is the same code for the same text whatever the library's mood.
  const { size, data } = encode(text, { ecc: strength, boostEcc: false, border: 0 });
  const module = side / (size + 2 * quiet);
  for (let row = 0; row < size; row++) {
    const line = data[row]!;
    for (let from = 0; from < size; from++) {
      if (!line[from]) continue;
      let to = from + 1;
      while (to < size && line[to]) to++;
      pdf.rect(x + (quiet + from) * module, y + (quiet + row) * module, (to - from) * module, module);
      from = to;
    }
  }
  // All modules are one path: neighbours share an edge without a seam of white between them.
  pdf.fillColor('#000000').fill();
}

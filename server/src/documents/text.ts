import type { Face, Pdf } from './document.ts';

/** Greys that stay apart on a black-and-white printer. */
export const ink = { black: '#000000', soft: '#4a4f57', faint: '#767c86', rule: '#b4b9c1', tint: '#eef0f3' } as const;

/** How a line of text looks. `code`: for IDs, with a struck zero and unlike I, l and 1. */
export type Style = { face: Face; size: number; color?: string; code?: boolean };

/**
 * A code tells apart what is mistaken when typed. Other text goes without features, because only then pdfkit keeps its
 * layout. What signs do to their neighbours in Inter ("calt") is switched off: it takes most of the time of a page, and
 * an ID is to be read sign by sign. Pdfkit hands on to fontkit what it is given; its type knows lists only.
 */
const codeFeatures = { tnum: true, zero: true, ss02: true, calt: false } as unknown as PDFKit.Mixins.OpenTypeFeatures[];

/** What is printed for a sign that the font does not have. */
export const unknownSign = '\u25a1';

type FontOf = Pdf & { _font: { font: { hasGlyphForCodePoint(code: number): boolean } } };

/**
 * A text as the font can print it: composed, and with a box for every sign that the font does not have. Without that a
 * reader would see other boxes, or nothing, as the viewer likes.
 */
export function printable(pdf: Pdf, text: string): string {
  const { font } = (pdf.font('regular') as FontOf)._font;
  let printed = '';
  for (const sign of text.normalize('NFC')) {
    printed += sign === '\u00a0' || font.hasGlyphForCodePoint(sign.codePointAt(0)!) ? sign : unknownSign;
  }
  return printed;
}

const measured = new WeakMap<Pdf, Map<string, number>>();

/** How wide a line is, points. */
export function widthOf(pdf: Pdf, style: Pick<Style, 'face' | 'size' | 'code'>, text: string): number {
  let widths = measured.get(pdf);
  if (!widths) measured.set(pdf, (widths = new Map<string, number>()));
  const key = `${style.face}${style.code ? '!' : ':'}${text}`;
  let width = widths.get(key);
  if (width === undefined) {
    // Widths grow with the size: one measure serves every size that is tried.
    width = pdf
      .font(style.face)
      .fontSize(100)
      .widthOfString(text, style.code ? { features: codeFeatures } : undefined);
    widths.set(key, width);
  }
  return (width * style.size) / 100;
}

/** Writes one line whose baseline is at `y`; `x` is its left end, its middle or its right end. */
export function write(
  pdf: Pdf,
  style: Style,
  text: string,
  x: number,
  y: number,
  align: 'left' | 'middle' | 'right' = 'left',
): void {
  if (text === '') return;
  const back = align === 'left' ? 0 : widthOf(pdf, style, text) / (align === 'middle' ? 2 : 1);
  pdf
    .font(style.face)
    .fontSize(style.size)
    .fillColor(style.color ?? ink.black)
    .text(text, x - back, y, {
      lineBreak: false,
      baseline: 'alphabetic',
      ...(style.code ? { features: codeFeatures } : {}),
    });
}

/** Breaks a text into lines of at most `width`: at spaces, after signs that join words, and only then inside a word. */
export function wrap(pdf: Pdf, style: Style, text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  let used = 0;
  const end = () => {
    if (line !== '') lines.push(line.trimEnd());
    line = '';
    used = 0;
  };
  // Pieces are measured one by one, so that a width is remembered for each; what kerning does between them is lost.
  const take = (piece: string): boolean => {
    if (used + widthOf(pdf, style, piece.trimEnd()) > width) return false;
    line += piece;
    used += widthOf(pdf, style, piece);
    return true;
  };
  for (const piece of text.match(/[^\s/_-]+[\s/_-]?|[\s/_-]/g) ?? []) {
    if (take(piece)) continue;
    end();
    if (take(piece)) continue;
    for (const sign of piece) {
      if (take(sign)) continue;
      end();
      line = sign;
      used = widthOf(pdf, style, sign);
    }
  }
  end();
  return lines;
}

/** Lines of one style, one below the other. */
export type Block = { style: Style; lines: string[]; leading: number; height: number };

/**
 * Sets a text in at most `most` lines by making it smaller, down to `smallest`; a text that is too long even then gets
 * as many lines as it needs, because nothing is ever cut off.
 */
export function fit(
  pdf: Pdf,
  style: Style,
  text: string,
  { width, most, smallest, leading = 1.22 }: { width: number; most: number; smallest: number; leading?: number },
): Block {
  let { size } = style;
  let lines = wrap(pdf, style, text, width);
  while (lines.length > most && size > smallest) {
    size = Math.max(smallest, size - 0.5);
    lines = wrap(pdf, { ...style, size }, text, width);
  }
  return { style: { ...style, size }, lines, leading: size * leading, height: lines.length * size * leading };
}

/** Writes a block with its upper edge at `y`. @returns its lower edge */
export function writeBlock(pdf: Pdf, block: Block, x: number, y: number): number {
  block.lines.forEach((line, i) => write(pdf, block.style, line, x, y + i * block.leading + block.style.size * 0.97));
  return y + block.height;
}

/** A hairline, level. */
export function rule(pdf: Pdf, x: number, y: number, width: number, weight = 0.5, color: string = ink.rule): void {
  pdf
    .moveTo(x, y)
    .lineTo(x + width, y)
    .lineWidth(weight)
    .strokeColor(color)
    .stroke();
}

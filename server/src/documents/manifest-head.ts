import type { Pdf } from './document.ts';
import type { Counts, ManifestData } from './manifest-data.ts';
import { counted } from './manifest-data.ts';
import { mm } from './paper.ts';
import { drawQr } from './qr.ts';
import type { Block } from './text.ts';
import { fit, ink, rule, write, writeBlock } from './text.ts';
import type { When } from './when.ts';

/** Something with a height that is known before it is drawn. */
export type Piece = { height: number; draw(x: number, y: number): void };

const qrSide = mm(33);
const gap = 14;
/** Where the organization's name begins, below the word for what this is. */
const nameFrom = 11;

/** The head of the first page: whose, which, for whom, where to, until when, and how many. */
export function manifestHead(pdf: Pdf, data: ManifestData, counts: Counts, when: When, width: number): Piece {
  const left = width - qrSide - gap;
  const logo = data.logo && logoPiece(pdf, data.logo);
  const organization = fit(pdf, { face: 'bold', size: 11 }, data.organization, {
    width: logo ? left - logo.width - gap : left,
    most: 2,
    smallest: 8,
  });
  const reference = fit(pdf, { face: 'bold', size: 36, code: true }, data.reference, {
    width: left,
    most: 1,
    smallest: 14,
    leading: 1.16,
  });
  const sealed = fit(pdf, { face: 'regular', size: 9 }, sealedWords(data, when), { width: left, most: 3, smallest: 7 });
  const title = nameFrom + organization.height + reference.height + sealed.height;
  const top = Math.max(title, qrSide - mm(4)) + 6;
  const facts = factRows(pdf, data, when, width);
  const strip = countStrip(pdf, counts, width);
  return {
    height: top + facts.height + strip.height + 8,
    draw(x, y) {
      // The code's own quiet zone is white: it may reach into the margin, so that the modules stand at the edge.
      const bleed = mm(3.2);
      drawQr(pdf, data.reference, x + width - qrSide + bleed, y - bleed, qrSide, 'Q');
      write(pdf, { face: 'bold', size: 8, color: ink.soft }, 'MANIFEST', x, y + 7);
      logo?.draw(x + left - logo.width, y);
      let at = writeBlock(pdf, organization, x, y + nameFrom);
      at = writeBlock(pdf, reference, x, at);
      writeBlock(pdf, sealed, x, at);
      facts.draw(x, y + top);
      strip.draw(x, y + top + facts.height);
    },
  };
}

type Opened = { width: number; height: number };
const logoBox = { width: mm(38), height: mm(11) };

/** The logo, as large as its box allows; undefined for a picture that the printer of documents cannot read. */
function logoPiece(pdf: Pdf, bytes: Buffer): (Piece & { width: number }) | undefined {
  try {
    // Its types leave this out; the picture is read here, before anything is drawn.
    const image = (pdf as Pdf & { openImage(bytes: Buffer): Opened }).openImage(bytes);
    const scale = Math.min(logoBox.width / image.width, logoBox.height / image.height);
    const [width, height] = [image.width * scale, image.height * scale];
    return { width, height, draw: (x, y) => void pdf.image(image as never, x, y, { width, height }) };
  } catch {
    return undefined;
  }
}

function sealedWords({ sealed, splitFrom }: ManifestData, when: When): string {
  const count = sealed.count === undefined ? '' : `, ${counted(sealed.count, 'part')} counted`;
  const from = splitFrom === undefined ? '' : ` These parts stayed behind from ${splitFrom}.`;
  return `Sealed ${when.moment(sealed.at)} by ${sealed.by}${count}.${from}`;
}

type Fact = { label: string; value: string; more?: string[]; strong?: boolean };

function factRows(pdf: Pdf, data: ManifestData, when: When, width: number): Piece {
  const { center, handover } = data;
  const rows: Fact[][] = [
    [
      { label: 'Customer', value: data.customer },
      { label: 'Service center', value: center.name, more: [center.address ?? '', center.phone ?? ''] },
      { label: 'Branch', value: data.branch },
    ],
    [
      { label: 'Expected return date', value: when.moment(data.dueAt), more: [data.timeZone], strong: true },
      { label: 'Driver', value: data.driver ?? 'Not named yet' },
      handover
        ? { label: 'Handed over', value: handover.to, more: [`${when.moment(handover.at)} by ${handover.by}`] }
        : { label: 'Handed over', value: 'Not yet' },
    ],
  ];
  const column = (width - 2 * gap) / 3;
  const laid = rows.map((facts) => facts.map((fact) => factBlocks(pdf, fact, column)));
  const heights = laid.map((facts) => Math.max(...facts.map(({ height }) => height)) + 8);
  return {
    height: heights.reduce((sum, height) => sum + height, 0) + 8,
    draw(x, y) {
      rule(pdf, x, y, width, 1, ink.black);
      let top = y + 6;
      laid.forEach((facts, row) => {
        facts.forEach((fact, i) => fact.draw(x + i * (column + gap), top));
        top += heights[row]!;
      });
    },
  };
}

function factBlocks(pdf: Pdf, fact: Fact, width: number): Piece {
  const value = fit(pdf, { face: fact.strong ? 'bold' : 'medium', size: 11 }, fact.value, {
    width,
    most: 2,
    smallest: 8.5,
  });
  const more: Block[] = (fact.more ?? [])
    .filter((text) => text !== '')
    .map((text) => fit(pdf, { face: 'regular', size: 8.5, color: ink.soft }, text, { width, most: 3, smallest: 7 }));
  const label = 11;
  return {
    height: label + value.height + more.reduce((sum, { height }) => sum + height, 0),
    draw(x, y) {
      write(pdf, { face: 'regular', size: 7.5, color: ink.soft }, fact.label, x, y + 7.5);
      let at = writeBlock(pdf, value, x, y + label);
      for (const block of more) at = writeBlock(pdf, block, x, at);
    },
  };
}

/** The counts, large enough to be read from the other side of the counter. */
function countStrip(pdf: Pdf, { listed, lost, scrapped, expected }: Counts, width: number): Piece {
  const height = 36;
  const cells = [
    { label: 'Parts listed', count: listed },
    { label: 'Lost', count: lost },
    { label: 'Scrapped', count: scrapped },
    { label: 'Expected', count: expected },
  ];
  const cell = width / cells.length;
  return {
    height,
    draw(x, y) {
      pdf.rect(x, y, width, height).fillColor(ink.tint).fill();
      cells.forEach(({ label, count }, i) => {
        const from = x + i * cell + 10;
        write(pdf, { face: 'regular', size: 7.5, color: ink.soft }, label, from, y + 11);
        write(pdf, { face: 'bold', size: 19 }, `${count}`, from, y + 29.5);
      });
    },
  };
}

/** The height of {@link drawRunningHead}. */
export const runningHead = 26;

/** The head of every further page: a page that fell out of the pile says where it belongs. */
export function drawRunningHead(pdf: Pdf, data: ManifestData, x: number, y: number, width: number): void {
  write(pdf, { face: 'bold', size: 13, code: true }, data.reference, x, y + 11);
  const about = fit(pdf, { face: 'regular', size: 8, color: ink.soft }, `${data.customer} to ${data.center.name}`, {
    width: width - 110,
    most: 1,
    smallest: 5,
  });
  about.lines.forEach((line, i) => write(pdf, about.style, line, x + width, y + 11 - i * about.leading, 'right'));
  rule(pdf, x, y + 18, width, 1, ink.black);
}

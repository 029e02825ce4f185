import type { Pdf } from './document.ts';
import { breathe, openDocument } from './document.ts';
import type { ManifestData, ManifestPart } from './manifest-data.ts';
import { countsOf } from './manifest-data.ts';
import { manifestEnd } from './manifest-end.ts';
import type { Piece } from './manifest-head.ts';
import { drawRunningHead, manifestHead, runningHead } from './manifest-head.ts';
import { drawTableHead, partRow, tableHead } from './manifest-parts.ts';
import type { PaperName } from './paper.ts';
import { mm, papers } from './paper.ts';
import { ink, printable, unknownSign, write } from './text.ts';
import { whenIn } from './when.ts';

/** Rows of one page: those of its left column, then those of its right one, as places in the list. */
export type PagePlan = { left: readonly [number, number]; right: readonly [number, number] };

/**
 * Spreads rows over pages of two columns, each filled from top to bottom before the next begins. On the last page the
 * columns are of one length, so that what follows the table has room below both.
 *
 * @param heights of the rows
 * @param room for rows on the first page and on every further one
 */
export function planPages(heights: readonly number[], room: { first: number; further: number }): PagePlan[] {
  const pages: PagePlan[] = [];
  const sum = (from: number, to: number) => heights.slice(from, to).reduce((total, height) => total + height, 0);
  const fill = (from: number, height: number) => {
    let to = from;
    // A row higher than a page would never end otherwise.
    for (let used = 0; to < heights.length && (to === from || used + heights[to]! <= height); to++)
      used += heights[to]!;
    return to;
  };
  for (let from = 0; from < heights.length;) {
    const height = pages.length === 0 ? room.first : room.further;
    let middle = fill(from, height);
    const end = fill(middle, height);
    if (end === heights.length) {
      // As far as the longer column is shortest; of two such places the later one, which makes it the left column.
      const longer = (place: number) => Math.max(sum(from, place), sum(place, end));
      for (let place = middle - 1; place > from; place--) if (longer(place) < longer(middle)) middle = place;
    }
    pages.push({ left: [from, middle], right: [middle, end] });
    from = end;
  }
  return pages.length > 0 ? pages : [{ left: [0, 0], right: [0, 0] }];
}

const margin = mm(14);
const footer = mm(6);
const columnGap = 18;

/**
 * Makes the manifest of a batch. The same data makes the same bytes.
 *
 * @param onOpen gets the document before anything is drawn, to read the bytes as they come
 * @param wanted asked between pages; false stops: nobody reads any more
 */
export async function makeManifest(
  given: ManifestData,
  paperName: PaperName,
  onOpen: (pdf: Pdf) => void,
  wanted: () => boolean = () => true,
): Promise<void> {
  const paper = papers[paperName];
  const pdf = openDocument(
    {
      title: `Manifest ${given.reference}`,
      subject: `Service batch ${given.reference}`,
      author: given.organization,
      product: given.product,
      at: given.at,
    },
    paper,
  );
  onOpen(pdf);
  const { data, boxes } = printed(pdf, given);
  const when = whenIn(data.timeZone);
  const counts = countsOf(data.parts);
  const width = paper.width - 2 * margin;
  const column = (width - columnGap) / 2;
  const bottom = paper.height - margin - footer;

  const head = manifestHead(pdf, data, counts, when, width);
  const rows: Piece[] = [];
  for (const [i, part] of data.parts.entries()) {
    rows.push(partRow(pdf, part, i, when, column));
    if (i % 25 === 24) await breathe();
  }
  const end = manifestEnd(pdf, data, counts, width, boxes);
  const top = { first: margin + head.height, further: margin + runningHead };
  const pages = planPages(
    rows.map(({ height }) => height),
    { first: bottom - top.first - tableHead, further: bottom - top.further - tableHead },
  );
  const foot = tableFoot(rows, pages.at(-1)!);
  const last = (pages.length === 1 ? top.first : top.further) + tableHead + foot;
  // What is signed stays in one piece: on a page of its own if it must.
  const own = last + 10 + end.height > bottom;
  const total = pages.length + (own ? 1 : 0);

  for (const [i, page] of pages.entries()) {
    if (!wanted()) return;
    pdf.addPage();
    if (i === 0) head.draw(margin, margin);
    else drawRunningHead(pdf, data, margin, margin, width);
    const y = i === 0 ? top.first : top.further;
    for (const [k, [from, to]] of [page.left, page.right].entries()) {
      if (from === to) continue;
      const x = margin + k * (column + columnGap);
      drawTableHead(pdf, x, y, column);
      let at = y + tableHead;
      for (const [n, row] of rows.slice(from, to).entries()) {
        row.draw(x, at);
        at += row.height;
        if (n % 10 === 9) await breathe();
      }
    }
    drawFoot(pdf, data, when.moment(data.at), i + 1, total, paper, partsOn(page, rows.length));
    await breathe();
  }
  if (own) {
    pdf.addPage();
    drawRunningHead(pdf, data, margin, margin, width);
    end.draw(margin, top.further);
    drawFoot(pdf, data, when.moment(data.at), total, total, paper, '');
  } else end.draw(margin, last + 10);
  pdf.end();
}

const tableFoot = (rows: readonly Piece[], { left, right }: PagePlan): number =>
  Math.max(...[left, right].map(([from, to]) => rows.slice(from, to).reduce((sum, row) => sum + row.height, 0)));

function partsOn({ left: [from], right: [, to] }: PagePlan, all: number): string {
  if (from === to) return '';
  return to - from === 1 ? `Part ${to} of ${all}` : `Parts ${from + 1} to ${to} of ${all}`;
}

function drawFoot(
  pdf: Pdf,
  data: ManifestData,
  at: string,
  page: number,
  pages: number,
  paper: { width: number; height: number },
  parts: string,
): void {
  const y = paper.height - margin + 2;
  const style = { face: 'regular', size: 7.5, color: ink.soft } as const;
  write(pdf, { ...style, face: 'bold', color: ink.black, code: true }, data.reference, margin, y);
  write(pdf, style, `as of ${at}`, margin + 48, y);
  write(pdf, style, parts, paper.width / 2 + 30, y, 'middle');
  write(
    pdf,
    { ...style, face: 'medium', color: ink.black },
    `Page ${page} of ${pages}`,
    paper.width - margin,
    y,
    'right',
  );
}

/** The data as the font can print it, and whether something of it cannot be. */
function printed(pdf: Pdf, data: ManifestData): { data: ManifestData; boxes: boolean } {
  let boxes = false;
  const text = (given: string): string => {
    const out = printable(pdf, given);
    boxes ||= out.includes(unknownSign) && !given.includes(unknownSign);
    return out;
  };
  const { center, driver, handover } = data;
  return {
    data: {
      ...data,
      organization: text(data.organization),
      customer: text(data.customer),
      center: {
        name: text(center.name),
        ...(center.address === undefined ? {} : { address: text(center.address) }),
        ...(center.phone === undefined ? {} : { phone: text(center.phone) }),
      },
      branch: text(data.branch),
      ...(driver === undefined ? {} : { driver: text(driver) }),
      sealed: { ...data.sealed, by: text(data.sealed.by) },
      ...(handover === undefined ? {} : { handover: { ...handover, by: text(handover.by), to: text(handover.to) } }),
      parts: data.parts.map((part): ManifestPart =>
        part.label === undefined ? part : { ...part, label: text(part.label) },
      ),
    },
    boxes,
  };
}

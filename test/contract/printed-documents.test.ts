import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { Pdf } from '../../server/src/documents/document.ts';
import type { LabelsData } from '../../server/src/documents/labels.ts';
import { makeLabels } from '../../server/src/documents/labels.ts';
import type { ManifestData } from '../../server/src/documents/manifest-data.ts';
import { makeManifest } from '../../server/src/documents/manifest.ts';
import type { LabelSheetName, PaperName } from '../../server/src/documents/paper.ts';
import type { ReadPage } from '../support/pdf.ts';
import { pngOf } from '../support/png.ts';
import { codesOn, isBlank, print, read } from '../support/pdf.ts';

// A Thursday; Berlin is two hours ahead of UTC.
const sealedAt = Date.UTC(2026, 9, 15, 12, 32);
const hour = 3_600_000;
/** Half of what an office printer has: codes that are read at this are read from paper. */
const dpi = 150;

async function bytesOf(make: (onOpen: (pdf: Pdf) => void) => Promise<void>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let ended: Promise<unknown> | undefined;
  await make((pdf) => {
    pdf.on('data', (chunk: Buffer) => chunks.push(chunk));
    ended = once(pdf, 'end');
  });
  await ended;
  return Buffer.concat(chunks);
}
const manifest = (data: ManifestData, paper: PaperName) => bytesOf((onOpen) => makeManifest(data, paper, onOpen));
const labels = (data: LabelsData, sheet: LabelSheetName, first = 1) =>
  bytesOf((onOpen) => makeLabels(data, sheet, first, onOpen));

const kinds = ['Servo valve, 24 V', undefined, 'Pressure sensor 0 to 16 bar with a long description of what it does'];
const partsOf = (count: number): ManifestData['parts'] =>
  Array.from({ length: count }, (_, i) => {
    const label = kinds[i % kinds.length];
    return { id: `P-${40_817 + 13 * i}`, ...(label === undefined ? {} : { label }) };
  });
const data = (parts: ManifestData['parts'], more: Partial<ManifestData> = {}): ManifestData => ({
  organization: 'Northwind Field Service',
  product: 'Northwind Ops',
  timeZone: 'Europe/Berlin',
  reference: 'B-2041',
  customer: 'Aldgate Printing',
  center: { name: 'Meridian Repair Center', address: 'Hafenstraße 12, 20457 Hamburg', phone: '+49 40 7654321' },
  branch: 'Hamburg North',
  driver: 'Priya Nair',
  dueAt: sealedAt + 48 * hour,
  sealed: { at: sealedAt, by: 'Noor Haddad', count: parts.length },
  parts,
  at: sealedAt + 24 * hour,
  ...more,
});

/** Nothing runs into the edge, where printers do not print, and no two texts stand on each other. */
function expectWellSet({ width, height, words }: ReadPage, edge: number): void {
  for (const { text, left, right, top, bottom } of words) {
    const inside = left >= edge && top >= edge && right <= width - edge && bottom <= height - edge;
    expect([text, inside]).toEqual([text, true]);
  }
  const slack = 0.5;
  for (const [i, a] of words.entries()) {
    for (const b of words.slice(i + 1)) {
      const over =
        a.left < b.right - slack && b.left < a.right - slack && a.top < b.bottom - slack && b.top < a.bottom - slack;
      if (over) expect.fail(`"${a.text}" stands on "${b.text}"`);
    }
  }
}

describe('manifest', () => {
  it.each([
    ['a4', 1, 1],
    ['a4', 24, 2],
    ['a4', 25, 2],
    ['a4', 500, 15],
    ['letter', 1, 1],
    ['letter', 24, 2],
    ['letter', 25, 2],
    ['letter', 500, 16],
  ] as const)(
    'on %s with %d parts: %d pages, every word whole, every code read',
    async (paper, count, pages) => {
      const parts = partsOf(count);
      const bytes = await manifest(data(parts), paper);
      const printed = await read(bytes);
      expect(printed.pages).toHaveLength(pages);
      for (const [i, page] of printed.pages.entries()) {
        expect([page.width, page.height].map(Math.round)).toEqual(paper === 'a4' ? [595, 842] : [612, 792]);
        expectWellSet(page, 28);
        expect(page.text).toContain('B-2041');
        expect(page.text).toContain(`Page ${i + 1} of ${pages}`);
        if (/^P-\d+$/m.test(page.text)) expect(page.text).toContain('No.\nPart\nOut\nBack');
      }
      const listed = printed.pages.flatMap(({ text }) => text.match(/^P-\d+$/gm) ?? []);
      expect(listed).toEqual(parts.map(({ id }) => id));
      const last = printed.pages.at(-1)!.text;
      expect(last).toContain(
        `Total: ${count} ${count === 1 ? 'part' : 'parts'} listed, 0 lost, 0 scrapped; ${count} expected.`,
      );
      expect(last.match(/^Signature$/gm)).toHaveLength(4);
      const codes = (await Promise.all((await print(bytes, dpi)).map(codesOn))).flat();
      expect(codes.sort()).toEqual(['B-2041', ...parts.map(({ id }) => id)].sort());
    },
    60_000,
  );

  it.each([
    ['a wide one', 120, 20],
    ['a tall one', 20, 200],
  ])('has the logo at its head, %s beside everything that is written', async (_what, width, height) => {
    const plain = await manifest(data(partsOf(3)), 'a4');
    const logo = pngOf(width, height);
    const file = await manifest(data(partsOf(3), { logo, organization: 'N'.repeat(80) }), 'a4');
    expect([plain, file].map((one) => one.includes('/Subtype /Image'))).toEqual([false, true]);
    const { info, pages } = await read(file);
    expect(info['Creator']).toBe('Northwind Ops');
    expectWellSet(pages[0]!, 20);
  });

  it('is printed all the same when nobody can read the logo', async () => {
    const logo = Buffer.concat([pngOf(9, 9).subarray(0, 40), Buffer.alloc(40, 7)]);
    expect((await read(await manifest(data(partsOf(3), { logo }), 'a4'))).pages.length).toBe(1);
  });

  it('says whose, which, where to, until when and by whom, in the organization’s time', async () => {
    const { pages, info } = await read(
      await manifest(
        data(partsOf(3), {
          handover: { at: sealedAt + hour, by: 'Noor Haddad', to: 'Priya Nair' },
          splitFrom: 'B-2031',
        }),
        'a4',
      ),
    );
    for (const said of [
      'Northwind Field Service',
      'Sealed Thu 15 Oct 2026, 14:32 by Noor Haddad, 3 parts counted. These parts stayed behind from B-2031.',
      'Aldgate Printing',
      'Meridian Repair Center',
      'Hafenstraße 12, 20457 Hamburg',
      '+49 40 7654321',
      'Hamburg North',
      'Priya Nair',
      'Sat 17 Oct 2026, 14:32',
      'Thu 15 Oct 2026, 15:32 by Noor Haddad',
      'as of Fri 16 Oct 2026, 14:32',
      'Parts 1 to 3 of 3',
    ]) {
      expect(pages[0]!.text.replaceAll('\n', ' ')).toContain(said);
    }
    expect(info).toMatchObject({ Title: 'Manifest B-2041', Author: 'Northwind Field Service', Language: 'en' });
  });

  it('marks lost and scrapped parts, counts them apart, and still prints their codes', async () => {
    const parts = partsOf(6).map((part, i) =>
      i === 1
        ? { ...part, out: { how: 'lost' as const, at: sealedAt } }
        : i === 4
          ? { ...part, out: { how: 'scrapped' as const, at: sealedAt } }
          : part,
    );
    const bytes = await manifest(data(parts), 'a4');
    const { text } = (await read(bytes)).pages[0]!;
    expect(text).toContain('P-40830\nLost\n15 Oct 2026');
    expect(text).toContain('Scrapped\n15 Oct 2026');
    expect(text).toContain('Parts listed\n6\nLost\n1\nScrapped\n1\nExpected\n4');
    expect(text).toContain('Total: 6 parts listed, 1 lost, 1 scrapped; 4 expected.');
    expect(await codesOn((await print(bytes, dpi))[0]!)).toHaveLength(7);
  });

  it('prints long names and IDs whole, and other scripts; what it cannot print it shows as a box and says so', async () => {
    const long = 'WWWWWWWWWW_WWWWWWWWWW/WWWWWWWWWW-WWWWWWWWW';
    const parts = Array.from({ length: 40 }, (_, i) => ({
      id: `${i + 10}${long.slice(2, 40)}`,
      label: `${'Wide Words '.repeat(7)}${i}`,
    }));
    const given = data(parts, {
      organization: 'Ωμέγα Łódź Жуков 株式会社 Service Operations of the Northern and Southern Regions, World',
      customer: 'Kühlgeräteinstandhaltungsgesellschaftsverwaltung Nordrhein-Westfalen mbH & Co KG',
      center: {
        name: 'Центр обслуживания приводов и гидравлики имени Николая Жуковского, Москва, Север',
        address: `${'Long Street Name '.repeat(12)}`.slice(0, 199),
        phone: '+49 (0)30 / 1234567-89012345',
      },
      branch: 'W'.repeat(60),
      driver: 'W'.repeat(80),
    });
    for (const paper of ['a4', 'letter'] as const) {
      const bytes = await manifest(given, paper);
      const { pages } = await read(bytes);
      for (const page of pages) expectWellSet(page, 28);
      const all = pages.map(({ text }) => text.replaceAll('\n', '')).join('');
      expect(all.replaceAll(' ', '')).toContain(given.center.name.replaceAll(' ', ''));
      expect(all).toContain('Ωμέγα Łódź Жуков □□□□ Service');
      expect(all).toContain('□ stands for a sign that this document cannot print.');
      for (const { id } of parts) expect(all).toContain(id);
      const codes = (await Promise.all((await print(bytes, dpi)).map(codesOn))).flat();
      expect(codes.sort()).toEqual(['B-2041', ...parts.map(({ id }) => id)].sort());
    }
  }, 60_000);

  it('is the same bytes for the same data', async () => {
    const [first, second] = [await manifest(data(partsOf(30)), 'a4'), await manifest(data(partsOf(30)), 'a4')];
    expect(first.equals(second)).toBe(true);
    expect(first.equals(await manifest(data(partsOf(31)), 'a4'))).toBe(false);
  });

  it('stops when nobody reads it any more', async () => {
    let asked = 0;
    let pages = 0;
    await makeManifest(
      data(partsOf(300)),
      'a4',
      (pdf) => pdf.on('pageAdded', () => pages++),
      () => ++asked <= 2,
    );
    expect([asked, pages]).toEqual([3, 2]);
  });
});

describe('labels', () => {
  const sheet = (parts: LabelsData['parts'], more: Partial<LabelsData> = {}): LabelsData => ({
    organization: 'Northwind Field Service',
    product: 'Northwind Ops',
    batch: { reference: 'B-2041', customer: 'Aldgate Printing', center: 'Meridian Repair Center' },
    parts,
    at: sealedAt,
    ...more,
  });

  it.each([
    ['a4', 500, 1, 21],
    ['a4', 24, 2, 2],
    ['letter', 31, 1, 2],
    ['letter', 3, 30, 2],
    ['roll', 3, 1, 3],
  ] as const)(
    'on %s: %d labels from place %d on take %d sheets, every code read',
    async (name, count, from, sheets) => {
      const parts = partsOf(count);
      const bytes = await labels(sheet(parts), name, from);
      const { pages, info } = await read(bytes);
      expect(pages).toHaveLength(sheets);
      expect(info['Title']).toBe('Labels B-2041');
      for (const page of pages) expectWellSet(page, 4);
      expect(pages.flatMap(({ text }) => text.match(/^P-\d+$/gm) ?? [])).toEqual(parts.map(({ id }) => id));
      const codes = (await Promise.all((await print(bytes, dpi)).map(codesOn))).flat();
      expect(codes.sort()).toEqual(parts.map(({ id }) => id).sort());
    },
    60_000,
  );

  it('starts at the first free label of a started sheet', async () => {
    const bytes = await labels(sheet(partsOf(2)), 'a4', 6);
    const [page] = await print(bytes, dpi);
    // The first row and the first two of the second are used: the third of the second and the first of the third are not.
    expect(isBlank(page!, dpi, [0, 0, 210, 46])).toBe(true);
    expect(isBlank(page!, dpi, [0, 46, 138, 80])).toBe(true);
    expect(isBlank(page!, dpi, [140, 48, 200, 79])).toBe(false);
    expect(isBlank(page!, dpi, [8, 82, 70, 113])).toBe(false);
    expect(isBlank(page!, dpi, [72, 82, 210, 297])).toBe(true);
  });

  it.each(['a4', 'letter', 'roll'] as const)('on %s the longest words stay inside their label', async (name) => {
    const parts = Array.from({ length: 30 }, (_, i) => ({
      id: `${i + 10}${'W'.repeat(38)}`,
      label: 'Wide Words '.repeat(8).slice(0, 80),
    }));
    const bytes = await labels(
      sheet(parts, { batch: { reference: 'B-2041', customer: 'W'.repeat(80), center: 'Wide Words '.repeat(7) } }),
      name,
    );
    const { pages } = await read(bytes);
    for (const page of pages) expectWellSet(page, 4);
    const all = pages.map(({ text }) => text.replaceAll('\n', '')).join('');
    for (const { id } of parts) expect(all).toContain(id);
    const [page] = await print(bytes, dpi);
    // Between the columns, and along the edges of the rows: millimetres of the sheet.
    const gaps = {
      a4: [[70.9, 0, 73.1, 297], [136.9, 0, 139.1, 297], ...[1, 2, 3].map((i) => row(12.9 + 33.9 * i))],
      letter: [[71.6, 0, 74.5, 279], [141.4, 0, 144.4, 279], ...[1, 2, 3].map((i) => row(12.7 + 25.4 * i))],
      roll: [
        [0, 0, 1.5, 32],
        [55.5, 0, 57, 32],
        [0, 0, 57, 1.5],
        [0, 30.5, 57, 32],
      ],
    }[name] as [number, number, number, number][];
    for (const gap of gaps) expect([gap, isBlank(page!, dpi, gap)]).toEqual([gap, true]);
  });
});

/** A strip of a millimetre to both sides of a line across the sheet. */
const row = (y: number): [number, number, number, number] => [0, y - 1, 216, y + 1];

import { readFile } from 'node:fs/promises';
import { PDFiumLibrary } from '@hyzyla/pdfium';
import { getDocumentProxy } from 'unpdf';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';

/** A page as a printer would put it on paper. Sizes are pixels. */
export type PrintedPage = { width: number; height: number; grey: Uint8Array };

/** Renders pages of a document with the renderer of Chromium; all of them, or those named from 0. */
export async function print(bytes: Uint8Array, dpi: number, only?: readonly number[]): Promise<PrintedPage[]> {
  const library = await PDFiumLibrary.init();
  try {
    const document = await library.loadDocument(bytes);
    const pages: PrintedPage[] = [];
    for (const i of only ?? Array.from({ length: document.getPageCount() }, (_, page) => page)) {
      const drawn = await document.getPage(i).render({ scale: dpi / 72, render: 'bitmap', colorSpace: 'Gray' });
      pages.push({ width: drawn.width, height: drawn.height, grey: drawn.data });
    }
    document.destroy();
    return pages;
  } finally {
    library.destroy();
  }
}

/** A piece of text where it stands: points from the upper left corner; `top` and `bottom` are those of capitals. */
export type Words = { text: string; left: number; right: number; top: number; bottom: number };
export type ReadPage = { width: number; height: number; words: Words[]; text: string };
export type ReadDocument = { info: { [name: string]: unknown }; pages: ReadPage[] };

/** Reads the words of a document as a program does that knows nothing of how it was made. */
export async function read(bytes: Uint8Array): Promise<ReadDocument> {
  // The reader takes the bytes away with it.
  const document = await getDocumentProxy(Uint8Array.from(bytes));
  const { info } = await document.getMetadata();
  const pages: ReadPage[] = [];
  for (let i = 1; i <= document.numPages; i++) {
    const page = await document.getPage(i);
    const [, , width = 0, height = 0] = page.view;
    const { items } = await page.getTextContent();
    const words = items.flatMap((item): Words[] => {
      if (!('str' in item) || item.str.trim() === '') return [];
      const [, , , , x = 0, y = 0] = item.transform as number[];
      return [
        { text: item.str, left: x, right: x + item.width, top: height - y - 0.7 * item.height, bottom: height - y },
      ];
    });
    pages.push({ width, height, words, text: words.map(({ text }) => text).join('\n') });
  }
  await document.cleanup();
  return { info: info as ReadDocument['info'], pages };
}

let prepared: Promise<unknown> | undefined;
const prepare = (): Promise<unknown> =>
  (prepared ??= readFile(new URL(import.meta.resolve('zxing-wasm/reader/zxing_reader.wasm'))).then((wasm) =>
    prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(wasm).buffer }, fireImmediately: true }),
  ));

/** What the QR codes on a picture (PNG, JPEG) say, as a camera reads them. */
export async function codesOnPicture(picture: Uint8Array): Promise<string[]> {
  await prepare();
  return (await readBarcodes(picture, { formats: ['QRCode'] })).map(({ text }) => text);
}

/** What the QR codes on a page say, as a scanner reads them; sorted. */
export async function codesOn({ width, height, grey }: PrintedPage): Promise<string[]> {
  await prepare();
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < grey.length; i++) rgba.fill(grey[i]!, i * 4, i * 4 + 3);
  for (let i = 3; i < rgba.length; i += 4) rgba[i] = 255;
  const found = await readBarcodes({ data: rgba, width, height } as never, {
    formats: ['QRCode'],
    maxNumberOfSymbols: 255,
    tryHarder: true,
  });
  return found.map(({ text }) => text).sort();
}

/** Whether a rectangle of a page, in millimetres, is as white as the paper. */
export function isBlank(
  page: PrintedPage,
  dpi: number,
  [left, top, right, bottom]: readonly [number, number, number, number],
): boolean {
  const px = (length: number) => Math.round((length / 25.4) * dpi);
  for (let y = Math.max(0, px(top)); y < Math.min(page.height, px(bottom)); y++)
    for (let x = Math.max(0, px(left)); x < Math.min(page.width, px(right)); x++)
      if (page.grey[y * page.width + x]! < 250) return false;
  return true;
}

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import PdfDocument from 'pdfkit';
import type { Paper } from './paper.ts';

/** A document under way: a readable stream of its bytes. Pages are added, never returned to. */
export type Pdf = PDFKit.PDFDocument;

/** The faces that documents are set in. */
export type Face = 'regular' | 'medium' | 'bold';

/**
 * Inter as whole TrueType files: Latin, Greek, Cyrillic and Vietnamese. The web app's copy of it is cut into pieces by
 * script, of which a document takes one only.
 */
const files: { readonly [F in Face]: () => string } = {
  regular: () => import.meta.resolve('@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf'),
  medium: () => import.meta.resolve('@expo-google-fonts/inter/500Medium/Inter_500Medium.ttf'),
  bold: () => import.meta.resolve('@expo-google-fonts/inter/700Bold/Inter_700Bold.ttf'),
};

let loaded: { [F in Face]: Buffer } | undefined;

function faces(): { [F in Face]: Buffer } {
  const read = (face: Face) => readFileSync(fileURLToPath(files[face]()));
  return (loaded ??= { regular: read('regular'), medium: read('medium'), bold: read('bold') });
}

export type DocumentAbout = {
  title: string;
  subject: string;
  /** The organization. */
  author: string;
  /** What the product is called there. */
  product: string;
  /** The moment that the document tells of, milliseconds: it dates the file, so that the same data gives the same bytes. */
  at: number;
};

/**
 * Opens a document without pages. Margins are nil: everything is placed by hand, and nothing may start a page of its
 * own accord.
 */
export function openDocument({ title, subject, author, product, at }: DocumentAbout, paper: Paper): Pdf {
  const date = new Date(at);
  const pdf = new PdfDocument({
    autoFirstPage: false,
    size: [paper.width, paper.height],
    margin: 0,
    pdfVersion: '1.7',
    lang: 'en',
    displayTitle: true,
    info: {
      Title: title,
      Subject: subject,
      Author: author,
      Creator: product,
      Producer: 'Opsboard',
      CreationDate: date,
      ModDate: date,
    },
  });
  for (const [face, file] of Object.entries(faces())) pdf.registerFont(face, file);
  return pdf;
}

/**
 * Lets other requests have a turn: a document of hundreds of parts takes long enough to be felt on every screen that
 * this process serves.
 */
export const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

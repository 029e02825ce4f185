/** The sheets that a manifest is printed on, and those for labels. */
export type PaperSize = 'a4' | 'letter';
export type LabelSize = PaperSize | 'roll';

const papers: readonly string[] = ['a4', 'letter'];
const keys = { manifest: 'opsboard.paper', labels: 'opsboard.labels' } as const;

/** Where paper is Letter: the United States, Canada and those who follow them. */
const letterRegions = /-(US|CA|MX|PH|CL|CO|VE|GT|CR|PA|DO|PR)$/i;

function stored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Keeps what was chosen on this device: paper is in the printer beside it, whoever signs in. */
function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Storage is denied: it holds until the page is closed.
  }
}

/** The paper that was chosen here last; else what the region of the browser's language uses. */
export function paperSize(): PaperSize {
  const found = stored(keys.manifest);
  if (found !== null && papers.includes(found)) return found as PaperSize;
  return letterRegions.test(navigator.language) ? 'letter' : 'a4';
}
export const keepPaperSize = (size: PaperSize): void => keep(keys.manifest, size);

/** The labels that were chosen here last; else sheets of the paper in use. */
export function labelSize(): LabelSize {
  const found = stored(keys.labels);
  return found === 'roll' || (found !== null && papers.includes(found)) ? (found as LabelSize) : paperSize();
}
export const keepLabelSize = (size: LabelSize): void => keep(keys.labels, size);

/** Labels on one sheet. */
export const labelsPerSheet: { readonly [S in LabelSize]: number } = { a4: 24, letter: 30, roll: 1 };

export const manifestAddress = (batch: string, size: PaperSize): string =>
  `/api/batches/${batch}/manifest.pdf?size=${size}`;

/** @param from the first free label of the first sheet, from 1 */
export const labelsAddress = (batch: string, size: LabelSize, from: number): string =>
  `/api/batches/${batch}/labels.pdf?size=${size}${from > 1 ? `&from=${from}` : ''}`;

import { counted } from '#lib/time/format.ts';
import { labelsPerSheet, type LabelSize } from './paper.ts';

/** The first free label of a sheet: a number that is not on the sheet counts as the nearest that is. */
export const firstLabel = (size: LabelSize, from: number | undefined): number =>
  size === 'roll' ? 1 : Math.min(Math.max(Math.trunc(from ?? 1) || 1, 1), labelsPerSheet[size]);

/** What so many labels take: `30 labels on 2 sheets of 24`. */
export function labelsTake(size: LabelSize, count: number, first: number): string {
  const perSheet = labelsPerSheet[size];
  return size === 'roll'
    ? `${counted(count, 'label')} of 57 × 32 mm, for a label printer`
    : `${counted(count, 'label')} on ${counted(Math.ceil((first - 1 + count) / perSheet), 'sheet')} of ${perSheet}`;
}

/**
 * Labels of parts, whatever batch they are in or none.
 *
 * @param from the first free label of the first sheet, from 1
 */
export const partLabelsAddress = (parts: readonly string[], size: LabelSize, from: number): string =>
  `/api/parts/labels.pdf?parts=${parts.map(encodeURIComponent).join(',')}&size=${size}${from > 1 ? `&from=${from}` : ''}`;

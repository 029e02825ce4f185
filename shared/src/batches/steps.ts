/** The six statuses of a service batch, in the order a batch goes through them, one step at a time. */
export const statuses = [
  'draft',
  'sealed',
  'in_transit_to_center',
  'at_center',
  'in_transit_back',
  'completed',
] as const;
export type Status = (typeof statuses)[number];

/** The word shown for a status, and the short one for narrow places. */
export const statusWords: { readonly [S in Status]: { word: string; short: string } } = {
  draft: { word: 'Draft', short: 'Draft' },
  sealed: { word: 'Sealed', short: 'Sealed' },
  in_transit_to_center: { word: 'In transit to center', short: 'To center' },
  at_center: { word: 'At center', short: 'At center' },
  in_transit_back: { word: 'In transit back', short: 'Coming back' },
  completed: { word: 'Completed', short: 'Completed' },
};

/** What moves a batch into each status, and what the person must bring for it. */
export const steps = {
  sealed: { verb: 'batch.seal', from: 'draft', word: 'Seal', needs: ['count'] },
  in_transit_to_center: { verb: 'batch.depart', from: 'sealed', word: 'Depart', needs: ['driver'] },
  at_center: { verb: 'batch.arrive', from: 'in_transit_to_center', word: 'Arrive at center', needs: [] },
  in_transit_back: { verb: 'batch.departBack', from: 'at_center', word: 'Depart for return', needs: ['driver'] },
  completed: { verb: 'batch.complete', from: 'in_transit_back', word: 'Complete', needs: ['count'] },
} as const satisfies {
  readonly [S in Exclude<Status, 'draft'>]: {
    verb: string;
    from: Status;
    word: string;
    needs: readonly ('count' | 'driver')[];
  };
};

/** A status that a step leads to. */
export type StepTarget = keyof typeof steps;

/** The step that contracted hours are counted from, where it is not the creation. */
export const startStep = { sealing: 'sealed', departure: 'in_transit_to_center' } as const satisfies {
  [event: string]: StepTarget;
};
/** The name of a step command, as `batch.seal`. */
export type StepVerb = (typeof steps)[StepTarget]['verb'];

/** The one status that may follow, or undefined after the last. */
export function nextStatus(status: Status): StepTarget | undefined {
  return statuses[statuses.indexOf(status) + 1] as StepTarget | undefined;
}

/** How many parts must be there when it is counted: those that are neither lost nor scrapped. */
export const expectedCount = (batch: { partCount: number; outCount?: number | undefined }): number =>
  batch.partCount - (batch.outCount ?? 0);

/** The most parts one batch holds. */
export const maxParts = 500;
/**
 * A part ID as it is printed under its QR code: 1 to 40 letters, digits, "-", "_" or "/". It also names a path in the
 * record, so dots and dollars are refused. Compared in upper case.
 */
export const partIdPattern = /^[A-Za-z0-9][A-Za-z0-9_/-]{0,39}$/;

/** What the contracted hours of a batch can be counted from. */
export const slaStarts = ['creation', 'sealing', 'departure'] as const;
export type SlaStart = (typeof slaStarts)[number];

/** Nothing is deleted sooner than this, days: so long somebody may still come back to it. */
export const retentionLeast = { archivedBatchesDays: 90, messagesDays: 30, accessDays: 30, sessionsDays: 7 } as const;
export type RetentionName = keyof typeof retentionLeast;

/** A file that no record names is deleted this many days after it came. Not a setting: nothing can be lost with it. */
export const unnamedFilesDays = 90;

/** The name of this product where an organization gives it no other. */
const ownName = 'Opsboard';

/** What the product is called, on screens, on paper and in mails. */
export const productName = (organization: { productName?: string | undefined } | undefined): string =>
  organization?.productName ?? ownName;

/** What contracted hours are counted from. */
export const slaStartOf = (organization: { slaStart?: SlaStart | undefined } | undefined): SlaStart =>
  organization?.slaStart ?? 'creation';

/** The limit of `at_risk`, percent. */
export const atRiskPercentOf = (organization: { atRiskPercent?: number | undefined } | undefined): number =>
  organization?.atRiskPercent ?? 20;

// In a module of its own: the board's first page needs none of it.
export * from './driver-settings.ts';

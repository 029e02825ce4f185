/** What can prove a hand-over, and whether it must. */
export const proofParts = ['receiver', 'signature', 'photo'] as const;
export type ProofPart = (typeof proofParts)[number];
export const proofNeeds = ['required', 'optional', 'off'] as const;
export type ProofNeed = (typeof proofNeeds)[number];
export type Proof = { [P in ProofPart]: ProofNeed };

/** What a driver is asked for when something changes hands. */
export const proofOf = (organization: { proof?: Proof | undefined } | undefined): Proof =>
  organization?.proof ?? { receiver: 'optional', signature: 'optional', photo: 'off' };

/** How long the ways that drivers took are kept, days; 0: not at all. */
export const positionDaysOf = (organization: { positionDays?: number | undefined } | undefined): number =>
  organization?.positionDays ?? 7;

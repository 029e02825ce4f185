import type { Density } from './places.ts';

/** What a board can be cut into lanes by. */
export const laneFields = ['center', 'customer', 'driver', 'branch', 'sla'] as const;
export type LaneField = (typeof laneFields)[number];

export const laneWords: { readonly [F in LaneField]: { label: string; one: string; many: string } } = {
  center: { label: 'Center', one: 'center', many: 'centers' },
  customer: { label: 'Customer', one: 'customer', many: 'customers' },
  driver: { label: 'Driver', one: 'driver', many: 'drivers' },
  branch: { label: 'Branch', one: 'branch', many: 'branches' },
  sla: { label: 'SLA', one: 'SLA status', many: 'SLA statuses' },
};

/** How a board is shown: in the address, so that a link shows the same. */
export type Looks = { readonly lanes: LaneField | undefined; readonly density: Density };

const remembered = 'board-density';

/** Reads the looks from an address; what it does not say is as this browser had it last. */
export function looksFrom(params: Pick<URLSearchParams, 'get'>): Looks {
  const lanes = params.get('lanes');
  const density = params.get('density') ?? read();
  return {
    lanes: laneFields.find((field) => field === lanes),
    density: density === 'compact' ? 'compact' : 'comfortable',
  };
}

/** The parameters of an address for looks; undefined takes one out. */
export function looksIn(looks: { readonly [N in keyof Looks]?: Looks[N] | undefined }): {
  readonly [name: string]: string | undefined;
} {
  return {
    ...('lanes' in looks ? { lanes: looks.lanes } : {}),
    ...('density' in looks ? { density: looks.density } : {}),
  };
}

/** Remembers how wide cards are in this browser. */
export function remember(density: Density): void {
  try {
    localStorage.setItem(remembered, density);
  } catch {
    // A browser that keeps nothing still shows what the address says.
  }
}
function read(): string | null {
  try {
    return localStorage.getItem(remembered);
  } catch {
    return null;
  }
}

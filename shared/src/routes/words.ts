/** The statuses of a route, in the order a route goes through them; `cancelled` is the other end. */
export const routeStatuses = ['planned', 'under_way', 'finished', 'cancelled'] as const;
export type RouteStatus = (typeof routeStatuses)[number];

/** The word shown for a route's status. */
export const routeStatusWords: { readonly [S in RouteStatus]: string } = {
  planned: 'Planned',
  under_way: 'Under way',
  finished: 'Finished',
  cancelled: 'Cancelled',
};

/** Where a stop can be. */
export const placeKinds = ['branch', 'customer', 'center'] as const;
export type PlaceKind = (typeof placeKinds)[number];

/** What a driver can report; `not_accepted` is the phone's own: an action of its queue that the server refused. */
export const problemReasons = [
  'closed',
  'nobody_there',
  'refused_parts',
  'damaged',
  'road',
  'vehicle',
  'other',
  'not_accepted',
] as const;
export type ProblemReason = (typeof problemReasons)[number];

/** The words of a problem's reason. */
export const problemWords: { readonly [R in ProblemReason]: string } = {
  closed: 'Closed',
  nobody_there: 'Nobody there',
  refused_parts: 'Parts refused',
  damaged: 'Parts damaged',
  road: 'Road or traffic',
  vehicle: 'Vehicle',
  other: 'Something else',
  not_accepted: 'Not accepted',
};

import type { SlaStatus } from '../batches/sla.ts';
import type { Status } from '../batches/steps.ts';
import type { RouteStatus } from '../routes/words.ts';

/** Where something is: a place of the directory or a person with its name, or out of the way for good. */
export type Place = {
  kind: 'branch' | 'center' | 'person' | 'lost' | 'scrapped' | 'removed';
  id?: string;
  name: string;
};

/** A batch as it is found. `since`: how long it has been in these hands, milliseconds since the epoch. */
export type FoundBatch = {
  id: string;
  reference: string;
  status: Status;
  sla: SlaStatus;
  dueAt: number;
  customer: string;
  center: string;
  partCount: number;
  place: Place;
  since: number;
  /** It has left the boards. */
  archived?: true;
  cancelled?: true;
};

/** A part as it is found, with the batch that tells where it is. `archived`: what is on record of it is out of use. */
export type FoundPart = {
  part: string;
  label?: string;
  archived?: true;
  place: Place;
  since: number;
  batch: FoundBatch;
};

/** A record of the directory, a person or a template, by name. `hint` is what tells it from others. */
export type FoundName = {
  kind: 'customer' | 'center' | 'branch' | 'person' | 'template';
  id: string;
  name: string;
  hint?: string;
};

/** A route as it is found. `done`: stops that are behind the driver, of `stops`. */
export type FoundRoute = {
  id: string;
  reference: string;
  status: RouteStatus;
  /** As `2026-12-24`. */
  day: string;
  driver?: string;
  stops: number;
  done: number;
  /** It is in none of the lists any more but that of its day. */
  archived?: true;
};

/** What was found, the best first. */
export type Found = { parts: FoundPart[]; batches: FoundBatch[]; routes: FoundRoute[]; names: FoundName[] };

/** One link of the chain of custody of a part, with names. `text` is what is not a change of hands. */
export type PartStep = {
  at: number;
  place: Place;
  event?: 'added' | 'removed' | 'corrected' | 'split' | 'lost' | 'scrapped' | 'found';
  by: string;
  count?: number;
  why?: string;
};

/** Everything that is known of a part: the batches it was in, the latest first, with its custody, the oldest first. */
export type PartDetail = {
  part: string;
  label?: string;
  /** What is on record of it is out of use. */
  archived?: true;
  customer?: string;
  batches: (FoundBatch & { custody: PartStep[] })[];
};

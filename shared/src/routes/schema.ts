import { z } from 'zod';
import { partId } from '../batches/scalars.ts';
import { calendarDay, id, line, paragraphs, recordBase, rev, time } from '../protocol/scalars.ts';
import { placeKinds, problemReasons, routeStatuses } from './words.ts';

/** [longitude, latitude], WGS 84 degrees. */
const point = z.tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)]);
const by = z.object({ at: time, by: z.string() });
/** A reason: free text, shown on the timeline. */
const reason = line(300);
const place = { kind: z.enum(placeKinds), id };
const plan = z.int().min(1);

/** What happened to one batch at a stop. */
const handled = by.extend({
  what: z.enum(['pick_up', 'hand_over']),
  count: z.int().min(0),
  /** Part QR codes were scanned, not counted. */
  scanned: z.literal(true).optional(),
  /** What the batch's list asked for, where that was not what was there. */
  expected: z.int().min(0).optional(),
  /** What differed from the batch's list, and why it went on all the same. */
  missing: z.array(z.string()).optional(),
  extra: z.array(z.string()).optional(),
  why: z.string().optional(),
  /** Files: the receiver's signature, a picture. The receiver's name is in `receivers`, which is personal. */
  signature: id.optional(),
  photo: id.optional(),
  /** The step that this was has been taken back since, after the stop had been left. */
  takenBack: by.extend({ why: z.string() }).optional(),
});

const stop = z.object({
  place: z.object(place),
  /** The planned window; and when it was planned to be reached. */
  from: time.optional(),
  to: time.optional(),
  plannedAt: time.optional(),
  /** Batches, by id. */
  pickUp: z.array(id),
  handOver: z.array(id),
  note: line(300).optional(),
  arrived: by.optional(),
  departed: by.optional(),
  /** Not served, or not wholly, with the reason. */
  skipped: by.extend({ why: z.string() }).optional(),
  /** By batch. */
  done: z.record(z.string(), handled).optional(),
});

const problem = by.extend({
  reason: z.enum(problemReasons),
  stop: id.optional(),
  batch: id.optional(),
  text: z.string().optional(),
  photo: id.optional(),
  resolved: by.extend({ how: z.string().optional() }).optional(),
});

/** What a driver must know of a place. */
const placeShown = z.object({
  name: z.string(),
  address: z.string().optional(),
  phone: z.string().optional(),
  position: point.optional(),
});
export type PlaceShown = z.infer<typeof placeShown>;

/** A driver's day: ordered stops, at each of which batches are picked up or handed over. */
export const route = z.object({
  ...recordBase,
  /** The human reference, as `R-31`; the server gives it. */
  reference: z.string(),
  /** Where it begins and ends, and whose room plans it. */
  branch: id,
  /** In the organization's time zone. */
  day: calendarDay,
  status: z.enum(routeStatuses),
  driver: id.optional(),
  /** Whose it was before: their phones may still have something to report of it. */
  formerDrivers: z.array(id).optional(),
  vehicle: line(40).optional(),
  /** Planned departure from the branch. */
  startAt: time.optional(),
  stops: z.record(z.string(), stop),
  /** The stops' ids in the order in which they are driven: those that were reached first, as they were reached. */
  order: z.array(id),
  /** Grows with each change of stops or driver by a desk; the driver acknowledges a number. */
  plan,
  /** The `rev` that a desk's last change led to: what a driver does meanwhile is no conflict for the next one. */
  edited: rev,
  acknowledged: z.object({ plan, at: time }).optional(),
  /** By id: what went wrong; `not_accepted`: an action of the phone that the server refused. */
  problems: z.record(z.string(), problem).optional(),
  /** Personal. By stop: what the driver must know of the place, as the directory had it when it was planned. */
  places: z.record(z.string(), placeShown).optional(),
  /** Personal. Who received, by `<stop>/<batch>`. */
  receivers: z.record(z.string(), z.string()).optional(),
  startedAt: time.optional(),
  finishedAt: time.optional(),
  cancelledAt: time.optional(),
  createdAt: time,
  createdBy: id,
  archivedAt: time.optional(),
  /** It is being deleted for good, and never changes again. */
  erasedAt: time.optional(),
});
export type Route = z.infer<typeof route>;
export type Stop = Route['stops'][string];
export type Handled = z.infer<typeof handled>;
export type Problem = z.infer<typeof problem>;

/** One stop as a desk plans it. */
export const plannedStop = z.strictObject({
  id,
  place: z.strictObject(place),
  from: time.optional(),
  to: time.optional(),
  plannedAt: time.optional(),
  pickUp: z.array(id).max(200),
  handOver: z.array(id).max(200),
  note: line(300).optional(),
});
export type PlannedStop = z.infer<typeof plannedStop>;
const plannedStops = z.array(plannedStop).max(100);

export const createRoute = z.strictObject({
  id,
  branch: id,
  day: calendarDay,
  driver: id.optional(),
  vehicle: line(40).optional(),
  startAt: time.optional(),
  stops: plannedStops,
});
export type CreateRoute = z.infer<typeof createRoute>;

/** Day, vehicle and planned departure; not the stops. `rev`: the one it was made on. */
export const editRoute = z.strictObject({
  id,
  rev,
  day: calendarDay.optional(),
  vehicle: line(40).nullable().optional(),
  startAt: time.nullable().optional(),
});
export type EditRoute = z.infer<typeof editRoute>;

/** Another driver, or none while it is planned; the batches that are still to be moved go along. */
export const assignRoute = z.strictObject({ id, plan, driver: id.nullable() });
export type AssignRoute = z.infer<typeof assignRoute>;

/** The stops still to be driven, in order. `plan`: the number it was made on. Stops that were reached stay as they are. */
export const planRoute = z.strictObject({ id, plan, stops: plannedStops });
export type PlanRoute = z.infer<typeof planRoute>;

export const cancelRoute = z.strictObject({ id, reason });
export type CancelRoute = z.infer<typeof cancelRoute>;

/** Starting, finishing, and the archive's part. */
export const plainRoute = z.strictObject({ id });
export type PlainRoute = z.infer<typeof plainRoute>;

/** Arriving at a stop and departing from it. */
export const atStop = z.strictObject({ id, stop: id });
export type AtStop = z.infer<typeof atStop>;

export const skipStop = z.strictObject({ id, stop: id, reason });
export type SkipStop = z.infer<typeof skipStop>;

/** Counted, or scanned part by part (`count` is then how many). `reason`: why it goes on although something differs. */
export const pickUp = z.strictObject({
  id,
  stop: id,
  batch: id,
  count: z.int().min(0).max(100_000),
  scanned: z.array(partId).max(600).optional(),
  reason: reason.optional(),
});
export type PickUp = z.infer<typeof pickUp>;

/** As picking up, with the proof of who received. */
export const handOverAt = pickUp.extend({
  receiver: line(80).optional(),
  signature: id.optional(),
  photo: id.optional(),
});
export type HandOverAt = z.infer<typeof handOverAt>;

export const acknowledgePlan = z.strictObject({ id, plan });
export type AcknowledgePlan = z.infer<typeof acknowledgePlan>;

export const reportProblem = z.strictObject({
  id,
  problem: id,
  reason: z.enum(problemReasons),
  stop: id.optional(),
  batch: id.optional(),
  text: paragraphs(1000).optional(),
  photo: id.optional(),
});
export type ReportProblem = z.infer<typeof reportProblem>;

export const resolveProblem = z.strictObject({ id, problem: id, how: line(300).optional() });
export type ResolveProblem = z.infer<typeof resolveProblem>;

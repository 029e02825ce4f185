import type { Audience } from './audiences.ts';
import { mapEntry, viewOf } from './audiences.ts';
import type { Entry, Fields } from './entries.ts';
import type { Cause, Change } from './frames.ts';
import type { AnyRecord } from './kinds.ts';
import { valueAt } from './patch.ts';

/** One folded entry with its record before and after, in full. Undefined: it did not exist. */
export type AppliedEntry = { entry: Entry; before: AnyRecord | undefined; after: AnyRecord | undefined };

/** What the entries so far mean for one record, for one audience. */
type Track = {
  first: AppliedEntry;
  last: AppliedEntry;
  /** In view now, that is after `last`. */
  inView: boolean;
  /** It was out of view at some moment since `first`: a patch could meet a client that does not hold it. */
  interrupted: boolean;
  /** The first patch as it is; a second one turns it into `paths`. */
  patch: { set: Fields; unset: string[] } | undefined;
  paths: Set<string> | undefined;
};

/**
 * What an audience gets of entries that follow each other ([L4]): at most one change per record, in the order in which
 * the records were first touched, holding final values ([L3]). A record that ends in view goes as a patch if it was in
 * view all the time, else whole; one that ends outside goes `gone` if it was in view at any moment, because a client
 * that stands in the middle of the frame may hold it.
 */
export function buildChanges(audience: Audience, applied: readonly AppliedEntry[]): Change[] {
  const tracks = new Map<string, Track>();
  for (const one of applied) follow(tracks, audience, one);
  return Array.from(tracks.values(), (track) => changeOf(audience, track));
}

function follow(tracks: Map<string, Track>, audience: Audience, one: AppliedEntry): void {
  const { entry } = one;
  const mapped = mapEntry(audience, entry, one.before as never, one.after as never);
  if (!mapped) return;
  const key = `${entry.kind} ${entry.id}`;
  let track = tracks.get(key);
  if (!track) {
    track = { first: one, last: one, inView: false, interrupted: false, patch: undefined, paths: undefined };
    tracks.set(key, track);
  }
  track.last = one;
  track.inView = !('gone' in mapped);
  if (!('set' in mapped)) {
    track.interrupted = true;
  } else if (!track.interrupted) {
    if (!track.patch) track.patch = mapped;
    else {
      track.paths ??= pathsOf(track.patch);
      for (const path of pathsOf(mapped)) track.paths.add(path);
    }
  }
}

const pathsOf = (patch: { set: Fields; unset: string[] }) => new Set([...Object.keys(patch.set), ...patch.unset]);

function changeOf(audience: Audience, { first, last, inView, interrupted, patch, paths }: Track): Change {
  const { kind, id, rev } = last.entry;
  if (!inView) return { kind, id, gone: true };
  const cause = causeOf(last.entry);
  if (interrupted) return { kind, id, rev, whole: viewOf(audience, kind, last.after as never)!, cause };
  const { set, unset } = paths
    ? finals(paths, viewOf(audience, kind, first.before as never)!, viewOf(audience, kind, last.after as never)!)
    : patch!;
  return { kind, id, rev, set, ...(unset.length > 0 ? { unset } : {}), cause };
}

/**
 * The values that these paths have in the end. A path whose parent the record did not have in the beginning is cut back
 * to that parent: entries made the parent on their way, and perhaps took everything out of it again. A path below
 * another one is covered by it.
 */
function finals(paths: Set<string>, before: Fields, after: Fields): { set: Fields; unset: string[] } {
  const set: Fields = {};
  const unset: string[] = [];
  for (const path of minimal(Array.from(paths, (path) => cutBack(path, before)))) {
    const value = valueAt(after, path);
    if (value === undefined) unset.push(path);
    else set[path] = value;
  }
  return { set, unset };
}

function cutBack(path: string, before: Fields): string {
  for (let dot = path.indexOf('.'); dot !== -1; dot = path.indexOf('.', dot + 1)) {
    const parent = valueAt(before, path.slice(0, dot));
    if (parent === null || typeof parent !== 'object' || Array.isArray(parent)) return path.slice(0, dot);
  }
  return path;
}

function minimal(paths: string[]): string[] {
  const all = new Set(paths);
  return [...all].filter((path) => {
    for (let dot = path.indexOf('.'); dot !== -1; dot = path.indexOf('.', dot + 1)) {
      if (all.has(path.slice(0, dot))) return false;
    }
    return true;
  });
}

/** The part of an entry that says who did what, and when. */
export function causeOf(entry: Entry): Cause {
  const { seq, at, done, actor, verb, commandId, why } = entry;
  return { seq, at, done, by: actor, verb, commandId, ...(why === undefined ? {} : { why }) };
}

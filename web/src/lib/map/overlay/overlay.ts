import type { SlaStatus } from '@opsboard/shared/batches/sla';
import { beside } from './beside.ts';
import { clustersOf } from './clusters.ts';
import type { Colours } from '../colours.ts';
import { Room, spotFor } from './labels.ts';
import { quietAfter, type Fix, type MapDriver, type MapPlace, type Picked, type Shown } from '../marks.ts';
import { Mover } from './mover.ts';
import type { Pen } from './paint.ts';
import {
  clusterSize,
  driverSize,
  paintArrow,
  paintCluster,
  paintDriver,
  paintPlace,
  paintTag,
  paintWords,
} from './paint.ts';
import { flat, screenX, screenY, type Camera, type Flat } from './projection.ts';
import { Sprites } from './sprites.ts';

/** More drivers than this on the screen are arrows: circles with initials would only hide each other. */
const crowd = 160;
/** Farther out than this, marks that lie on each other are one with a number. */
const clusterBelow = 10.5;
/** Words of places that are not picked appear from here on; those of customers later. */
const namesFrom = 10.5;
const customersFrom = 11.5;
const customerNamesFrom = 13.5;
/** Arrows of one colour that are nearer to each other than this, CSS pixels, look like one. */
const tellApart = 6;
/** How far something must have moved to be worth another drawing, CSS pixels. */
const step = 0.4;

/** What is drawn on the screen now and can be picked. */
type Hit = { x: number; y: number; size: number; picked?: Picked; cluster?: Flat };
/** A driver on the screen, CSS pixels. */
type Seen = { mover: Mover; x: number; y: number; sla: SlaStatus; tag?: { words: string; middle: number } };
/** A place on the screen whose name may be written. */
type Named = { place: MapPlace; x: number; y: number };

/** How the page says something in words. */
export type Words = { quiet(ms: number): string };

/**
 * Everything that lies on the map and can be picked, on a canvas of its own above it. Drivers who move would otherwise
 * make the map draw itself anew: streets, names and all, sixty times a second for a few pixels.
 */
export class Overlay {
  readonly #canvas: HTMLCanvasElement;
  readonly #ctx: CanvasRenderingContext2D;
  readonly #camera: () => Camera & { zoom: number };
  readonly #now: () => number;
  readonly #words: Words;
  #places: { place: MapPlace; spot: Flat }[] = [];
  #drivers = new Map<string, MapDriver>();
  readonly #movers = new Map<string, Mover>();
  #hits: Hit[] = [];
  #sprites: { marks: Sprites; arrows: Sprites } | undefined;
  #colours: Colours;
  #ratio = 1;
  #frame = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  shown: Shown = 'all';
  picked: Picked | undefined;
  /** Told when a driver who is followed has moved, in web Mercator. */
  following: { driver: string; moved(spot: Flat): void } | undefined;
  /** Whether marks jump instead of moving. */
  still = false;

  constructor(given: {
    canvas: HTMLCanvasElement;
    camera: () => Camera & { zoom: number };
    colours: Colours;
    /** The server's clock, milliseconds. */
    now: () => number;
    words: Words;
  }) {
    this.#canvas = given.canvas;
    this.#ctx = given.canvas.getContext('2d')!;
    this.#camera = given.camera;
    this.#colours = given.colours;
    this.#now = given.now;
    this.#words = given.words;
  }

  /** Sets what it is drawn with; after a change of theme, size or screen. */
  dress(colours: Colours, ratio: number): void {
    this.#colours = colours;
    this.#ratio = ratio;
    this.#sprites = undefined;
    this.soon();
  }

  set places(places: readonly MapPlace[]) {
    this.#places = places.map((place) => ({ place, spot: flat(place.position) }));
    this.soon();
  }

  set drivers(drivers: readonly MapDriver[]) {
    this.#drivers = new Map(drivers.map((driver) => [driver.id, driver]));
    this.soon();
  }

  move(driver: string, fix: Fix): void {
    let mover = this.#movers.get(driver);
    if (!mover) this.#movers.set(driver, (mover = new Mover(driver)));
    mover.moveTo(fix, performance.now(), this.still || document.hidden);
    if (!this.#frame) this.#later(0);
  }

  gone(driver: string): void {
    this.#movers.delete(driver);
    this.soon();
  }

  /** Forgets every driver: what comes next is another time, or another source. */
  clear(): void {
    this.#movers.clear();
    this.soon();
  }

  /** Where a driver is known to be, web Mercator. */
  whereIs(driver: string): Flat | undefined {
    const mover = this.#movers.get(driver);
    return mover && { x: mover.toX, y: mover.toY };
  }

  /** Everything that has a place: what "show all" must have in view. */
  *spots(): Generator<Flat> {
    for (const { spot } of this.#places) yield spot;
    for (const { toX, toY } of this.#movers.values()) yield { x: toX, y: toY };
  }

  /** What lies under a spot of the screen, CSS pixels: the nearest, and what was drawn last. */
  under(x: number, y: number, reach = 6): Hit | undefined {
    let best: Hit | undefined;
    let bestAway = Infinity;
    for (let i = this.#hits.length - 1; i >= 0; i--) {
      const hit = this.#hits[i]!;
      const away = Math.hypot(hit.x - x, hit.y - y) - hit.size;
      if (away <= reach && away < bestAway - 2) [best, bestAway] = [hit, away];
    }
    return best;
  }

  /** Draws with the next frame. */
  soon(): void {
    if (this.#frame || this.#closed) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.draw();
    });
  }

  close(): void {
    this.#closed = true;
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
  }

  /** Draws now: in the same frame as the map below, so that nothing slides against it. */
  draw(): void {
    const camera = this.#camera();
    const { width, height } = camera;
    const ctx = this.#ctx;
    const [wide, high] = [Math.round(width * this.#ratio), Math.round(height * this.#ratio)];
    if (this.#canvas.width !== wide || this.#canvas.height !== high) {
      this.#canvas.width = wide;
      this.#canvas.height = high;
    }
    ctx.setTransform(this.#ratio, 0, 0, this.#ratio, 0, 0);
    ctx.clearRect(0, 0, width, height);
    this.#hits = [];
    const font = getFont();
    this.#sprites ??= {
      marks: new Sprites(32, this.#ratio, this.#colours, font),
      arrows: new Sprites(11, this.#ratio, this.#colours, font, true),
    };
    const pen: Pen = { ctx, colours: this.#colours, font };
    const room = new Room();
    const named = this.#drawPlaces(pen, camera, room, this.shown === 'drivers' || this.shown === 'batches');
    const { seen, fastest } = this.#driversIn(camera);
    const gathered = camera.zoom < clusterBelow && seen.length > 1;
    if (!gathered && seen.length <= crowd) this.#standBeside(seen, room);
    this.#drawNames(pen, room, named, width);
    this.#drawDrivers(pen, camera, room, seen, gathered);
    if (this.#movers.size === 0 || this.shown === 'places') return;
    // While all stand, for those who grow quiet.
    const far = !gathered && seen.length > crowd ? 1 / this.#ratio : step;
    this.#later(fastest === 0 ? 5_000 : Math.min(1_000, far / (fastest * camera.scale)));
  }

  /** Draws the marks of places; gives those that may be named. */
  #drawPlaces(pen: Pen, camera: Camera & { zoom: number }, room: Room, quietly: boolean): Named[] {
    const { ctx } = pen;
    const named: Named[] = [];
    for (const { place, spot } of this.#places) {
      const picked = this.#isPicked(place.kind, place.id);
      if (!picked && place.kind === 'customer' && (camera.zoom < customersFrom || quietly)) continue;
      const [x, y] = [screenX(camera, spot.x), screenY(camera, spot.y)];
      if (x < -60 || y < -60 || x > camera.width + 60 || y > camera.height + 60) continue;
      const size = sizeOf(place);
      // Far out, one mark stands for those it would cover; a stop is never left out.
      const box = around(x, y, size);
      if (picked || place.kind === 'stop') room.claim(box);
      else if (!room.take(box) && camera.zoom < clusterBelow) continue;
      ctx.save();
      ctx.translate(x, y);
      if (quietly && !picked) ctx.globalAlpha = 0.55;
      paintPlace(pen, place, picked);
      ctx.restore();
      this.#hits.push({ x, y, size, picked: { kind: place.kind, id: place.id } });
      const from = place.kind === 'customer' ? customerNamesFrom : namesFrom;
      if (picked || (camera.zoom >= from && !quietly)) named.push({ place, x, y });
    }
    return named;
  }

  /** Writes names where there is room for them: under a driver they could not be read. */
  #drawNames(pen: Pen, room: Room, named: readonly Named[], width: number): void {
    const { ctx } = pen;
    const rank = (place: MapPlace): number =>
      this.#isPicked(place.kind, place.id) ? 0 : place.kind === 'branch' ? 1 : place.kind === 'customer' ? 3 : 2;
    // A route may begin and end at the same place: its name once.
    const written = new Set<string>();
    for (const { place, x, y } of named.toSorted((a, b) => rank(a.place) - rank(b.place))) {
      const words = `${place.name} ${x} ${y}`;
      if (written.has(words)) continue;
      written.add(words);
      const half = Math.max(place.name.length * 3.6, (place.note?.length ?? 0) * 3) + 2;
      const height = place.note === undefined ? 15 : 30;
      const size = sizeOf(place);
      const free = spotFor(room, { x, y, size }, { half, height }, width);
      // What is picked has its name in any case.
      const spot = free ?? (this.#isPicked(place.kind, place.id) ? { right: 0, top: size + 4 } : undefined);
      if (!spot) continue;
      ctx.save();
      ctx.translate(x + spot.right, y);
      paintWords(pen, place.name, spot.top);
      if (place.note !== undefined) paintWords(pen, place.note, spot.top + 15, true);
      ctx.restore();
    }
  }

  /** Who is on the screen, and the fastest that anything on it goes, web Mercator units a millisecond. */
  #driversIn(camera: Camera): { seen: Seen[]; fastest: number } {
    const page = performance.now();
    const seen: Seen[] = [];
    let fastest = 0;
    if (this.shown === 'places') return { seen, fastest };
    for (const mover of this.#movers.values()) {
      const about = this.#drivers.get(mover.id);
      if (this.shown === 'batches' && (about?.carries ?? 0) === 0) continue;
      const moving = mover.place(page);
      if (moving && this.following?.driver === mover.id) this.following.moved(mover);
      const [x, y] = [screenX(camera, mover.x), screenY(camera, mover.y)];
      if (x < -40 || y < -40 || x > camera.width + 40 || y > camera.height + 40) continue;
      if (moving) fastest = Math.max(fastest, mover.pace);
      seen.push({ mover, x, y, sla: about?.sla ?? 'on_track' });
    }
    return { seen, fastest };
  }

  /** Moves those who stand at a place to its rim, and keeps names from under all of them and from under their tags. */
  #standBeside(seen: readonly Seen[], room: Room): void {
    const places = this.#hits.slice();
    for (const one of seen) {
      Object.assign(one, beside(one.mover, one.x, one.y, places));
      room.claim(around(one.x, one.y, driverSize + 2));
    }
    for (const one of seen) this.#tag(one, room);
  }

  /** Gives somebody their tag where there is room for it: for how long they are quiet, or how late they are. */
  #tag(one: Seen, room: Room): void {
    const { mover, x, y, sla } = one;
    const silent = this.#now() - mover.at;
    const said = sla === 'on_track' ? undefined : this.#drivers.get(mover.id)?.said;
    const words = silent > quietAfter ? this.#words.quiet(silent) : said;
    if (words === undefined) return;
    // Away from where they are heading.
    const below = mover.heading !== undefined && (mover.heading < 90 || mover.heading > 270);
    const middle = below ? 32 : -34;
    const half = words.length * 3.6 + 8;
    const box = { left: x - half, top: y + middle - 10, right: x + half, bottom: y + middle + 10 };
    if (this.#isPicked('driver', mover.id)) room.claim(box);
    else if (!room.take(box)) return;
    one.tag = { words, middle };
  }

  #drawDrivers(pen: Pen, camera: Camera, room: Room, seen: readonly Seen[], gathered: boolean): void {
    const picked = seen.find(({ mover }) => this.#isPicked('driver', mover.id));
    if (gathered) this.#drawClusters(pen, camera, seen);
    else if (seen.length > crowd) this.#drawCrowd(pen.ctx, seen);
    else for (const one of seen) if (one !== picked) this.#drawDriver(pen, one);
    if (!picked) return;
    if (gathered || seen.length > crowd) this.#tag(picked, room);
    this.#drawDriver(pen, picked);
  }

  #drawClusters(pen: Pen, camera: Camera, seen: readonly Seen[]): void {
    const marks = seen.map(({ mover, sla }) => ({ id: mover.id, x: mover.x, y: mover.y, sla }));
    for (const cluster of clustersOf(marks, camera.scale)) {
      const [x, y] = [screenX(camera, cluster.x), screenY(camera, cluster.y)];
      if (cluster.count === 1) {
        const one = seen.find(({ mover }) => mover.id === cluster.first)!;
        if (this.#isPicked('driver', cluster.first)) continue;
        this.#tag(one, new Room());
        this.#drawDriver(pen, one);
        continue;
      }
      const key = `cluster ${cluster.count} ${cluster.sla}`;
      this.#sprites!.marks.draw(pen.ctx, key, x, y, (on) => paintCluster(on, cluster.count, cluster.sla));
      this.#hits.push({ x, y, size: clusterSize, cluster: { x: cluster.x, y: cluster.y } });
    }
  }

  /**
   * Hundreds: arrows, copied from one picture for each eighth of a quarter turn. Of those of one colour that lie on each
   * other only the first is drawn: with thousands in one town that is most of them.
   */
  #drawCrowd(ctx: Pen['ctx'], seen: readonly Seen[]): void {
    const sprites = this.#sprites!.arrows;
    const drawn = { on_track: new Set<number>(), at_risk: new Set<number>(), breached: new Set<number>() };
    for (const { mover, x, y, sla } of seen) {
      this.#hits.push({ x, y, size: 8, picked: { kind: 'driver', id: mover.id } });
      const spot = Math.floor(y / tellApart) * 100_000 + Math.floor(x / tellApart);
      if (drawn[sla].has(spot)) continue;
      drawn[sla].add(spot);
      const turn = mover.heading === undefined ? -1 : Math.round(mover.heading / 11.25) % 32;
      sprites.draw(ctx, `${sla}${turn}`, x, y, (on) => {
        paintArrow(on, sla, turn < 0 ? undefined : turn * 11.25, false);
      });
    }
  }

  #drawDriver(pen: Pen, { mover, x, y, sla, tag }: Seen): void {
    const { ctx } = pen;
    const about = this.#drivers.get(mover.id);
    const picked = this.#isPicked('driver', mover.id);
    const quiet = this.#now() - mover.at > quietAfter;
    const square = this.shown === 'batches' && about !== undefined;
    const initials = square ? String(about.carries) : (about?.initials ?? '–');
    const turn = mover.heading === undefined ? undefined : Math.round(mover.heading / 5) * 5;
    const key = `${initials}|${sla}|${turn ?? ''}|${picked ? 'p' : ''}${quiet ? 'q' : ''}${square ? 's' : ''}`;
    this.#sprites!.marks.draw(ctx, key, x, y, (on) => {
      paintDriver(on, { initials, heading: turn, sla, picked, quiet, square });
    });
    this.#hits.push({ x, y, size: driverSize, picked: { kind: 'driver', id: mover.id } });
    if (!tag) return;
    ctx.save();
    ctx.translate(x, y);
    paintTag(pen, tag.words, tag.middle, quiet ? 'on_track' : sla);
    ctx.restore();
  }

  #isPicked(kind: Picked['kind'], id: string): boolean {
    return this.picked?.kind === kind && this.picked.id === id;
  }

  /** Draws in a while, unless something draws before. */
  #later(ms: number): void {
    if (this.#frame || this.#closed || document.hidden) return;
    if (ms <= 17) {
      this.soon();
      return;
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.soon(), ms - 8);
  }
}

/** Half the side of a place's mark, CSS pixels, with its edge. */
const sizeOf = ({ kind }: MapPlace): number => (kind === 'customer' ? 8 : 14);
const around = (x: number, y: number, half: number) => ({
  left: x - half,
  top: y - half,
  right: x + half,
  bottom: y + half,
});

let font: string | undefined;
/** The page's own font: a canvas does not inherit it. */
const getFont = (): string => (font ??= getComputedStyle(document.body).fontFamily);

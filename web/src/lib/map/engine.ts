import {
  AttributionControl,
  LngLatBounds,
  Map as GlMap,
  setWorkerUrl,
  type GeoJSONSource,
  type StyleSpecification,
} from 'maplibre-gl';
import 'maplibre-gl/dist/maplibre-gl.css';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import type { Point } from '@opsboard/shared/geo/distance';
import type { Base } from './base/settings.ts';
import { styleOf } from './base/style.ts';
import type { Colours } from './colours.ts';
import type { Shown, Fix, MapDriver, MapPlace, MapRoute, Movements, Picked } from './marks.ts';
import { Overlay } from './overlay/overlay.ts';
import { cameraOf } from './overlay/projection.ts';
import { routeLayers, routesAsLines } from './route-lines.ts';

setWorkerUrl(workerUrl);

/** How a map is asked for. */
export type MapOptions = {
  container: HTMLElement;
  canvas: HTMLCanvasElement;
  /** What it is called for screen readers. */
  label: string;
  base: Base;
  colours: Colours;
  dark: boolean;
  /** Whether things jump instead of gliding. */
  still: boolean;
  /** The server's clock, milliseconds. */
  now: () => number;
  words: { quiet(ms: number): string };
  onPick(picked: Picked | undefined): void;
  /** What the pointer is on, and where that is, CSS pixels. */
  onPoint(picked: Picked | undefined, at: { x: number; y: number }): void;
  /** The person moved the map themselves. */
  onMoved(): void;
  /** Something of the ground cannot be fetched; marks and ways are drawn without it. */
  onMissing(what: Missing): void;
};

/** What of the ground is not there: all of it, or pieces here and there. */
export type Missing = 'all' | 'parts';

/** What marks lie on when their ground cannot be had. */
const bare = (colours: Colours): StyleSpecification => ({
  version: 8,
  sources: {},
  layers: [{ id: 'bare', type: 'background', paint: { 'background-color': colours['map-land'] } }],
});

/** The shape of the earth, in web Mercator, back to degrees. */
const degrees = ({ x, y }: { x: number; y: number }): [number, number] => [
  (x - 0.5) * 360,
  (360 / Math.PI) * Math.atan(Math.exp((0.5 - y) * 2 * Math.PI)) - 90,
];

/** A map that is drawn: MapLibre for the ground and the ways, a canvas of our own for what lies on it. */
export class MapEngine {
  readonly #map: GlMap;
  readonly overlay: Overlay;
  readonly #options: MapOptions;
  #routes: readonly MapRoute[] = [];
  /** The ways that are on the ground now, as text. */
  #drawnRoutes = '';
  #colours: Colours;
  #unfollow: (() => void) | undefined;
  readonly #watch: ResizeObserver;
  /** The newest wish wins: a style may take a while to come. */
  #styling = 0;
  /** Whether what the ground is made of has come. */
  #styled = false;

  /** Resolves when the map can be drawn upon; rejects where there is no WebGL 2. */
  static async open(options: MapOptions): Promise<MapEngine> {
    return new MapEngine(options, await groundOf(options));
  }

  private constructor(options: MapOptions, style: StyleSpecification | string) {
    this.#options = options;
    this.#colours = options.colours;
    const { container, canvas, label, colours, now, words, still } = options;
    const map = new GlMap({
      container,
      style,
      center: [8, 40],
      zoom: 1.5,
      minZoom: 1,
      maxZoom: 18.5,
      maxPitch: 0,
      dragRotate: false,
      touchPitch: false,
      pitchWithRotate: false,
      renderWorldCopies: false,
      attributionControl: false,
      fadeDuration: still ? 0 : 200,
      locale: { 'Map.Title': label },
    });
    map.touchZoomRotate.disableRotation();
    map.keyboard.disableRotation();
    map.addControl(new AttributionControl({ compact: false }), 'bottom-right');
    map.getCanvasContainer().append(canvas);
    this.#map = map;
    this.overlay = new Overlay({
      canvas,
      camera: () => {
        const { lng, lat } = map.getCenter();
        const zoom = map.getZoom();
        return { ...cameraOf([lng, lat], zoom, container.clientWidth, container.clientHeight), zoom };
      },
      colours,
      now,
      words,
    });
    this.overlay.still = still;
    this.overlay.dress(colours, devicePixelRatio);
    map.on('render', () => this.overlay.draw());
    map.on('style.load', () => {
      this.#styled = true;
      this.#drawRoutes();
    });
    map.on('error', () => {
      if (this.#styled) {
        options.onMissing('parts');
        return;
      }
      // Without its style a map waits for ever: who is where is worth more than what it lies on.
      this.#styled = true;
      map.setStyle(bare(this.#colours), { diff: false });
      options.onMissing('all');
    });
    map.on('click', ({ point, originalEvent }) => {
      const touched = originalEvent instanceof PointerEvent && originalEvent.pointerType === 'touch';
      const hit = this.overlay.under(point.x, point.y, touched ? 16 : 6);
      if (hit?.cluster) this.#glide(degrees(hit.cluster), Math.min(map.getZoom() + 2.5, 14));
      else options.onPick(hit?.picked);
    });
    map.on('mousemove', ({ point }) => {
      const hit = this.overlay.under(point.x, point.y);
      map.getCanvas().style.cursor = hit ? 'pointer' : '';
      options.onPoint(hit?.picked, hit ?? point);
    });
    map.on('mouseout', () => options.onPoint(undefined, { x: 0, y: 0 }));
    map.on('movestart', (event) => {
      options.onPoint(undefined, { x: 0, y: 0 });
      if ('originalEvent' in event && event.originalEvent) options.onMoved();
    });
    this.#watch = new ResizeObserver(() => {
      map.resize();
      this.overlay.dress(this.#colours, devicePixelRatio);
    });
    this.#watch.observe(container);
    document.addEventListener('visibilitychange', this.#shown);
  }

  readonly #shown = (): void => {
    if (!document.hidden) this.overlay.soon();
  };

  /** Resolves once the ground has been drawn for the first time. Not when nothing moves: a map that follows never rests. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#map.loaded()) resolve();
      else this.#map.once('load', () => resolve());
    });
  }

  /** Draws the ground in another theme. */
  async theme(colours: Colours, dark: boolean): Promise<void> {
    this.#colours = colours;
    this.overlay.dress(colours, devicePixelRatio);
    const turn = ++this.#styling;
    const style = await groundOf({ ...this.#options, colours, dark });
    if (turn !== this.#styling) return;
    // A style of the organization's own has one look.
    if (typeof style !== 'string') this.#map.setStyle(style, { diff: false });
  }

  show(places: readonly MapPlace[], drivers: readonly MapDriver[], shown: Shown): void {
    this.overlay.places = places;
    this.overlay.drivers = drivers;
    this.overlay.shown = shown;
    this.overlay.soon();
  }

  routes(routes: readonly MapRoute[]): void {
    this.#routes = routes;
    this.#drawRoutes();
  }

  pick(picked: Picked | undefined): void {
    this.overlay.picked = picked;
    this.overlay.soon();
  }

  /** Moves along with a driver; undefined: stays. */
  follow(driver: string | undefined): void {
    if (driver === undefined) {
      this.overlay.following = undefined;
      return;
    }
    const spot = this.overlay.whereIs(driver);
    if (spot) this.#glide(degrees(spot), Math.max(this.#map.getZoom(), 13));
    this.overlay.following = {
      driver,
      moved: (at) => {
        if (!this.#map.isMoving()) queueMicrotask(() => this.#map.jumpTo({ center: degrees(at) }));
      },
    };
  }

  /** Where positions come from. */
  listen(movements: Movements | undefined): void {
    this.#unfollow?.();
    this.#unfollow = undefined;
    this.overlay.clear();
    if (!movements) return;
    const moved = (driver: string, fix: Fix): void => this.overlay.move(driver, fix);
    this.#unfollow = movements.follow({ moved, gone: (driver) => this.overlay.gone(driver) });
    movements.each(moved);
  }

  set still(still: boolean) {
    this.overlay.still = still;
  }

  /** Brings a place into view, or a driver. Without a known place nothing moves. */
  goTo(point: Point | undefined, zoom = 12): void {
    if (point) this.#glide([point[0], point[1]], Math.max(this.#map.getZoom(), zoom));
  }

  /** Where a driver is known to be. */
  whereIs(driver: string): Point | undefined {
    const spot = this.overlay.whereIs(driver);
    return spot && degrees(spot);
  }

  zoom(by: 1 | -1): void {
    this.#map.zoomTo(this.#map.getZoom() + by, { animate: !this.overlay.still });
  }

  /** Shows everything that has a place, or a way, above what it is steered with. False when nothing has a place. */
  fit(way?: readonly Point[], animate = true): boolean {
    const points = way ?? [...this.overlay.spots()].map(degrees);
    const bounds = new LngLatBounds();
    for (const [lon, lat] of points) bounds.extend([lon, lat]);
    if (bounds.isEmpty()) return false;
    const { clientWidth, clientHeight } = this.#options.container;
    const side = Math.min(72, clientWidth / 6, clientHeight / 6);
    // On a phone what lies over the map's edges takes much of it.
    const phone = clientWidth < 600 && clientHeight > 300;
    const edges = phone
      ? { top: 76, right: 84, bottom: 52, left: 48 }
      : { top: side, right: side, bottom: side, left: side };
    const padding = { ...edges, bottom: edges.bottom + (way ? 76 : 0) };
    this.#map.fitBounds(bounds, { padding, maxZoom: 14.5, animate: animate && !this.overlay.still });
    return true;
  }

  close(): void {
    document.removeEventListener('visibilitychange', this.#shown);
    this.#watch.disconnect();
    this.#unfollow?.();
    this.overlay.close();
    this.#map.remove();
  }

  #glide(center: [number, number], zoom: number): void {
    this.#map.easeTo({ center, zoom, animate: !this.overlay.still, duration: 500 });
  }

  #drawRoutes(): void {
    const map = this.#map;
    const data = routesAsLines(this.#routes);
    const source = map.getSource<GeoJSONSource>('routes');
    if (source) {
      // Data that is the same draws the whole ground anew, too.
      const text = JSON.stringify(data);
      if (text !== this.#drawnRoutes) void source.setData(data);
      this.#drawnRoutes = text;
      return;
    }
    // Before the style is there, `style.load` comes back to it.
    if (!map.isStyleLoaded() && map.getStyle()?.layers === undefined) return;
    map.addSource('routes', { type: 'geojson', data });
    this.#drawnRoutes = JSON.stringify(data);
    for (const layer of routeLayers(this.#colours)) map.addLayer(layer);
  }
}

/** The style of the ground; a bare one where it cannot be had. */
async function groundOf({ base, colours, dark, onMissing }: MapOptions): Promise<StyleSpecification | string> {
  try {
    return await styleOf(base, colours, dark);
  } catch {
    onMissing('all');
    return bare(colours);
  }
}

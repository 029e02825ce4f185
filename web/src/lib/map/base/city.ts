import type { ExpressionSpecification, LayerSpecification, SourceSpecification } from 'maplibre-gl';
import type { City } from '@opsboard/shared/geo/city';
import type { Point } from '@opsboard/shared/geo/distance';
import type { Colours } from '../colours.ts';

/** Sources with the streets, areas and names of an invented city. */
export function citySources(city: City): { [id: string]: SourceSpecification } {
  const features = city.roads.map(({ nodes, kind, name, tunnel }) =>
    feature(
      { type: 'LineString', coordinates: nodes.map((node) => [...city.nodes[node]!]) },
      { kind, name: name ?? '', tunnel: tunnel === true },
    ),
  );
  const areas = city.areas.map(({ kind, ring }) =>
    feature({ type: 'Polygon', coordinates: [[...ring, ring[0]!].map((point) => [...point])] }, { kind }),
  );
  const labels = city.labels.map(({ kind, name, at }) =>
    feature({ type: 'Point', coordinates: [...at] }, { kind, name }),
  );
  return {
    city: { type: 'geojson', data: collection(features), attribution: city.attribution, tolerance: 0.2 },
    'city-areas': { type: 'geojson', data: collection([ground(city), ...areas]) },
    'city-labels': { type: 'geojson', data: collection(labels) },
  };
}

/** The city's layers, from the ground up. */
export function cityLayers(colours: Colours): LayerSpecification[] {
  const area = (kind: string, colour: string): LayerSpecification => ({
    id: `city-${kind}`,
    type: 'fill',
    source: 'city-areas',
    filter: ['==', ['get', 'kind'], kind],
    paint: { 'fill-color': colour },
  });
  return [
    area('ground', colours['map-land']),
    area('block', colours['map-block']),
    area('park', colours['map-park']),
    area('water', colours['map-water']),
    street('side', colours['map-street-edge'], 2.4, 11.7),
    street('main', colours['map-street-edge'], 2, 10),
    street('avenue', colours['map-street-edge'], 2, 8.5),
    street('side', colours['map-street'], 0, 11.7),
    street('main', colours['map-street'], 0, 10),
    street('avenue', colours['map-street'], 0, 8.5),
    {
      id: 'city-tunnel',
      type: 'line',
      source: 'city',
      filter: ['get', 'tunnel'],
      minzoom: 10,
      paint: { 'line-color': colours['map-street'], 'line-dasharray': [2, 1.5], 'line-width': width('main', 0) },
    },
    label('district', colours, { 'text-size': 13, 'text-letter-spacing': 0.02 }, 11, 15.5),
    label('park', colours, { 'text-size': 12, 'text-max-width': 7 }, 13),
    label('water', colours, { 'text-size': 12 }, 11.5),
    {
      id: 'city-street-names',
      type: 'symbol',
      source: 'city',
      minzoom: 13.5,
      filter: ['!=', ['get', 'name'], ''],
      layout: { 'text-field': ['get', 'name'], 'text-size': 11, 'symbol-placement': 'line', 'symbol-spacing': 420 },
      paint: text(colours),
    },
  ];
}

function street(kind: string, colour: string, more: number, minzoom: number): LayerSpecification {
  return {
    id: `city-${kind}${more > 0 ? '-edge' : ''}`,
    type: 'line',
    source: 'city',
    minzoom,
    filter: ['all', ['==', ['get', 'kind'], kind], ['!', ['get', 'tunnel']]],
    layout: { 'line-cap': 'round', 'line-join': 'round' },
    paint: { 'line-color': colour, 'line-width': width(kind, more) },
  };
}

/** Wider the nearer one is; `more` is the edge on both sides, pixels. */
function width(kind: string, more: number): ExpressionSpecification {
  const [far, town, near] = kind === 'avenue' ? [1, 3.6, 15] : kind === 'main' ? [0.6, 2.6, 11] : [0.3, 1, 6.5];
  return ['interpolate', ['exponential', 1.5], ['zoom'], 9, far!, 12.5, town! + more * 0.5, 16, near! + more];
}

const text = (colours: Colours) => ({
  'text-color': colours['map-label'],
  'text-halo-color': colours['map-land'],
  'text-halo-width': 1.4,
});

function label(
  kind: string,
  colours: Colours,
  layout: { [name: string]: number },
  minzoom: number,
  maxzoom = 24,
): LayerSpecification {
  return {
    id: `city-${kind}-names`,
    type: 'symbol',
    source: 'city-labels',
    minzoom,
    maxzoom,
    filter: ['==', ['get', 'kind'], kind],
    layout: { 'text-field': ['get', 'name'], ...layout },
    paint: text(colours),
  };
}

/** What the city stands on, whatever a coarse drawing of the coast says of the place. */
function ground(city: City): GeoJSON.Feature {
  const [lons, lats] = [city.nodes.map(([lon]) => lon), city.nodes.map(([, lat]) => lat)];
  const middle = (of: readonly number[]): number => (Math.min(...of) + Math.max(...of)) / 2;
  const half = (of: readonly number[]): number => ((Math.max(...of) - Math.min(...of)) / 2) * 1.6;
  const ring = Array.from({ length: 73 }, (_, i): Point => {
    const angle = (i / 72) * 2 * Math.PI;
    return [middle(lons) + half(lons) * Math.cos(angle), middle(lats) + half(lats) * Math.sin(angle)];
  });
  return feature({ type: 'Polygon', coordinates: [ring.map((point) => [...point])] }, { kind: 'ground' });
}

const feature = (geometry: GeoJSON.Geometry, properties: { [name: string]: unknown }): GeoJSON.Feature => ({
  type: 'Feature',
  geometry,
  properties,
});
const collection = (features: GeoJSON.Feature[]): GeoJSON.FeatureCollection => ({
  type: 'FeatureCollection',
  features,
});

import type { LayerSpecification, SourceSpecification } from 'maplibre-gl';
import { feature, mesh } from 'topojson-client';
import atlas from 'world-atlas/countries-50m.json';
import type { Colours } from '../colours.ts';

type Shapes = NonNullable<Parameters<typeof mesh>[1]>;
type Atlas = Parameters<typeof feature>[0] & { objects: { countries: Shapes; land: Shapes } };

/** Land and borders of the whole earth, from our own files: the map that is there without any setting. */
export function earthSources(): { [id: string]: SourceSpecification } {
  const world = atlas as unknown as Atlas;
  return {
    land: {
      type: 'geojson',
      data: feature(world, world.objects.land),
      attribution: 'Natural Earth',
      maxzoom: 8,
    },
    borders: {
      type: 'geojson',
      data: { type: 'Feature', properties: {}, geometry: mesh(world, world.objects.countries, (a, b) => a !== b) },
      maxzoom: 8,
    },
  };
}

export const earthLayers = (colours: Colours): LayerSpecification[] => [
  { id: 'sea', type: 'background', paint: { 'background-color': colours['map-water'] } },
  { id: 'land', type: 'fill', source: 'land', paint: { 'fill-color': colours['map-land'] } },
  {
    id: 'shore',
    type: 'line',
    source: 'land',
    maxzoom: 9,
    paint: { 'line-color': colours['map-border'], 'line-width': 0.6 },
  },
  {
    id: 'borders',
    type: 'line',
    source: 'borders',
    paint: { 'line-color': colours['map-border'], 'line-width': 1, 'line-dasharray': [3, 2] },
  },
];

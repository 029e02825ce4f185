import type { LayerSpecification } from 'maplibre-gl';
import type { Point } from '@opsboard/shared/geo/distance';
import type { Colours } from './colours.ts';
import type { MapRoute } from './marks.ts';

/** Ways as lines, with what they look like. */
export function routesAsLines(routes: readonly MapRoute[]): GeoJSON.FeatureCollection {
  const lines = (of: readonly (readonly Point[])[] | undefined, ahead: boolean, picked: boolean): GeoJSON.Feature[] =>
    (of ?? [])
      .filter((line) => line.length > 1)
      .map((line) => ({
        type: 'Feature',
        properties: { ahead, picked },
        geometry: { type: 'LineString', coordinates: line.map((point) => [...point]) },
      }));
  return {
    type: 'FeatureCollection',
    features: routes.flatMap(({ driven, ahead, picked = false }) => [
      ...lines(driven, false, picked),
      ...lines(ahead, true, picked),
    ]),
  };
}

/** Driven is a line, ahead is dots; the picked way is blue and above the others. */
export function routeLayers(colours: Colours): LayerSpecification[] {
  const layer = (ahead: boolean, picked: boolean): LayerSpecification => ({
    id: `routes-${ahead ? 'ahead' : 'driven'}${picked ? '-picked' : ''}`,
    type: 'line',
    source: 'routes',
    filter: ['all', ['==', ['get', 'ahead'], ahead], ['==', ['get', 'picked'], picked]],
    layout: { 'line-cap': 'round', 'line-join': 'round' },
    paint: {
      'line-color': picked ? colours.accent : colours.control,
      'line-width': picked ? 4.5 : 3,
      ...(ahead ? { 'line-dasharray': [0, 2] } : {}),
      ...(picked ? {} : { 'line-opacity': 0.8 }),
    },
  });
  return [layer(true, false), layer(false, false), layer(true, true), layer(false, true)];
}

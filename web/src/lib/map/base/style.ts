import type { StyleSpecification } from 'maplibre-gl';
import type { Colours } from '../colours.ts';
import type { Base } from './settings.ts';

/**
 * The style below the marks: the one that was set, by its address; else the organization's own tiles; else the earth
 * as our own files have it, with the demo's city where there is one. Only the first asks another host.
 */
export async function styleOf(base: Base, colours: Colours, dark: boolean): Promise<StyleSpecification | string> {
  if (base.style !== undefined) return base.style;
  if (base.tiles !== undefined) {
    const { tilesStyle } = await import('./tiles.ts');
    return tilesStyle(base.tiles, colours, dark);
  }
  const { earthSources, earthLayers } = await import('./earth.ts');
  const earth: StyleSpecification = { version: 8, sources: earthSources(), layers: earthLayers(colours) };
  if (!base.streets) return earth;
  const { citySources, cityLayers } = await import('./city.ts');
  return {
    ...earth,
    sources: { ...earth.sources, ...citySources(base.streets) },
    layers: [...earth.layers, ...cityLayers(colours)],
  };
}

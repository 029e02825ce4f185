import { layers, namedFlavor } from '@protomaps/basemaps';
import { addProtocol, type LayerSpecification, type StyleSpecification } from 'maplibre-gl';
import { PMTiles, Protocol } from 'pmtiles';
import type { Colours } from '../colours.ts';

const protocol = new Protocol({ metadata: true });
const files = new Map<string, PMTiles>();

/** A style for a PMTiles file in Protomaps' schema, in the colours of the page's theme. */
export async function tilesStyle(path: string, colours: Colours, dark: boolean): Promise<StyleSpecification> {
  const address = new URL(path, location.href).href;
  let file = files.get(address);
  if (!file) {
    file = new PMTiles(address);
    files.set(address, file);
    protocol.add(file);
    addProtocol('pmtiles', protocol.tile);
  }
  const flavor = {
    ...namedFlavor(dark ? 'dark' : 'light'),
    background: colours['map-water'],
    earth: colours['map-land'],
    water: colours['map-water'],
    park_a: colours['map-park'],
    park_b: colours['map-park'],
    wood_a: colours['map-park'],
    wood_b: colours['map-park'],
  };
  // A file may hold less than the schema has: what is not in it cannot be drawn.
  const { vector_layers: held = [] } = (await file.getMetadata()) as { vector_layers?: { id: string }[] };
  const known = new Set(held.map(({ id }) => id));
  const drawn = (layers('tiles', flavor, { lang: 'en' }) as LayerSpecification[]).filter(
    (layer) => !('source-layer' in layer) || known.has(String(layer['source-layer'])),
  );
  return {
    version: 8,
    sources: { tiles: { type: 'vector', url: `pmtiles://${address}` } },
    layers: drawn.flatMap(withoutPictures),
  };
}

/** Words are drawn with the page's own fonts; pictures would have to come from somewhere. */
function withoutPictures(layer: LayerSpecification): LayerSpecification[] {
  if (layer.type !== 'symbol') return [layer];
  const { layout = {} } = layer;
  if (layout['text-field'] === undefined) return [];
  return [
    {
      ...layer,
      layout: Object.fromEntries(Object.entries(layout).filter(([name]) => !name.startsWith('icon-'))),
    } as LayerSpecification,
  ];
}

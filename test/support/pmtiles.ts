import { gzipSync } from 'node:zlib';

/** A feature of a vector tile, in the tile's own units (4096 from edge to edge). */
export type TileShape = {
  layer: string;
  properties: { [name: string]: string };
  /** Corners of a surface, clockwise on the screen; the last one is joined to the first. */
  ring: readonly (readonly [x: number, y: number])[];
};

/** A PMTiles file (version 3) with the given vector tiles, as a person's own map would be. */
export function pmtiles(
  tiles: readonly { z: number; x: number; y: number; shapes: readonly TileShape[] }[],
  attribution: string,
): Buffer {
  const entries = tiles
    .map(({ z, x, y, shapes }) => ({ id: numberOfTile(z, x, y), bytes: gzipSync(tile(shapes)) }))
    .toSorted((a, b) => a.id - b.id);
  const directory = gzipSync(
    Buffer.concat([
      varint(entries.length),
      ...entries.map(({ id }, i) => varint(id - (entries[i - 1]?.id ?? 0))),
      ...entries.map(() => varint(1)),
      ...entries.map(({ bytes }) => varint(bytes.length)),
      // One after the other, without gaps.
      ...entries.map((_, i) => varint(i === 0 ? 1 : 0)),
    ]),
  );
  const layers = [...new Set(tiles.flatMap(({ shapes }) => shapes.map((shape) => shape.layer)))];
  const metadata = gzipSync(
    JSON.stringify({ name: 'test', attribution, vector_layers: layers.map((id) => ({ id, fields: {} })) }),
  );
  const data = Buffer.concat(entries.map(({ bytes }) => bytes));
  const head = Buffer.alloc(127);
  head.write('PMTiles', 'latin1');
  head[7] = 3;
  const numbers = [
    head.length,
    directory.length,
    head.length + directory.length,
    metadata.length,
    head.length + directory.length + metadata.length,
    0,
    head.length + directory.length + metadata.length,
    data.length,
    entries.length,
    entries.length,
    entries.length,
  ];
  numbers.forEach((number, i) => head.writeBigUInt64LE(BigInt(number), 8 + 8 * i));
  const zooms = tiles.map(({ z }) => z);
  // Clustered; directories and tiles are gzip; vector tiles; zooms.
  head.set([1, 2, 2, 1, Math.min(...zooms), Math.max(...zooms)], 96);
  [-180, -85, 180, 85].forEach((degrees, i) => head.writeInt32LE(degrees * 1e7, 102 + 4 * i));
  return Buffer.concat([head, directory, metadata, data]);
}

/** A tile's number: those of all farther zooms come first, then along Hilbert's curve. */
function numberOfTile(z: number, x: number, y: number): number {
  let number = (4 ** z - 1) / 3;
  let [across, down] = [x, y];
  for (let side = 2 ** (z - 1); side >= 1; side /= 2) {
    const [right, low] = [Math.floor(across / side) % 2, Math.floor(down / side) % 2];
    number += side * side * ((3 * right) ^ low);
    if (low === 0) {
      if (right === 1) [across, down] = [side - 1 - (across % side), side - 1 - (down % side)];
      [across, down] = [down, across];
    }
  }
  return number;
}

function tile(shapes: readonly TileShape[]): Buffer {
  const layers = new Map<string, TileShape[]>();
  for (const shape of shapes) layers.set(shape.layer, [...(layers.get(shape.layer) ?? []), shape]);
  return Buffer.concat([...layers].map(([name, of]) => field(3, layer(name, of))));
}

function layer(name: string, shapes: readonly TileShape[]): Buffer {
  const keys: string[] = [];
  const values: string[] = [];
  const numberOf = (list: string[], word: string): number =>
    list.includes(word) ? list.indexOf(word) : list.push(word) - 1;
  const features = shapes.map(({ properties, ring }) => {
    const tags = Object.entries(properties).flatMap(([key, value]) => [numberOf(keys, key), numberOf(values, value)]);
    return Buffer.concat([
      field(2, Buffer.concat(tags.map(varint))),
      // A surface.
      Buffer.concat([varint((3 << 3) | 0), varint(3)]),
      field(4, geometry(ring)),
    ]);
  });
  return Buffer.concat([
    Buffer.concat([varint((15 << 3) | 0), varint(2)]),
    field(1, Buffer.from(name)),
    ...features.map((feature) => field(2, feature)),
    ...keys.map((key) => field(3, Buffer.from(key))),
    ...values.map((value) => field(4, field(1, Buffer.from(value)))),
    Buffer.concat([varint((5 << 3) | 0), varint(4_096)]),
  ]);
}

/** Move to the first corner, lines to the others, close. */
function geometry(ring: TileShape['ring']): Buffer {
  let [x, y] = [0, 0];
  const step = ([toX, toY]: readonly [number, number]): Buffer => {
    const bytes = Buffer.concat([zigzag(toX - x), zigzag(toY - y)]);
    [x, y] = [toX, toY];
    return bytes;
  };
  const [first, ...rest] = ring;
  return Buffer.concat([
    varint((1 << 3) | 1),
    step(first!),
    varint((rest.length << 3) | 2),
    ...rest.map(step),
    varint((1 << 3) | 7),
  ]);
}

const zigzag = (number: number): Buffer => varint(number < 0 ? -2 * number - 1 : 2 * number);
const field = (number: number, bytes: Buffer): Buffer =>
  Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes]);

function varint(number: number): Buffer {
  const bytes: number[] = [];
  for (let rest = number; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) | 128);
  }
}

import type { Picture } from './image.ts';

const text = (bytes: Buffer, at: number, length: number): string => bytes.toString('latin1', at, at + length);

/**
 * A picture without what was written into it besides the picture: where and when it was taken, by which device, texts,
 * previews, and whatever hangs on behind its end. Its pixels are not touched. Undefined: it is damaged.
 */
export function withoutMetadata(bytes: Buffer, type: Picture['type']): Buffer | undefined {
  switch (type) {
    case 'image/jpeg':
      return jpeg(bytes);
    case 'image/png':
      return png(bytes);
    case 'image/webp':
      return webp(bytes);
  }
}

/** Of an application's data only what drawing needs: the file's own head, the colour profile, how colours are stored. */
function isDrawn(bytes: Buffer, marker: number, at: number): boolean {
  // Data of applications is APP0 to APP15; COM is a comment.
  if (marker === 0xfe) return false;
  if (marker < 0xe0 || marker > 0xef) return true;
  if (marker === 0xe0) return text(bytes, at + 4, 5) === 'JFIF\0';
  if (marker === 0xe2) return text(bytes, at + 4, 12) === 'ICC_PROFILE\0';
  return marker === 0xee && text(bytes, at + 4, 5) === 'Adobe';
}

function jpeg(bytes: Buffer): Buffer | undefined {
  const kept: Buffer[] = [bytes.subarray(0, 2)];
  for (let at = 2; at + 1 < bytes.length;) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    // The end: what follows is another picture, a film, or worse.
    if (marker === 0xd9) return Buffer.concat([...kept, bytes.subarray(at, at + 2)]);
    if (at + 4 > bytes.length) return undefined;
    const end = at + 2 + bytes.readUInt16BE(at + 2);
    if (end > bytes.length || end < at + 4) return undefined;
    const drawnTo = marker === 0xda ? scanEnd(bytes, end) : end;
    if (isDrawn(bytes, marker, at)) kept.push(bytes.subarray(at, drawnTo));
    at = drawnTo;
  }
  return undefined;
}

/** Where the packed pixels end: at the next marker that is neither a filler nor a restart. */
function scanEnd(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at !== -1 && at + 1 < bytes.length; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1]!;
    if (next !== 0x00 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return at;
  }
  return bytes.length;
}

/** The chunks that say how a PNG is drawn. */
const drawnChunks: ReadonlySet<string> = new Set([
  ...['IHDR', 'PLTE', 'IDAT', 'IEND'],
  ...['tRNS', 'gAMA', 'cHRM', 'sRGB', 'iCCP', 'sBIT', 'bKGD', 'pHYs'],
]);

function png(bytes: Buffer): Buffer | undefined {
  const kept: Buffer[] = [bytes.subarray(0, 8)];
  for (let at = 8; at + 12 <= bytes.length;) {
    const end = at + 12 + bytes.readUInt32BE(at);
    if (end > bytes.length) return undefined;
    const name = text(bytes, at + 4, 4);
    if (drawnChunks.has(name)) kept.push(bytes.subarray(at, end));
    if (name === 'IEND') return Buffer.concat(kept);
    at = end;
  }
  return undefined;
}

const drawnParts: ReadonlySet<string> = new Set(['VP8 ', 'VP8L', 'VP8X', 'ALPH', 'ICCP', 'ANIM', 'ANMF']);
/** The bits of the head that promise metadata. */
const [exifBit, xmpBit] = [0x08, 0x04];

function webp(bytes: Buffer): Buffer | undefined {
  const end = Math.min(bytes.length, 8 + bytes.readUInt32LE(4));
  const kept: Buffer[] = [];
  for (let at = 12; at + 8 <= end;) {
    const size = bytes.readUInt32LE(at + 4);
    if (at + 8 + size > end) return undefined;
    const name = text(bytes, at, 4);
    if (drawnParts.has(name)) {
      const part = Buffer.alloc(8 + size + (size % 2));
      bytes.copy(part, 0, at, at + 8 + size);
      if (name === 'VP8X') part[8] = part[8]! & ~(exifBit | xmpBit);
      kept.push(part);
    }
    at += 8 + size + (size % 2);
  }
  if (kept.length === 0) return undefined;
  const head = Buffer.from('RIFF\0\0\0\0WEBP', 'latin1');
  head.writeUInt32LE(4 + kept.reduce((sum, { length }) => sum + length, 0), 4);
  return Buffer.concat([head, ...kept]);
}

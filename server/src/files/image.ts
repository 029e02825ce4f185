import { inflate } from 'node:zlib';

/** A picture, known by its bytes: whatever its name or sender says counts for nothing. */
export type Picture = { type: 'image/png' | 'image/jpeg' | 'image/webp'; width: number; height: number };

/** Largest side of a picture, pixels: a few bytes can claim more than any machine can draw. */
export const largestSide = 4096;

const startsWith = (bytes: Buffer, at: number, text: string): boolean =>
  bytes.toString('latin1', at, at + text.length) === text;

/**
 * What a picture is, or a sentence about why it is not taken. It is not drawn here; only what its own head says of type
 * and size is read.
 */
export function pictureOf(bytes: Buffer): Picture | string {
  const found = png(bytes) ?? jpeg(bytes) ?? webp(bytes);
  if (!found) {
    return /<svg[\s>]/i.test(bytes.toString('latin1', 0, 1024))
      ? 'SVG is not taken: such a file can carry scripts. Save the logo as PNG.'
      : 'This is not a PNG, JPEG or WebP picture. Save the logo as PNG.';
  }
  const { width, height } = found;
  if (width < 1 || height < 1) return 'This picture is damaged. Save it again as PNG.';
  if (width > largestSide || height > largestSide)
    return `This picture is ${width} × ${height} pixels; ${largestSide} on a side are the most. Make it smaller.`;
  return found;
}

function png(bytes: Buffer): Picture | undefined {
  if (!startsWith(bytes, 0, '\x89PNG\r\n\x1a\n') || !startsWith(bytes, 12, 'IHDR') || bytes.length < 33)
    return undefined;
  return { type: 'image/png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

function jpeg(bytes: Buffer): Picture | undefined {
  if (bytes.length < 4 || bytes[0] !== 0xff || bytes[1] !== 0xd8) return undefined;
  for (let at = 2; at + 9 < bytes.length;) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1]!;
    // A frame's head; the numbers between them are tables.
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))
      return { type: 'image/jpeg', width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) };
    // Bytes that fill up, and markers that stand alone.
    if (marker === 0xff) at += 1;
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2;
    else at += 2 + bytes.readUInt16BE(at + 2);
  }
  return undefined;
}

function webp(bytes: Buffer): Picture | undefined {
  if (!startsWith(bytes, 0, 'RIFF') || !startsWith(bytes, 8, 'WEBPVP8') || bytes.length < 30) return undefined;
  const type = 'image/webp';
  switch (bytes.toString('latin1', 15, 16)) {
    case ' ':
      return { type, width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
    case 'L': {
      const bits = bytes.readUInt32LE(21);
      return { type, width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case 'X':
      return { type, width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
    default:
      return undefined;
  }
}

/**
 * Whether a PNG holds what its head promises: its pixels are unpacked once, up to the size they may have. Half a
 * megabyte can otherwise unpack to half a gigabyte in whatever draws it later.
 */
export async function isSoundPng(bytes: Buffer): Promise<boolean> {
  const [width, height, depth, colour] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20), bytes[24]!, bytes[25]!];
  const channels = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }[colour];
  if (channels === undefined) return false;
  const data: Buffer[] = [];
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = bytes.readUInt32BE(at);
    if (at + 12 + length > bytes.length) return false;
    if (startsWith(bytes, at + 4, 'IDAT')) data.push(bytes.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  const row = Math.ceil((width * channels * depth) / 8) + 1;
  // Interlaced, each of seven passes has rows of its own.
  const most = row * height + 14 * (height + 8);
  return new Promise((resolve) => {
    inflate(Buffer.concat(data), { maxOutputLength: most }, (error, pixels) => resolve(!error && pixels.length > 0));
  });
}

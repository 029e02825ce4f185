import { describe, expect, it } from 'vitest';
import { jpegPicture, pngPicture, webpPicture } from '../../../test/support/pictures.ts';
import { pictureOf } from './image.ts';
import { withoutMetadata } from './strip.ts';

const secret = 'GPS 52.5200 N 13.4050 E';
const latin = (text: string): Buffer => Buffer.from(text, 'latin1');

/** A part of a JPEG, as cameras and programs add them. */
function segment(marker: number, content: string): Buffer {
  const data = latin(content);
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(data.length + 2, 2);
  return Buffer.concat([head, data]);
}
/** A chunk of a PNG; nobody reads its sum here. */
function chunk(name: string, content: string): Buffer {
  const data = latin(content);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(data.length);
  return Buffer.concat([size, latin(name), data, Buffer.alloc(4)]);
}
function riffPart(name: string, content: string): Buffer {
  const data = latin(content);
  const head = Buffer.alloc(8);
  head.write(name, 'latin1');
  head.writeUInt32LE(data.length, 4);
  return Buffer.concat([head, data, Buffer.alloc(data.length % 2)]);
}

const behindHead = 20;
const withSegments = (...segments: Buffer[]): Buffer =>
  Buffer.concat([jpegPicture.subarray(0, behindHead), ...segments, jpegPicture.subarray(behindHead)]);
const iend = pngPicture.length - 12;
const withChunks = (...chunks: Buffer[]): Buffer =>
  Buffer.concat([pngPicture.subarray(0, iend), ...chunks, pngPicture.subarray(iend)]);
function withParts(...parts: Buffer[]): Buffer {
  const bytes = Buffer.concat([webpPicture, ...parts]);
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes[20] = bytes[20]! | 0x0c;
  return bytes;
}

describe('a picture without what was written into it besides', () => {
  it.each([
    ['JPEG: Exif with the place', 'image/jpeg', withSegments(segment(0xe1, `Exif\0\0${secret}`)), jpegPicture],
    ['JPEG: XMP', 'image/jpeg', withSegments(segment(0xe1, `http://ns.adobe.com/xap/1.0/\0${secret}`)), jpegPicture],
    ['JPEG: captions', 'image/jpeg', withSegments(segment(0xed, `Photoshop 3.0\0${secret}`)), jpegPicture],
    ['JPEG: a comment', 'image/jpeg', withSegments(segment(0xfe, secret)), jpegPicture],
    ['JPEG: where more pictures are', 'image/jpeg', withSegments(segment(0xe2, `MPF\0${secret}`)), jpegPicture],
    [
      'JPEG: a second picture behind',
      'image/jpeg',
      Buffer.concat([jpegPicture, withSegments(segment(0xe1, secret))]),
      jpegPicture,
    ],
    [
      'PNG: texts',
      'image/png',
      withChunks(chunk('tEXt', secret), chunk('zTXt', secret), chunk('iTXt', secret)),
      pngPicture,
    ],
    ['PNG: Exif and the time', 'image/png', withChunks(chunk('eXIf', secret), chunk('tIME', secret)), pngPicture],
    ['PNG: something behind', 'image/png', Buffer.concat([pngPicture, latin(secret)]), pngPicture],
    [
      'WebP: Exif and XMP',
      'image/webp',
      withParts(riffPart('EXIF', secret), riffPart('XMP ', `${secret}!`)),
      webpPicture,
    ],
    ['WebP: something of its own', 'image/webp', withParts(riffPart('NOTE', secret)), webpPicture],
    ['WebP: something behind', 'image/webp', Buffer.concat([webpPicture, latin(secret)]), webpPicture],
  ] as const)('%s', (_what, type, bytes, expected) => {
    expect(bytes.includes(secret)).toBe(true);
    const bare = withoutMetadata(bytes, type)!;
    expect(bare.includes(secret)).toBe(false);
    expect(bare.equals(expected)).toBe(true);
  });

  it.each([
    ['image/jpeg', jpegPicture],
    ['image/png', pngPicture],
    ['image/webp', webpPicture],
  ] as const)('%s: one that has nothing besides stays as it is, to the byte', (type, bytes) => {
    expect(withoutMetadata(bytes, type)!.equals(bytes)).toBe(true);
    expect(pictureOf(bytes)).toEqual({ type, width: 12, height: 8 });
  });

  it('the end of a picture is not taken for the end inside its pixels', () => {
    // Restart markers and stuffed bytes belong to the pixels.
    const scan = jpegPicture.lastIndexOf(Buffer.from([0xff, 0xda]));
    const pixels = scan + 2 + jpegPicture.readUInt16BE(scan + 2);
    const more = Buffer.from([0xff, 0x00, 0xff, 0xd0, 0xff, 0x00]);
    const bytes = Buffer.concat([jpegPicture.subarray(0, pixels), more, jpegPicture.subarray(pixels)]);
    expect(withoutMetadata(bytes, 'image/jpeg')!.equals(bytes)).toBe(true);
  });

  it.each([
    ['image/jpeg', jpegPicture],
    ['image/png', pngPicture],
    ['image/webp', webpPicture],
  ] as const)('%s: cut short anywhere it is damaged, or at most shorter', (type, bytes) => {
    for (let length = 30; length < bytes.length; length++) {
      const bare = withoutMetadata(bytes.subarray(0, length), type);
      if (bare) expect(bare.length).toBeLessThanOrEqual(length + 1);
    }
    expect(withoutMetadata(bytes.subarray(0, bytes.length - 20), type)).toBeUndefined();
  });
});

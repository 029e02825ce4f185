import { describe, expect, it } from 'vitest';
import { pngOf as png } from '../../../test/support/png.ts';
import { isSoundPng, largestSide, pictureOf } from './image.ts';

const latin = (text: string): Buffer => Buffer.from(text, 'latin1');

/** The head of a JPEG: an application's data, then the frame. */
const jpeg = (width: number, height: number): Buffer =>
  Buffer.from([
    ...[0xff, 0xd8, 0xff, 0xe0, 0, 16, ...latin('JFIF\0'), 1, 1, 0, 0, 1, 0, 1, 0, 0],
    ...[0xff, 0xff, 0xc4, 0, 3, 0, 0xff, 0xc0, 0, 17, 8, height >> 8, height & 255, width >> 8, width & 255, 3],
    ...[1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1],
  ]);

function webp(kind: ' ' | 'L' | 'X', width: number, height: number): Buffer {
  const bytes = Buffer.alloc(40);
  bytes.write(`RIFF\x20\0\0\0WEBPVP8${kind}`, 'latin1');
  if (kind === ' ') {
    bytes.writeUInt16LE(width, 26);
    bytes.writeUInt16LE(height, 28);
  } else if (kind === 'L') {
    bytes[20] = 0x2f;
    bytes.writeUInt32LE(((width - 1) | ((height - 1) << 14)) >>> 0, 21);
  } else {
    bytes.writeUIntLE(width - 1, 24, 3);
    bytes.writeUIntLE(height - 1, 27, 3);
  }
  return bytes;
}

describe('what a picture is, by its bytes', () => {
  it.each([
    ['PNG', png(3, 2), { type: 'image/png', width: 3, height: 2 }],
    ['JPEG, past other parts', jpeg(640, 300), { type: 'image/jpeg', width: 640, height: 300 }],
    ['WebP', webp(' ', 320, 200), { type: 'image/webp', width: 320, height: 200 }],
    ['WebP without loss', webp('L', 4000, 3999), { type: 'image/webp', width: 4000, height: 3999 }],
    ['WebP with more in it', webp('X', 257, 129), { type: 'image/webp', width: 257, height: 129 }],
  ])('%s', (_what, bytes, expected) => expect(pictureOf(bytes)).toEqual(expected));

  it.each([
    [
      'SVG',
      latin('<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'),
      /^SVG is not taken/,
    ],
    ['a page', latin('<!doctype html><script>alert(1)</script>'), /^This is not a PNG/],
    ['nothing', Buffer.alloc(0), /^This is not a PNG/],
    ['a PNG cut short', png(3, 2).subarray(0, 20), /^This is not a PNG/],
    ['a JPEG cut short', jpeg(3, 2).subarray(0, 22), /^This is not a PNG/],
    ['a GIF', latin('GIF89a\x01\0\x01\0'), /^This is not a PNG/],
    ['without a side', png(0, 2), /damaged/],
    ['too large to draw', webp('X', largestSide + 1, 1), /4097 × 1 pixels; 4096 on a side/],
  ])('refuses %s', (_what, bytes, expected) => expect(pictureOf(bytes)).toMatch(expected));
});

it.each([
  ['as its head says', png(30, 20), true],
  ['with a million times the pixels', png(1, 1, Buffer.alloc(100_000_000)), false],
  ['cut short', png(30, 20).subarray(0, 50), false],
  ['with pixels that are none', Buffer.concat([png(30, 20).subarray(0, 41), Buffer.alloc(60, 7)]), false],
])('a PNG %s', async (_what, bytes, sound) => expect(await isSoundPng(bytes)).toBe(sound));

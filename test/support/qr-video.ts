import { writeFileSync } from 'node:fs';
import { encode } from 'uqr';

/**
 * Writes a video for Chromium's fake camera: codes shown one after the other, over and over.
 *
 * @param file ends in `.y4m`: uncompressed pictures, which need no encoder
 * @param codes each is in the picture for a second, then comes an empty one
 */
export function writeQrVideo(file: string, codes: readonly string[]): void {
  const [width, height, rate] = [640, 480, 5];
  const shown = [...codes, undefined].flatMap((code) => Array.from({ length: rate }, () => code));
  const pictures = new Map<string | undefined, Buffer>();
  for (const code of new Set(shown)) pictures.set(code, picture(code, width, height));
  const header = Buffer.from(`YUV4MPEG2 W${width} H${height} F${rate}:1 Ip A1:1 C420jpeg\n`);
  writeFileSync(
    file,
    Buffer.concat([header, ...shown.flatMap((code) => [Buffer.from('FRAME\n'), pictures.get(code)!])]),
  );
}

/** A code in the middle of a white picture, as its brightness followed by no colour at all. */
function picture(code: string | undefined, width: number, height: number): Buffer {
  const brightness = Buffer.alloc(width * height, 235);
  if (code !== undefined) {
    const { size, data } = encode(code, { ecc: 'M', border: 0 });
    const module = Math.floor((height * 0.6) / size);
    const [left, top] = [Math.floor((width - size * module) / 2), Math.floor((height - size * module) / 2)];
    for (let y = 0; y < size * module; y++) {
      for (let x = 0; x < size * module; x++) {
        if (data[Math.floor(y / module)]![Math.floor(x / module)]) brightness[(top + y) * width + left + x] = 16;
      }
    }
  }
  return Buffer.concat([brightness, Buffer.alloc((width * height) / 2, 128)]);
}

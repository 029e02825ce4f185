/** The longest side of a picture that is kept as proof, pixels: a label can still be read. */
const longestSide = 1_600;
/** The most that a picture may weigh, bytes. */
export const mostBytes = 512 * 1024;

/** A picture that can be drawn: a file of the phone's, or what a camera shows. */
export type Drawable = ImageBitmap | HTMLVideoElement | HTMLCanvasElement;

const sizeOf = (from: Drawable): [number, number] =>
  from instanceof HTMLVideoElement ? [from.videoWidth, from.videoHeight] : [from.width, from.height];

/**
 * Draws a picture anew, small enough to be sent over a bad line. What its file said besides (where and with what it was
 * taken) is gone with that.
 *
 * @throws {Error} when the browser cannot draw or encode it
 */
export async function smallPicture(from: Drawable): Promise<Blob> {
  const [width, height] = sizeOf(from);
  let scale = Math.min(1, longestSide / Math.max(width, height, 1));
  // Each round is smaller: at the third even a picture of noise is small enough.
  for (let round = 0; round < 6; round++, scale *= 0.75) {
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
    const pen = canvas.getContext('2d');
    if (!pen) break;
    pen.drawImage(from, 0, 0, canvas.width, canvas.height);
    for (const quality of [0.82, 0.65]) {
      const blob = await encoded(canvas, 'image/jpeg', quality);
      if (blob.size <= mostBytes) return blob;
    }
  }
  throw new Error('The picture could not be made small enough.');
}

/** Reads a picture from a file. @throws {Error} when it is none that this browser knows */
export const pictureFrom = (file: Blob): Promise<ImageBitmap> =>
  // Phones keep their pictures lying down and note which way is up: that note would be lost.
  createImageBitmap(file, { imageOrientation: 'from-image' });

/** What is on a canvas, as a file. @throws {Error} when the browser cannot */
export function encoded(canvas: HTMLCanvasElement, type: 'image/jpeg' | 'image/png', quality?: number): Promise<Blob> {
  return new Promise((resolve, reject) =>
    canvas.toBlob(
      (blob) => (blob?.type === type ? resolve(blob) : reject(new Error('The browser could not make the picture.'))),
      type,
      quality,
    ),
  );
}

/** What can look for codes in a picture. */
export type Detector = {
  /** The codes in a video's present picture, as texts. */
  read(video: HTMLVideoElement): Promise<string[]>;
};

type Found = { rawValue: string };
type Native = {
  new (options: { formats: string[] }): { detect(source: HTMLVideoElement): Promise<Found[]> };
  getSupportedFormats(): Promise<string[]>;
};

/**
 * Only what parts and batches are labelled with. The bars of boxes and parcels are numbers, too: a camera that sweeps
 * over a bench would take them for parts.
 */
const formats = ['qr_code', 'data_matrix'] as const;

/**
 * The browser's own detector, or the one we bring along where there is none (a megabyte, fetched from our own server
 * when a camera is first opened).
 *
 * @throws {Error} when that cannot be fetched
 */
export async function openDetector(): Promise<Detector> {
  const native = await nativeDetector();
  if (native) return native;
  const [{ BarcodeDetector, prepareZXingModule }, { default: wasm }] = await Promise.all([
    import('barcode-detector/ponyfill'),
    import('zxing-wasm/reader/zxing_reader.wasm?url'),
  ]);
  // Left to itself it would ask a public server for the file.
  await prepareZXingModule({ overrides: { locateFile: () => wasm }, fireImmediately: true });
  const detector = new BarcodeDetector({ formats: [...formats] });
  return { read: async (video) => textsOf(await detector.detect(video)) };
}

async function nativeDetector(): Promise<Detector | undefined> {
  const Native = (globalThis as { BarcodeDetector?: Native }).BarcodeDetector;
  if (!Native) return undefined;
  try {
    const supported = await Native.getSupportedFormats();
    const wanted = formats.filter((format) => supported.includes(format));
    // Some browsers have the class, but no reader behind it on this machine.
    if (!wanted.includes('qr_code')) return undefined;
    const detector = new Native({ formats: wanted });
    return { read: async (video) => textsOf(await detector.detect(video)) };
  } catch {
    return undefined;
  }
}

const textsOf = (found: readonly Found[]): string[] =>
  found.map(({ rawValue }) => rawValue).filter((text) => text !== '');

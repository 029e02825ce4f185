/** Browsers by what they write about themselves; the first that fits, because they all claim to be the later ones. */
const browsers: readonly (readonly [RegExp, string])[] = [
  [/\bEdgA?(?:iOS)?\//, 'Edge'],
  [/\bOPR\/|\bOpera/, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bCriOS\/|\bChrom(?:e|ium)\/|HeadlessChrome\//, 'Chrome'],
  [/\bVersion\/[\d.]+.*Safari\//, 'Safari'],
];
const systems: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'a Mac'],
  [/\bLinux\b|\bX11\b/, 'Linux'],
];

/** A device in words, from what its browser wrote about itself: `Chrome on Windows`. */
export function deviceWords(description: string | undefined): string {
  if (!description) return 'An unknown device';
  const [browser, system] = [browsers, systems].map((list) => list.find(([sign]) => sign.test(description))?.[1]);
  if (browser && system) return `${browser} on ${system}`;
  if (browser ?? system) return browser ?? `A browser on ${system}`;
  // A program: the name that it gives itself, as `curl/8.5.0`.
  return /^([\w.-]{1,40})\/[\d.]+/.exec(description)?.[1] ?? 'An unknown device';
}

/** Whether it is held in the hand: the icon beside the words. */
export const isHandheld = (description: string | undefined): boolean =>
  /\b(iPhone|iPad|Android|Mobile)\b/.test(description ?? '');

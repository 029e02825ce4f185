import type { IncomingHttpHeaders } from 'node:http';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { wireError } from '@opsboard/shared/protocol/errors';

/**
 * Whether a request that may change something comes from our own pages, or from no page at all. Browsers name the page's
 * origin on every such request and on every WebSocket; programs name none and hold no cookies of ours but those that
 * they were given on purpose.
 *
 * - With `Origin`: it must be PUBLIC_URL's, or have the very host that was asked.
 * - Without `Origin`: a browser's own mark (`Sec-Fetch-Site`) must say that the request is our page's or typed by hand.
 *
 * @param publicUrl the origin that people type, where it is set
 * @returns the refusal, or undefined when the request may go on
 */
export function originRefusal(headers: IncomingHttpHeaders, publicUrl: string | undefined): WireError | undefined {
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  if (origin === undefined)
    return site === undefined || site === 'same-origin' || site === 'none' ? undefined : refusal();
  if (publicUrl !== undefined && origin === publicUrl) return undefined;
  // The public host over another scheme is not our page: somebody sits in between.
  if (publicUrl !== undefined && URL.canParse(origin) && new URL(origin).hostname === new URL(publicUrl).hostname)
    return refusal();
  return URL.canParse(origin) && host !== undefined && sameHost(new URL(origin), host) ? undefined : refusal();
}

function sameHost(origin: URL, host: string): boolean {
  if (origin.protocol !== 'http:' && origin.protocol !== 'https:') return false;
  const asked = `${origin.protocol}//${host}`;
  // Through URL, so that letter case and a default port do not matter.
  return URL.canParse(asked) && new URL(asked).host === origin.host;
}

const refusal = (): WireError =>
  wireError(
    'wrong_origin',
    'This request came from another site and was not carried out. Open the board itself and try again.',
  );

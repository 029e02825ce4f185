import type { RequestHandler } from 'express';
import helmet from 'helmet';

/**
 * Security headers of every answer. Scripts come from our files only, and from the page's own start script by its hash;
 * nobody may put the board into a frame.
 *
 * @param scriptHashes sources for inline scripts of the built page
 * @param publicUrl the origin that people type, where it is set; https there makes browsers stay on it
 * @param mapHosts origins that maps are drawn from, besides our own: none unless the settings name them
 */
export function securityHeaders(
  scriptHashes: readonly string[],
  publicUrl: string | undefined,
  mapHosts: readonly string[] = [],
): RequestHandler {
  const secure = publicUrl?.startsWith('https:') ?? false;
  // 'self' means the socket too, but older Safari wants to read it.
  const socket = publicUrl === undefined ? [] : [publicUrl.replace(/^http/, 'ws')];
  const guard = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        // WebAssembly: the reader of codes for cameras. It does not allow eval of text.
        scriptSrc: ["'self'", "'wasm-unsafe-eval'", ...scriptHashes],
        styleSrc: ["'self'"],
        // Measured sizes (a bar's fill, a row's place) are style attributes; never text from outside.
        styleSrcAttr: ["'unsafe-inline'"],
        imgSrc: ["'self'", 'data:', ...mapHosts],
        fontSrc: ["'self'"],
        connectSrc: ["'self'", ...socket, ...mapHosts],
        workerSrc: ["'self'"],
        manifestSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        ...(secure ? { upgradeInsecureRequests: [] } : {}),
      },
    },
    strictTransportSecurity: secure ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    // Browsers complain about these on pages that came over plain http from another machine.
    crossOriginOpenerPolicy: secure,
    originAgentCluster: secure,
    referrerPolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
  });
  return (request, response, next) => {
    // The camera reads codes, the position is a driver's: for our own pages, and for nothing that they might embed.
    response.setHeader('Permissions-Policy', 'camera=(self), geolocation=(self), microphone=()');
    guard(request, response, next);
  };
}

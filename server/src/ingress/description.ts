import type { Endpoint } from './endpoint.ts';
import { endpoint } from './endpoint.ts';
import { docsPage, docsPolicy } from './docs-page.ts';
import { openApi } from './openapi.ts';

/**
 * The registry with its own description added: the document for programs and the page for people. Both are made once,
 * when they are first asked for.
 */
export function described(endpoints: readonly Endpoint[], release: string): Endpoint[] {
  const once = <T>(make: () => T): (() => T) => {
    let made: { value: T } | undefined;
    return () => (made ??= { value: make() }).value;
  };
  const all: Endpoint[] = [
    ...endpoints,
    endpoint({
      method: 'get',
      path: '/api/openapi.json',
      tag: 'Description',
      summary: 'Read this description (OpenAPI 3.1)',
      access: 'anyone',
      answer: { status: 200, description: 'The OpenAPI document.', type: 'application/json' },
      respond: (_req, res) => {
        res.setHeader('Cache-Control', 'no-cache');
        res.type('application/json').send(text());
      },
    }),
    endpoint({
      method: 'get',
      path: '/api/docs',
      tag: 'Description',
      summary: 'Read this description as a page',
      access: 'anyone',
      answer: { status: 200, description: 'A page without scripts.', type: 'text/html' },
      respond: (_req, res) => {
        res.setHeader('Cache-Control', 'no-cache');
        res.setHeader('Content-Security-Policy', docsPolicy);
        res.type('text/html').send(page());
      },
    }),
  ];
  const document = once(() => openApi(all, release));
  const text = once(() => JSON.stringify(document()));
  const page = once(() => docsPage(document()));
  return all;
}

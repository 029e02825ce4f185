import { createHash } from 'node:crypto';

type Json = { [key: string]: unknown };
type Operation = {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  security: unknown[];
  parameters?: { name: string; in: string; required: boolean; description?: string; schema: Json }[];
  requestBody?: { content: { [type: string]: { schema?: Json } } };
  responses: { [status: string]: { description: string; content?: { [type: string]: { schema?: Json } } } };
  'x-roles'?: string[];
};

const style = `
:root { color-scheme: light dark; --line: #8884; --soft: #8881; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem 1rem 6rem; font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.75rem; margin: 0 0 .5rem; } h2 { margin: 2.5rem 0 .5rem; font-size: 1.25rem; } h3 { font-size: 1rem; margin: 1rem 0 .25rem; }
code, pre { font: 14px/1.45 ui-monospace, monospace; } pre { overflow-x: auto; background: var(--soft); padding: .75rem; border-radius: 8px; margin: .25rem 0 1rem; }
details { border: 1px solid var(--line); border-radius: 8px; margin: .5rem 0; } details > div { padding: 0 1rem 1rem; }
summary { padding: .6rem 1rem; cursor: pointer; } summary:focus-visible, a:focus-visible { outline: 3px solid #4c8dff; outline-offset: 1px; }
.method { display: inline-block; min-width: 5rem; font-weight: 700; } .who { opacity: .75; font-size: .875rem; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; } td, th { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); }
`;

/** The policy under which the page works: no script at all, and no style but its own. */
export const docsPolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign]!);
/** Text with `code` in backticks. */
const prose = (text: string): string => escaped(text).replace(/`([^`]+)`/g, '<code>$1</code>');
const code = (value: unknown): string => `<pre tabindex="0">${escaped(JSON.stringify(value, null, 2))}</pre>`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  `<div class="scroll" tabindex="0"><table><thead><tr>${head.map((cell) => `<th scope="col">${cell}</th>`).join('')}</tr></thead>` +
  `<tbody>${rows.map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('')}</tbody></table></div>`;

/** The API description as a page for people: readable without scripts, and printable. */
export function docsPage(document: Json): string {
  const { info, tags, paths, components } = document as {
    info: { title: string; version: string; description: string };
    tags: { name: string }[];
    paths: { [path: string]: { [method: string]: Operation } };
    components: { schemas: { [name: string]: Json } };
  };
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const sections = tags.map(({ name }) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(name));
    return `<section aria-labelledby="${escaped(name)}"><h2 id="${escaped(name)}">${escaped(name)}</h2>${own.map(shown).join('')}</section>`;
  });
  const commands = Object.entries(components.schemas).filter(([name]) => name.startsWith('Command.'));
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escaped(info.title)} API</title><style>${style}</style></head>
<body><main><h1>${escaped(info.title)} API</h1>
<p>${prose(info.description)}</p>
<p>Release <code>${escaped(info.version)}</code>. For programs: <a href="/api/openapi.json">openapi.json</a> (OpenAPI 3.1).</p>
${example}
${sections.join('\n')}
<section aria-labelledby="commands"><h2 id="commands">What can be commanded</h2>
<p>Each is sent as <code>{commandId, name, args}</code> to <code>POST /api/commands</code>, or in a list to <code>POST /api/commands/bulk</code>.</p>
${commands.map(([name, schema]) => commandShown(name.slice('Command.'.length), schema)).join('')}</section>
<section aria-labelledby="errors"><h2 id="errors">Errors</h2>
<p>Every refusal has the shape <code>{code, message, field?, details?}</code>. Those marked with "yes" may be sent again unchanged.</p>
${errors(document['x-errors'] as { [code: string]: { status: number; retry: boolean } })}</section>
</main></body></html>`;
}

const example = `<h2>To begin with</h2><pre tabindex="0">curl -c jar -H 'Content-Type: application/json' \\
  -d '{"email":"you@example.com","password":"…"}' http://localhost:3000/api/session
curl -b jar 'http://localhost:3000/api/batches?sla=breached&amp;limit=20'</pre>`;

function shown({ path, method, operation }: { path: string; method: string; operation: Operation }): string {
  const who =
    operation.security.length === 0 ? 'anybody' : (operation['x-roles']?.join(', ') ?? 'whoever is signed in');
  const parameters = operation.parameters
    ? `<h3>Parameters</h3>${table(
        ['Name', 'In', 'What', 'Shape'],
        operation.parameters.map((p) => [
          `<code>${escaped(p.name)}</code>${p.required ? ' (needed)' : ''}`,
          p.in,
          prose(p.description ?? ''),
          `<code>${escaped(shapeWords(p.schema))}</code>`,
        ]),
      )}`
    : '';
  const body = operation.requestBody?.content['application/json']?.schema;
  const answers = Object.entries(operation.responses);
  const success = answers.find(([status]) => status < '300');
  const answer = success?.[1].content?.['application/json']?.schema;
  return `<details id="${escaped(operation.operationId)}"><summary><span class="method">${method.toUpperCase()}</span> <code>${escaped(path)}</code> ${escaped(operation.summary)}</summary><div>
<p class="who">For ${escaped(who)}.</p>${operation.description ? `<p>${prose(operation.description)}</p>` : ''}
${parameters}${body ? `<h3>Body</h3>${code(body)}` : ''}
<h3>Answers</h3>${table(
    ['Status', 'What'],
    answers.map(([status, { description }]) => [status, prose(description)]),
  )}
${answer ? code(answer) : ''}</div></details>`;
}

function commandShown(name: string, schema: Json): string {
  const args = (schema['properties'] as { args?: Json } | undefined)?.args ?? {};
  const roles = (schema['x-roles'] as string[]).join(', ');
  return `<details><summary><code>${escaped(name)}</code> ${escaped(String(schema['description']))}</summary><div><p class="who">For ${escaped(roles)}.</p><h3>args</h3>${code(args)}</div></details>`;
}

function errors(all: { [code: string]: { status: number; retry: boolean } }): string {
  return table(
    ['Code', 'Status', 'Again?'],
    Object.entries(all).map(([name, { status, retry }]) => [
      `<code>${escaped(name)}</code>`,
      String(status),
      retry ? 'yes' : 'no',
    ]),
  );
}

/** A short word for a parameter's shape. */
function shapeWords(schema: Json): string {
  if (Array.isArray(schema['enum'])) return schema['enum'].join(' | ');
  if (schema['type'] === 'array') return `list of ${shapeWords((schema['items'] ?? {}) as Json)}`;
  const range =
    schema['maximum'] !== undefined ? ` ${String(schema['minimum'] ?? '')}–${String(schema['maximum'])}` : '';
  return `${String(schema['type'] ?? 'any')}${range}`;
}

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { commands } from '@opsboard/shared/protocol/commands';
import { errorTable } from '@opsboard/shared/protocol/errors';
import { apiEndpoints } from '../../server/src/app.ts';
import { newId } from '../../server/src/platform/ids.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import { Client } from '../support/client.ts';
import type { World } from '../support/world.ts';
import { buildWorld } from '../support/world.ts';

type Schema = { [key: string]: unknown };
type Operation = {
  operationId: string;
  parameters?: { name: string; in: string; schema: Schema }[];
  requestBody?: { content: { 'application/json': { schema: Schema } } };
  responses: { [status: string]: { description: string; content?: { [type: string]: { schema?: Schema } } } };
};
type Document = {
  openapi: string;
  paths: { [path: string]: { [method: string]: Operation } };
  components: { schemas: { [name: string]: Schema } };
  'x-errors': object;
};

let app: TestApp;
let world: World;
let document: Document;
let ajv: Ajv2020;

beforeAll(async () => {
  app = await startTestApp();
  world = await buildWorld(app);
  document = (await new Client(app.url).get<Document>('/api/openapi.json')).body;
  ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema(document, 'api');
}, 60_000);
afterAll(() => app[Symbol.asyncDispose]());

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );

const compiled = new Map<string, ReturnType<typeof ajv.compile>>();

/** Checks a value against a schema of the document, with its references. */
function fits(schema: Schema, value: unknown): string[] {
  const text = JSON.stringify(schema).replaceAll('"#/components/', '"api#/components/');
  // Compiling the schema of all commands takes seconds.
  const check = compiled.get(text) ?? ajv.compile(JSON.parse(text) as Schema);
  compiled.set(text, check);
  return check(value) ? [] : (check.errors ?? []).map((error) => `${error.instancePath} ${error.message ?? ''}`);
}

describe('the document', () => {
  it('is OpenAPI 3.1 and has exactly the mounted endpoints', () => {
    expect(document.openapi).toBe('3.1.0');
    const mounted = apiEndpoints({ release: 'test', secure: false } as never);
    expect(
      operations()
        .map(({ method, path }) => `${method} ${path}`)
        .sort(),
    ).toEqual(mounted.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`).sort());
  });

  it('names each operation once, and every path parameter', () => {
    const ids = operations().map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { path, operation } of operations()) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect((operation.parameters ?? []).filter((p) => p.in === 'path').map((p) => p.name)).toEqual(inPath);
    }
  });

  it('points only at parts that it has', () => {
    const names = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref!);
    expect(names.length).toBeGreaterThan(20);
    for (const ref of new Set(names)) {
      expect(ref).toMatch(/^#\/components\/schemas\//);
      expect(document.components.schemas[ref.slice('#/components/schemas/'.length)], ref).toBeDefined();
    }
  });

  it('holds only JSON Schemas that a validator takes', () => {
    for (const name of Object.keys(document.components.schemas))
      expect(() => fits({ $ref: `#/components/schemas/${name}` }, {})).not.toThrow();
    for (const { operation } of operations()) {
      for (const { schema } of operation.parameters ?? []) expect(() => fits(schema, 'x')).not.toThrow();
    }
  });

  it('has every command that somebody may send, and every error code', () => {
    const kept = [
      'organization.create',
      'person.invite',
      'link.create',
      'link.use',
      'link.settle',
      'session.start',
      'session.renew',
      'batch.markBreached',
      'batch.archive',
      'route.archive',
      'route.erase',
      'person.setPassword',
      'person.enrolSecondFactor',
      'person.dropSecondFactor',
      'person.renewRecoveryCodes',
      'person.spendRecoveryCode',
      'person.followProvider',
      'apiKey.create',
      'message.claim',
      'message.settle',
      'batch.erase',
      'message.erase',
    ];
    const described = Object.keys(document.components.schemas).filter((name) => name.startsWith('Command.'));
    expect(described.sort()).toEqual(
      Object.keys(commands)
        .filter((name) => !kept.includes(name))
        .map((name) => `Command.${name}`)
        .sort(),
    );
    expect(document['x-errors']).toEqual(errorTable);
    const answered = new Set(
      operations().flatMap(({ operation }) =>
        Object.values(operation.responses).flatMap((r) => r.description.match(/`\w+`/g) ?? []),
      ),
    );
    // What only the socket answers is not HTTP's.
    expect(Object.keys(errorTable).filter((code) => !answered.has(`\`${code}\``))).toEqual(['unsupported_protocol']);
  });
});

describe('what it says is what happens', () => {
  it('answers fit their schemas', async () => {
    const batch = await world.batch({ driver: world.people.driver1.id, parts: ['P-40817'] });
    // One id for whatever an address asks for.
    await world.admin.mustCommand('route.create', {
      id: batch,
      branch: world.branches.north,
      day: '2026-03-02',
      driver: world.people.driver1.id,
      stops: [{ id: newId(), place: { kind: 'center', id: world.centers.near }, pickUp: [], handOver: [] }],
    });
    let checked = 0;
    for (const { path, method, operation } of operations()) {
      const schema = operation.responses['200']?.content?.['application/json']?.schema;
      if (method !== 'get' || !schema) continue;
      const answer = await world.admin.get(
        path
          .replace('{id}', path.startsWith('/api/people') ? world.people.team.id : batch)
          .replace('{partId}', 'P-40817') + (path.endsWith('/find') ? '?q=40817' : ''),
      );
      expect([path, answer.status]).toEqual([path, 200]);
      expect([path, ...fits(schema, answer.body)]).toEqual([path]);
      checked++;
    }
    expect(checked).toBeGreaterThanOrEqual(10);
  });

  it('a command that fits is taken, one that does not is refused', { timeout: 60_000 }, async () => {
    const good = { commandId: newId(), name: 'branch.create', args: { id: newId(), name: 'East' } };
    const schema = { $ref: '#/components/schemas/Command' };
    expect(fits(schema, good)).toEqual([]);
    const done = await world.admin.post('/api/commands', good);
    expect(done.status).toBe(200);
    expect(
      fits(
        document.paths['/api/commands']!['post']!.responses['200']!.content!['application/json']!.schema!,
        done.body,
      ),
    ).toEqual([]);
    for (const bad of [
      { ...good, args: { name: 'East' } },
      { ...good, extra: 1 },
      { ...good, name: 'branch.burn' },
    ]) {
      expect(fits(schema, bad)).not.toEqual([]);
      const refused = await world.admin.post('/api/commands', bad);
      expect(refused.status).toBe(400);
      expect(fits({ $ref: '#/components/schemas/Error' }, refused.body)).toEqual([]);
    }
  });
});

describe('the page', () => {
  it('shows every address, command and code, without a script, under a policy that allows none', async () => {
    const { status, headers, text } = await new Client(app.url).get('/api/docs');
    expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(text).not.toMatch(/<script|style=|https?:\/\/(?!localhost)|\son\w+=/);
    for (const path of Object.keys(document.paths)) expect(text).toContain(path);
    for (const code of Object.keys(errorTable)) expect(text).toContain(`<code>${code}</code>`);
    for (const name of ['batch.seal', 'undo', 'session.endAll']) expect(text).toContain(`<code>${name}</code>`);
  });
});

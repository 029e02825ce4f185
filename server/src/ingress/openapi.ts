import { z } from 'zod';
import { commands, envelope } from '@opsboard/shared/protocol/commands';
import type { CommandName } from '@opsboard/shared/protocol/deciders';
import type { ErrorCode } from '@opsboard/shared/protocol/errors';
import { errorTable } from '@opsboard/shared/protocol/errors';
import { keyRights } from '@opsboard/shared/keys/rights';
import { scopes } from '@opsboard/shared/keys/scopes';
import type { RightName } from '@opsboard/shared/protocol/rights';
import { rights } from '@opsboard/shared/protocol/rights';
import { createPerson } from '@opsboard/shared/people/schema';
import type { Endpoint } from './endpoint.ts';
import { composedHere } from './parse.ts';
import { errorShape } from './shapes.ts';

type Json = { [key: string]: unknown };
type Components = { [name: string]: Json };

/** A value whose shape is one of the document's own components. */
export const component = (name: string) => z.unknown().meta({ 'x-component': name });

/** What clients may send: everything that some role has a right to, except what only the server's own code composes. */
export function sendableCommands(): CommandName[] {
  const names = Object.keys(commands) as CommandName[];
  return names.filter((name) => Object.keys(rights[name]).length > 0 && !composedHere.has(name));
}

const argsOf = (name: CommandName): z.ZodType =>
  // A password's hash is made on the server; there is an endpoint for it.
  name === 'person.create' ? createPerson.omit({ passwordHash: true }) : commands[name].args;

/**
 * The OpenAPI 3.1 document of the API, made from the very schemas that requests are parsed with.
 *
 * @param endpoints the registry that is mounted
 * @param release the release of the app, as the document's version
 */
export function openApi(endpoints: readonly Endpoint[], release: string): Json {
  const components: Components = {};
  const schema = (shape: z.ZodType): Json =>
    hoisted(z.toJSONSchema(shape, { io: 'input', unrepresentable: 'any' }) as Json, components);

  schema(errorShape);
  const names = sendableCommands();
  for (const name of names) {
    const shape = envelope.extend({ name: z.literal(name), args: argsOf(name) });
    components[`Command.${name}`] = {
      ...schema(shape),
      description: commands[name].summary,
      'x-roles': Object.keys(rights[name]),
      'x-scopes': scopesFor(name),
    };
  }
  components['Command'] = {
    oneOf: names.map((name) => ref(`Command.${name}`)),
    discriminator: {
      propertyName: 'name',
      mapping: Object.fromEntries(names.map((name) => [name, ref(`Command.${name}`).$ref])),
    },
  };

  const paths: { [path: string]: Json } = {};
  for (const endpoint of endpoints) {
    const path = endpoint.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [endpoint.method]: operation(endpoint, schema) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Opsboard',
      version: release,
      description:
        'Everything is changed by commands and read by the addresses below. Times are milliseconds since the epoch (UTC). ' +
        'Ids are UUIDv7, made by whoever creates the thing. Errors have one shape and one closed table of codes.',
    },
    tags: [...new Set(endpoints.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: components,
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'opsboard', description: 'Over https `__Host-opsboard`.' },
        key: {
          type: 'http',
          scheme: 'bearer',
          description: 'An API key, `ops_…`: for other systems. Its scopes and branches say what it may do.',
        },
      },
    },
    'x-errors': errorTable,
  };
}

/** The scopes that hold a right. */
const scopesFor = (right: RightName): string[] => scopes.filter((scope) => keyRights[scope].includes(right));

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

function operation(endpoint: Endpoint, schema: (shape: z.ZodType) => Json): Json {
  const { answer } = endpoint;
  const content = answer.schema
    ? { content: { 'application/json': { schema: schema(answer.schema) } } }
    : answer.type
      ? { content: { [answer.type]: {} } }
      : {};
  return {
    operationId: operationId(endpoint),
    tags: [endpoint.tag],
    summary: endpoint.summary,
    ...(endpoint.description ? { description: endpoint.description } : {}),
    security: endpoint.access === 'anyone' ? [] : [{ session: [] }, ...(forKeys(endpoint) ? [{ key: [] }] : [])],
    ...(endpoint.access === 'anyone' || endpoint.access === 'signed_in'
      ? {}
      : { 'x-roles': Object.keys(rights[endpoint.access]), 'x-scopes': scopesFor(endpoint.access) }),
    ...parameters(endpoint, schema),
    ...(endpoint.body
      ? { requestBody: { required: true, content: { 'application/json': { schema: schema(endpoint.body) } } } }
      : {}),
    responses: { [answer.status]: { description: answer.description, ...content }, ...refusals(endpoint) },
  };
}

/** Whether some API key may ask. */
const forKeys = ({ access, keys }: Endpoint): boolean =>
  access !== 'anyone' && (access === 'signed_in' ? keys === true : scopesFor(access).length > 0);

/** `get /api/batches/:id` → `getBatchesById`. */
export function operationId({ method, path }: Pick<Endpoint, 'method' | 'path'>): string {
  const words = path
    .split('/')
    .slice(2)
    .map((word) => (word.startsWith(':') ? `by-${word.slice(1)}` : word));
  return method + words.join('-').replace(/(?:^|[-.])(\w)/g, (_match, letter: string) => letter.toUpperCase());
}

function parameters(endpoint: Endpoint, schema: (shape: z.ZodType) => Json): Json {
  const of = (shape: z.ZodObject | undefined, place: 'path' | 'query') => {
    if (!shape) return [];
    const { properties = {}, required = [] } = schema(shape) as {
      properties?: { [name: string]: Json };
      required?: string[];
    };
    return Object.entries(properties).map(([name, { description, ...rest }]) => ({
      name,
      in: place,
      required: place === 'path' || required.includes(name),
      ...(description ? { description } : {}),
      schema: rest,
    }));
  };
  const all = [...of(endpoint.params, 'path'), ...of(endpoint.query, 'query')];
  return all.length > 0 ? { parameters: all } : {};
}

/** Every code that an endpoint answers with: its own, and those of the gates in front of it. */
export function codesOf(endpoint: Endpoint): ErrorCode[] {
  const codes = new Set<ErrorCode>(['bad_request']);
  if (endpoint.access !== 'anyone') codes.add('not_signed_in');
  if (endpoint.access !== 'anyone') codes.add('forbidden').add('too_many_requests');
  if (endpoint.method !== 'get') codes.add('wrong_origin');
  if (endpoint.body) codes.add('too_large');
  if (endpoint.params) codes.add('not_found');
  for (const code of [...(endpoint.errors ?? []), 'unavailable', 'internal'] as const) codes.add(code);
  return [...codes];
}

function refusals(endpoint: Endpoint): Json {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codesOf(endpoint)) {
    const { status } = errorTable[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus]
      .sort(([a], [b]) => a - b)
      .map(([status, codes]) => [
        status,
        {
          description: codes.map((code) => `\`${code}\``).join(', '),
          content: { 'application/json': { schema: ref('Error') } },
        },
      ]),
  );
}

/** Moves a schema's named parts to the document's components, and turns their names into references to these. */
function hoisted(schema: Json, components: Components): Json {
  const { $schema: _dialect, $defs, ...rest } = schema;
  for (const [name, part] of Object.entries(($defs ?? {}) as Components)) {
    const { id: _id, ...fields } = part;
    components[name] ??= referring(fields) as Json;
  }
  return referring(rest) as Json;
}

function referring(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(referring);
  if (value === null || typeof value !== 'object') return value;
  const given = value as Json;
  if (typeof given['x-component'] === 'string') return ref(given['x-component']);
  return Object.fromEntries(
    Object.entries(given).map(([key, item]) =>
      key === '$ref' && typeof item === 'string'
        ? [key, item.replace('#/$defs/', '#/components/schemas/')]
        : [key, referring(item)],
    ),
  );
}

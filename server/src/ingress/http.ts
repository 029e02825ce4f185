import { randomBytes } from 'node:crypto';
import express from 'express';
import type { ErrorRequestHandler, Express, Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { wireError } from '@opsboard/shared/protocol/errors';
import type { Dispatcher } from '../dispatch/dispatch.ts';
import { keyMayNot } from '../dispatch/authorize.ts';
import type { Caller, Keys } from '../keys/keys.ts';
import { bearerOf } from '../keys/token.ts';
import type { Sessions } from '../people/sessions.ts';
import type { Logger } from '../platform/log.ts';
import { PasswordsBusyError } from '../platform/passwords.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { AccessRecorder } from '../access/recorder.ts';
import type { Answer, Endpoint } from './endpoint.ts';
import { isError } from './endpoint.ts';
import { internal, notSignedIn, sendError, tooMany, unavailable } from './error.ts';
import { shapeError } from './issues.ts';
import type { OpenAnswers } from './open-answers.ts';
import { originRefusal } from './origin.ts';

/** The largest request body, bytes, where an endpoint does not say otherwise. */
export const bodyLimit = 256 * 1024;

/** An endpoint without a query takes none: a misspelt filter must not silently select everything. */
const noQuery = z.strictObject({});

type Locals = { requestId: string; endpoint?: Endpoint; who?: Caller; access?: Options['access'] };
const localsOf = (res: Response): Locals => res.locals as Locals;

type Options = {
  endpoints: readonly Endpoint[];
  sessions: Pick<Sessions, 'resolve'>;
  keys: Pick<Keys, 'resolve'>;
  open: OpenAnswers;
  access: Pick<AccessRecorder, 'record' | 'refused'>;
  dispatcher: Pick<Dispatcher, 'read'>;
  log: Logger;
  metrics: Metrics;
  publicUrl: string | undefined;
  /** Whether this process hears the database; may wait a moment for it. */
  fresh(): boolean | Promise<boolean>;
  /** Answers whatever is not the API: the web app's files and its page. */
  page: RequestHandler;
};

/**
 * Everything under `/api`: each endpoint of the registry behind the same gates, in the same order: origin, sign-in, right,
 * size, shape. What is not in the registry is a 404 in the one error shape.
 */
export function mountApi(app: Express, options: Options): void {
  const { sessions, keys, dispatcher, log } = options;
  const api = express.Router({ caseSensitive: true, strict: true });

  for (const endpoint of options.endpoints) {
    const gates: RequestHandler[] = [
      (_req, res, next) => {
        localsOf(res).endpoint = endpoint;
        next();
      },
      async (req, res, next) => {
        const token = bearerOf(req.headers.authorization);
        // Who brings a key speaks as that key: no cookie is looked at, whatever becomes of it.
        const who =
          token === undefined ? await sessions.resolve(req.headers.cookie) : await keys.resolve(token, req.ip ?? '');
        if (who && isError(who)) return sendError(res, who);
        // A phone sends what one person did: somebody else may have signed in on it meanwhile.
        const meant = req.headers['x-person'];
        if (who && meant !== undefined && meant !== who.id && endpoint.access !== 'anyone')
          return sendError(res, notSignedIn());
        if (who) localsOf(res).who = who;
        if (endpoint.access === 'anyone') return next();
        if (!who) return sendError(res, notSignedIn());
        if (endpoint.access === 'signed_in')
          return who.type === 'key' && !endpoint.keys ? sendError(res, keyMayNot()) : next();
        const refusal = dispatcher.read(who, endpoint.access);
        if (refusal) return sendError(res, refusal);
        // Records are in memory: without a line to the database they would be told as if they were of now.
        return (await options.fresh()) ? next() : sendError(res, unavailable());
      },
    ];
    // The body is read after the gates, so that a stranger cannot make us take in what we would refuse anyway.
    if (endpoint.body) gates.push(express.json({ limit: endpoint.bodyLimit ?? bodyLimit, type: 'application/json' }));
    api[endpoint.method](endpoint.path.slice('/api'.length), ...gates, (req, res) => {
      localsOf(res).access = options.access;
      tell(endpoint, req, res);
      return answer(endpoint, req, res, options.open);
    });
  }

  // Another method on a known path is told which ones there are; everything else does not exist.
  for (const [path, methods] of methodsByPath(options.endpoints)) {
    api.all(path.slice('/api'.length), (_req, res) => {
      res.setHeader('Allow', methods.join(', '));
      sendError(res, wireError('not_found', `This address answers ${methods.join(' and ')} only.`));
    });
  }
  api.use((_req, res) =>
    sendError(res, wireError('not_found', 'There is nothing at this address. The API is described at /api/docs.')),
  );

  app.use('/api', checkOrigin(options.publicUrl), api);
  app.use(options.page);
  app.use(failed(log));
}

/** Refuses requests that may change something and come from another site's page. */
function checkOrigin(publicUrl: string | undefined): RequestHandler {
  return (req, res, next) => {
    const safe = req.method === 'GET' || req.method === 'HEAD' || req.method === 'OPTIONS';
    // A key is brought on purpose by whoever has it; another site's page cannot make a browser bring one.
    const keyed = bearerOf(req.headers.authorization) !== undefined;
    const refusal = safe || keyed ? undefined : originRefusal(req.headers, publicUrl);
    if (refusal) sendError(res, refusal);
    else next();
  };
}

/** Has the access log told of an answer once it is out: never in front of it. */
function tell(endpoint: Endpoint, req: Request, res: Response): void {
  const { who, access } = localsOf(res);
  const { told } = endpoint;
  if (!who || endpoint.access === 'anyone' || (!told && (who.type !== 'key' || endpoint.access === 'signed_in')))
    return;
  const { params } = req;
  const query = new URL(req.originalUrl, 'http://board').search.slice(1);
  res.once('close', () => {
    if (!res.headersSent || res.statusCode >= 400) return;
    const { what, kind, id, detail } = told ?? { what: 'listed' as const };
    const words =
      detail !== undefined
        ? (params[detail] ?? new URLSearchParams(query).get(detail) ?? '')
        : what === 'exported'
          ? readable(query)
          : what === 'printed' || what === 'listed'
            ? endpoint.path.split('/').at(what === 'printed' ? -1 : 2)!
            : '';
    access?.record({
      org: who.org,
      actor: { type: who.type, id: who.id },
      what,
      ...(kind === undefined ? {} : { kind }),
      ...(id === undefined ? {} : { id: String(params[id]) }),
      detail: String(words),
      address: req.ip ?? '',
    });
  });
}

/** A sign-in, or one that was refused. */
function tellEntrance(req: Request, res: Response, given: unknown, result: Answer | WireError): void {
  const { access } = localsOf(res);
  const address = req.ip ?? '';
  if (!isError(result)) {
    const person = result.entered;
    if (person)
      access?.record({ org: person.org, actor: { type: 'person', id: person.id }, what: 'signed_in', address });
  } else if (result.code === 'wrong_credentials') {
    const { email } = (given ?? {}) as { email?: unknown };
    if (typeof email === 'string') access?.refused(email, address);
  }
}

function readable(query: string): string {
  try {
    return decodeURIComponent(query.replaceAll('+', ' '));
  } catch {
    return query;
  }
}

async function answer(endpoint: Endpoint, req: Request, res: Response, open: OpenAnswers): Promise<void> {
  const caller = localsOf(res).who;
  // What everybody may ask is answered to a key as to a stranger.
  const who = endpoint.access === 'anyone' && caller?.type === 'key' ? undefined : caller;
  if (endpoint.respond) {
    if (who) open.hold(who, res);
    return endpoint.respond(req, res, who);
  }
  const params = endpoint.params?.safeParse(req.params);
  // An id of the wrong form names nothing.
  if (params && !params.success)
    return sendError(res, wireError('not_found', 'There is no such record among those you can see.'));
  const query = (endpoint.query ?? noQuery).safeParse(req.query);
  if (!query.success) return sendError(res, shapeError(query.error));
  if (endpoint.body && req.body === undefined) {
    return sendError(res, wireError('bad_request', 'Send a body of JSON, with "Content-Type: application/json".'));
  }
  const body = endpoint.body?.safeParse(req.body);
  if (body && !body.success) return sendError(res, shapeError(body.error));
  const result = await endpoint.handle!({
    who: who as Caller,
    params: params?.data,
    query: query.data,
    body: body?.data,
    address: req.ip ?? '',
    cookies: req.headers.cookie,
    device: req.headers['user-agent'],
  });
  if (endpoint.told?.what === 'signed_in') tellEntrance(req, res, body?.data, result);
  if (isError(result)) sendError(res, result);
  else send(res, result);
}

function send(res: Response, { status, body, headers }: Answer): void {
  // Answers are one person's; no cache in between keeps them unless the endpoint says so.
  res.setHeader('Cache-Control', 'no-store');
  for (const [name, value] of Object.entries(headers ?? {})) res.setHeader(name, value);
  res.status(status);
  if (body === undefined) res.end();
  else res.json(body);
}

function methodsByPath(endpoints: readonly Endpoint[]): Map<string, string[]> {
  const methods = new Map<string, string[]>();
  for (const { path, method } of endpoints) methods.set(path, [...(methods.get(path) ?? []), method.toUpperCase()]);
  return methods;
}

/** What Express and its body parser throw, in the one error shape; everything unexpected is logged and said plainly. */
function failed(log: Logger): ErrorRequestHandler {
  return (error: unknown, _req, res, next) => {
    const known = knownError(error, localsOf(res).endpoint?.bodyLimit ?? bodyLimit);
    if (!known) log.error({ err: error, requestId: localsOf(res).requestId }, 'request failed');
    if (res.headersSent) return next(error);
    return sendError(res, known ?? internal(localsOf(res).requestId));
  };
}

function knownError(error: unknown, limit: number): WireError | undefined {
  if (error instanceof PasswordsBusyError) return tooMany(5_000);
  const { type, status, name } = (error ?? {}) as { type?: string; status?: number; name?: string };
  if (type === 'entity.too.large') {
    return wireError('too_large', `This is too much at once: at most ${limit / 1024} kB. Send it in smaller pieces.`);
  }
  if (type === 'entity.parse.failed') return wireError('bad_request', 'The body is not valid JSON.');
  if (status !== undefined && status >= 400 && status < 500)
    return wireError('bad_request', 'The request could not be read.');
  // The database's own names for "not now": the line is cut, or no primary is to be found.
  if (
    name !== undefined &&
    /^Mongo(Network|ServerSelection|NotConnected|PoolCleared|WaitQueueTimeout|Topology)/.test(name)
  )
    return unavailable();
  return undefined;
}

/** Gives every request an id, and a line in the log when it is answered: never its query, body or cookies. */
export function requestLog(log: Logger, metrics: Metrics): RequestHandler {
  return (req, res, next) => {
    const requestId = randomBytes(9).toString('base64url');
    const from = process.hrtime.bigint();
    (res.locals as Locals).requestId = requestId;
    res.setHeader('X-Request-Id', requestId);
    res.once('close', () => {
      const ms = Number(process.hrtime.bigint() - from) / 1e6;
      const { endpoint, who } = localsOf(res);
      const route = endpoint?.path ?? (req.path.startsWith('/api') ? 'unknown' : 'file');
      const status = res.writableFinished ? res.statusCode : 499;
      metrics.request(req.method, route, status, ms / 1000);
      const line = {
        requestId,
        method: req.method,
        route,
        status,
        ms: Math.round(ms * 10) / 10,
        ...(who ? { [who.type]: who.id } : {}),
      };
      if (status >= 500) log.warn(line, 'request');
      else if (endpoint && req.method !== 'GET') log.info(line, 'request');
      else log.debug(line, 'request');
    });
    next();
  };
}

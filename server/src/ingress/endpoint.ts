import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { AccessVerb } from '@opsboard/shared/access/verbs';
import type { KeyRead } from '@opsboard/shared/keys/rights';
import type { ErrorCode, WireError } from '@opsboard/shared/protocol/errors';
import type { Kind } from '@opsboard/shared/protocol/kinds';
import type { ReadName } from '@opsboard/shared/protocol/rights';
import type { Caller } from '../keys/keys.ts';
import type { SignedIn } from '../people/sessions.ts';

/**
 * Who may ask: `anyone`, a person who is signed in (what they may do is judged by the command they send), or a person
 * or key with a right to read.
 */
export type Access = 'anyone' | 'signed_in' | ReadName;

/** What a handler gets: everything is parsed, nothing is validated again. */
export type Asked<
  A extends Access = Access,
  Params = unknown,
  Query = unknown,
  Body = unknown,
  K extends true | undefined = true,
> = {
  /** Who asks; for `anyone` the person who happens to be signed in. */
  who: A extends 'anyone' ? SignedIn | undefined : A extends KeyRead ? Caller : K extends true ? Caller : SignedIn;
  params: Params;
  query: Query;
  body: Body;
  /** The client's address, as far as the proxies in front are trusted. */
  address: string;
  /** The `Cookie` header: for what is bound to a browser besides its session. */
  cookies: string | undefined;
  /** The browser's own description of itself. */
  device: string | undefined;
};

/** An answer: a body as JSON, or none (204). `entered`: who has signed in by it, for the access log. */
export type Answer = {
  status: number;
  body?: unknown;
  headers?: { [name: string]: string | readonly string[] };
  entered?: { org: string; id: string };
};

/** One thing that can be asked over HTTP: the only place that says so, for mounting and for the API description. */
export type Endpoint = {
  method: 'get' | 'post' | 'delete';
  /** As Express writes it, below the host: `/api/batches/:id`. */
  path: string;
  tag: string;
  summary: string;
  description?: string;
  access: Access;
  /** With `signed_in`: API keys may ask, too. With a right to read their scopes decide. */
  keys?: true;
  /** What the access log tells when it was answered. Reads of keys are told in any case. */
  told?: {
    what: Exclude<AccessVerb, 'changed' | 'lost'>;
    kind?: Kind | 'access';
    /** The parameter of the path that is the record's id. */
    id?: string;
    /** The parameter of the path or the query whose words are kept; of an export the whole query is. */
    detail?: string;
  };
  params?: z.ZodObject;
  query?: z.ZodObject;
  body?: z.ZodType;
  /** Largest body, bytes; 256 kB unless the endpoint says otherwise. */
  bodyLimit?: number;
  answer: { status: number; description: string; schema?: z.ZodType; type?: string };
  /** Refusals of its own, besides those that every endpoint shares. */
  errors?: readonly ErrorCode[];
  handle?(asked: Asked): Promise<Answer | WireError> | Answer | WireError;
  /** For an answer that is not made from a value (a page, a compressed file): takes the request as it is. */
  respond?(request: Request, response: Response, who: Caller | undefined): Promise<void> | void;
};

type Out<S extends z.ZodType | undefined> = S extends z.ZodType ? z.infer<S> : undefined;

/** Declares an endpoint; the handler's input is typed by the schemas beside it. */
export function endpoint<
  A extends Access,
  P extends z.ZodObject | undefined = undefined,
  Q extends z.ZodObject | undefined = undefined,
  B extends z.ZodType | undefined = undefined,
  K extends true | undefined = undefined,
>(
  given: Omit<Endpoint, 'access' | 'keys' | 'params' | 'query' | 'body' | 'handle'> & {
    access: A;
    keys?: K;
    params?: P;
    query?: Q;
    body?: B;
    handle?(asked: Asked<A, Out<P>, Out<Q>, Out<B>, K>): Promise<Answer | WireError> | Answer | WireError;
  },
): Endpoint {
  return given as unknown as Endpoint;
}

export const ok = (body: unknown, headers?: { [name: string]: string }): Answer => ({
  status: 200,
  body,
  ...(headers ? { headers } : {}),
});
export const noContent = (headers?: { [name: string]: string }): Answer => ({
  status: 204,
  ...(headers ? { headers } : {}),
});

/** Whether a handler's result is a refusal. */
export const isError = (result: object): result is WireError => 'code' in result && 'message' in result;

/**
 * The closed table of refusals and failures. HTTP and Socket.IO answer with the same shape and the same codes; nothing
 * else is ever sent as an error. `status` is the HTTP status; `retry` tells whether the same request, unchanged, may
 * succeed later (clients resend those by themselves under the same command id).
 */
export const errorTable = {
  // the request itself
  bad_request: { status: 400, retry: false },
  too_large: { status: 413, retry: false },
  unsupported_protocol: { status: 400, retry: false },
  not_found: { status: 404, retry: false },
  unknown_command: { status: 400, retry: false },
  // who is asking
  not_signed_in: { status: 401, retry: false },
  wrong_credentials: { status: 401, retry: false },
  /** The password was right; `details.challenge` goes back with a code, before `details.expiresAt`. */
  second_factor_required: { status: 401, retry: false },
  wrong_code: { status: 401, retry: false },
  /** What was begun with the password took too long, or the password has changed: begin again with it. */
  challenge_expired: { status: 401, retry: false },
  forbidden: { status: 403, retry: false },
  wrong_origin: { status: 403, retry: false },
  too_many_requests: { status: 429, retry: true },
  already_set_up: { status: 409, retry: false },
  link_void: { status: 410, retry: false },
  // command ids and versions
  command_id_reused: { status: 409, retry: false },
  command_too_old: { status: 409, retry: false },
  rev_conflict: { status: 409, retry: false },
  already_exists: { status: 409, retry: false },
  // rules of the domain
  illegal_step: { status: 422, retry: false },
  count_mismatch: { status: 422, retry: false },
  driver_required: { status: 422, retry: false },
  not_sealed: { status: 422, retry: false },
  no_parts: { status: 422, retry: false },
  part_in_open_batch: { status: 422, retry: false },
  part_not_in_batch: { status: 422, retry: false },
  duplicate_part: { status: 422, retry: false },
  date_not_ahead: { status: 422, retry: false },
  reason_required: { status: 422, retry: false },
  unknown_reference: { status: 422, retry: false },
  archived: { status: 422, retry: false },
  on_route: { status: 422, retry: false },
  proof_required: { status: 422, retry: false },
  in_use: { status: 422, retry: false },
  nothing_to_change: { status: 422, retry: false },
  email_taken: { status: 422, retry: false },
  last_admin: { status: 422, retry: false },
  inactive: { status: 422, retry: false },
  changed_since: { status: 409, retry: false },
  not_reversible: { status: 422, retry: false },
  // the service
  unavailable: { status: 503, retry: true },
  internal: { status: 500, retry: false },
} as const;

/** A code of the closed table. */
export type ErrorCode = keyof typeof errorTable;

/**
 * The one shape of an error on every way in. `message` is a sentence for a person and says what to do next; `field`
 * is the dotted path of the offending input; `details` holds machine-readable facts (for `rev_conflict` the record as
 * it is now, for `count_mismatch` the two counts …).
 */
export type WireError = {
  code: ErrorCode;
  message: string;
  field?: string;
  details?: Record<string, unknown>;
};

/** Builds a {@link WireError}; optional parts are left out when they are not given. */
export function wireError(
  code: ErrorCode,
  message: string,
  more: { field?: string; details?: Record<string, unknown> } = {},
): WireError {
  return { code, message, ...more };
}

import { positionReport } from '@opsboard/shared/positions/schema';
import type { PositionReport } from '@opsboard/shared/positions/schema';
import { whereabouts } from '@opsboard/shared/presence/schema';
import type { Whereabouts } from '@opsboard/shared/presence/schema';
import { commands, envelope } from '@opsboard/shared/protocol/commands';
import type { CommandName } from '@opsboard/shared/protocol/deciders';
import type { Command } from '@opsboard/shared/protocol/envelope';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { wireError } from '@opsboard/shared/protocol/errors';
import { shapeError } from './issues.ts';

/**
 * A command has a few dozen values, the largest (500 parts) a few more. Schemas look at every value before they object,
 * so that what is far beyond is refused before any schema sees it.
 */
const mostValues = 2_000;

/**
 * Parses a command as it came in, on whichever way ([C1]); nothing behind this looks at shapes again.
 *
 * @returns the command, or the refusal: `bad_request` with the field, `unknown_command`, `too_large`
 */
export function parseCommand(given: unknown): { command: Command } | { error: WireError } {
  if (!hasAtMost(given, mostValues)) {
    return { error: wireError('too_large', 'This command holds too much at once. Send it in smaller pieces.') };
  }
  const outer = envelope.safeParse(given);
  if (!outer.success) return { error: shapeError(outer.error) };
  const { commandId, name, doneAt, resend } = outer.data;
  if (!isCommandName(name)) {
    return {
      error: wireError(
        'unknown_command',
        'There is no command of this name. The commands are described at /api/docs.',
        { field: 'name' },
      ),
    };
  }
  // A hash is made by the server's own sign-in code only: whoever could bring one could bring any password's.
  if (Object.hasOwn(outer.data.args, 'passwordHash')) {
    return {
      error: wireError('bad_request', 'A password is not set by a command. The way is described at /api/docs.', {
        field: 'args.passwordHash',
      }),
    };
  }
  // What is secret is made here, or was checked here before.
  if (composedHere.has(name)) {
    return {
      error: wireError('bad_request', 'This is not done by a command. The way is described at /api/docs.', {
        field: 'name',
      }),
    };
  }
  const args = commands[name].args.safeParse(outer.data.args);
  if (!args.success) return { error: shapeError(args.error, 'args') };
  const command = {
    commandId,
    name,
    args: args.data,
    ...(doneAt === undefined ? {} : { doneAt }),
    ...(resend === undefined ? {} : { resend }),
  };
  return { command: command as Command };
}

/** Commands that only the server's own code composes, although a role has the right to what they do. */
export const composedHere: ReadonlySet<CommandName> = new Set([
  'apiKey.create',
  'person.setPassword',
  'person.invite',
  'link.create',
  'person.enrolSecondFactor',
  'person.dropSecondFactor',
  'person.renewRecoveryCodes',
] satisfies CommandName[]);

/** Where a tab says it is has a handful of values. */
const mostOfPlace = 10;

/**
 * Parses what a tab says of itself ([P1]).
 *
 * @returns it, or the refusal: `bad_request` with the field, `too_large`
 */
export function parseWhereabouts(given: unknown): { said: Whereabouts } | { error: WireError } {
  if (!hasAtMost(given, mostOfPlace)) {
    return { error: wireError('too_large', 'This says more than where a tab is. Send only "place" and "moving".') };
  }
  const parsed = whereabouts.safeParse(given);
  return parsed.success ? { said: parsed.data } : { error: shapeError(parsed.error) };
}

/** A full report has 600 points of nine values each. */
const mostOfReport = 6_000;

/**
 * Parses what a phone says of where it was ([G1]).
 *
 * @returns it, or the refusal: `bad_request` with the field, `too_large`
 */
export function parseReport(given: unknown): { report: PositionReport } | { error: WireError } {
  if (!hasAtMost(given, mostOfReport)) {
    return { error: wireError('too_large', 'This says too much at once. Send at most 600 points at a time.') };
  }
  const parsed = positionReport.safeParse(given);
  return parsed.success ? { report: parsed.data } : { error: shapeError(parsed.error) };
}

const isCommandName = (name: string): name is CommandName => Object.hasOwn(commands, name);

/** Whether a value from JSON has at most so many values in it, itself included. */
function hasAtMost(given: unknown, most: number): boolean {
  const left = [given];
  let seen = 0;
  for (let value = left.pop(); seen < most; value = left.pop()) {
    seen++;
    if (value !== null && typeof value === 'object') {
      if (ArrayBuffer.isView(value)) return false;
      const parts = Object.values(value);
      if (parts.length > most) return false;
      for (const part of parts) left.push(part);
    }
    if (left.length === 0) return true;
  }
  return false;
}

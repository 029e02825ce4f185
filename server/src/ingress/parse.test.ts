import { describe, expect, it } from 'vitest';
import { newId } from '../platform/ids.ts';
import { parseCommand } from './parse.ts';

const commandId = newId();
const id = newId();
const seal = { commandId, name: 'batch.seal', args: { id, count: 3 } };
const errorOf = (given: unknown) => {
  const parsed = parseCommand(given);
  return 'error' in parsed ? parsed.error : undefined;
};

describe('[C1] a command as it comes in', () => {
  it('is parsed once: what the schema changes is changed', () => {
    const args = { id, parts: [' ab-1 '] };
    expect(parseCommand({ commandId, name: 'batch.addParts', args, doneAt: 1_760_000_000_000, resend: true })).toEqual({
      command: {
        commandId,
        name: 'batch.addParts',
        args: { id, parts: ['AB-1'] },
        doneAt: 1_760_000_000_000,
        resend: true,
      },
    });
  });

  it.each<[string, unknown, string, string | undefined]>([
    ['nothing', undefined, 'bad_request', undefined],
    ['text', 'seal it', 'bad_request', undefined],
    ['a list', [seal], 'bad_request', undefined],
    ['no id', { ...seal, commandId: undefined }, 'bad_request', 'commandId'],
    ['an id that is no UUIDv7', { ...seal, commandId: '7' }, 'bad_request', 'commandId'],
    ['an unknown name', { ...seal, name: 'batch.explode' }, 'unknown_command', 'name'],
    ['a name from the prototype', { ...seal, name: 'constructor' }, 'unknown_command', 'name'],
    ['a field that is not known', { ...seal, actor: 'admin' }, 'bad_request', 'actor'],
    [
      'an arg that is not known',
      { ...seal, args: { id, count: 3, status: 'completed' } },
      'bad_request',
      'args.status',
    ],
    ['a wrong arg', { ...seal, args: { id, count: 'three' } }, 'bad_request', 'args.count'],
    [
      'a wrong element',
      { ...seal, name: 'batch.addParts', args: { id, parts: ['A1', '$x'] } },
      'bad_request',
      'args.parts.1',
    ],
    ['a time out of range', { ...seal, doneAt: 5 }, 'bad_request', 'doneAt'],
    [
      'a hash made elsewhere',
      { ...seal, name: 'person.setPassword', args: { id, passwordHash: 'x' } },
      'bad_request',
      'args.passwordHash',
    ],
    [
      'what only the server composes',
      { ...seal, name: 'person.dropSecondFactor', args: { id } },
      'bad_request',
      'name',
    ],
    ['too much', { ...seal, args: { id, parts: Array.from({ length: 50_000 }, () => 1) } }, 'too_large', undefined],
    [
      'too much, spread',
      { ...seal, args: Object.fromEntries(Array.from({ length: 1500 }, (_, i) => [`k${i}`, [i]])) },
      'too_large',
      undefined,
    ],
  ])('refuses %s', (_what, given, code, field) => {
    const error = errorOf(given);
    expect(error?.code).toBe(code);
    expect(error?.field).toBe(field);
    expect(error?.message).toMatch(/^.{10,400}\.$/);
  });

  it('is not stopped by depth', () => {
    let deep: unknown = 1;
    for (let i = 0; i < 1_000; i++) deep = [deep];
    expect(errorOf({ ...seal, args: { id, count: deep } })?.field).toBe('args.count');
  });
});

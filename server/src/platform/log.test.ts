import { describe, expect, it } from 'vitest';
import { createLog, withoutPasswords } from './log.ts';

const lineOf = (write: (log: ReturnType<typeof createLog>) => void): string => {
  const lines: string[] = [];
  write(createLog('test', 'info', { write: (line: string) => void lines.push(line) }));
  return lines.join('');
};

describe('log', () => {
  it.each([
    { password: 'hunter2' },
    { body: { password: 'hunter2' } },
    { req: { headers: { cookie: 'sid=hunter2' } } },
    { req: { headers: { authorization: 'Bearer hunter2' } } },
    { res: { headers: { 'set-cookie': 'sid=hunter2' } } },
    { config: { MONGODB_URI: 'mongodb://u:hunter2@h' } },
  ])('hides the secret in %j', (fields) => {
    const line = lineOf((log) => log.info(fields, 'event'));
    expect(line).toContain('***');
    expect(line).not.toContain('hunter2');
  });

  it('hides the password of an address in the message of an error', () => {
    const line = lineOf((log) => log.error({ err: new Error('no answer from redis://board:hunter2@cache:6379') }));
    expect(line).toContain('redis://board:***@cache:6379');
    expect(line).not.toContain('hunter2');
  });

  it('writes one line of JSON with level by name and time in ISO form', () => {
    const entry = JSON.parse(lineOf((log) => log.warn('event'))) as Record<string, unknown>;
    expect(entry).toMatchObject({ level: 'warn', name: 'test', msg: 'event' });
    expect(entry['time']).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });
});

it('leaves an address without a password as it is', () => {
  expect(withoutPasswords('see http://localhost:3000/a:b@c')).toBe('see http://localhost:3000/a:b@c');
});

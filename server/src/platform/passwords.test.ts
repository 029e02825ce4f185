import { describe, expect, it } from 'vitest';
import { hashPassword, inTurn, PasswordsBusyError, verifyPassword } from './passwords.ts';

describe('passwords', () => {
  it('accepts the password that was hashed and no other', async () => {
    const hash = await hashPassword('correct horse');
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(hash).not.toContain('correct');
    expect(await verifyPassword(hash, 'correct horse')).toBe(true);
    expect(await verifyPassword(hash, 'correct horsf')).toBe(false);
    expect(await verifyPassword(hash, '')).toBe(false);
  });

  it('salts: one password hashes differently each time', async () => {
    expect(await hashPassword('same')).not.toBe(await hashPassword('same'));
  });

  it('hashes the same for the same request, and differently for another', async () => {
    expect(await hashPassword('same', 'a')).toBe(await hashPassword('same', 'a'));
    expect(await hashPassword('same', 'a')).not.toBe(await hashPassword('same', 'b'));
    expect(await hashPassword('same', 'a')).not.toBe(await hashPassword('other', 'a'));
  });

  it('takes composed and decomposed accents as one', async () => {
    expect(await verifyPassword(await hashPassword('caf\u00e9 noir'), 'cafe\u0301 noir')).toBe(true);
  });

  it.each([undefined, '', 'plain text', '$argon2id$v=19$m=1,t=1,p=1$x$y', '$2b$10$abc'])(
    'accepts nothing against the stored %j',
    async (stored) => {
      expect(await verifyPassword(stored, 'anything')).toBe(false);
    },
  );

  it('checks an unknown person as expensively as a known one', async () => {
    const hash = await hashPassword('x');
    const time = async (stored: string | undefined) => {
      const from = process.hrtime.bigint();
      await verifyPassword(stored, 'y');
      return Number(process.hrtime.bigint() - from);
    };
    const fastest = async (stored: string | undefined) => {
      const times: number[] = [];
      for (let i = 0; i < 5; i++) times.push(await time(stored));
      return Math.min(...times);
    };
    expect(await fastest(undefined)).toBeGreaterThan((await fastest(hash)) / 3);
  });

  it('lets two through at a time, in order, and turns a flood away', async () => {
    const order: number[] = [];
    let open = () => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    const jobs = Array.from({ length: 102 }, (_, i) =>
      inTurn(async () => {
        order.push(i);
        await gate;
      }),
    );
    expect(order).toEqual([0, 1]);
    await expect(inTurn(async () => {})).rejects.toBeInstanceOf(PasswordsBusyError);
    open();
    await Promise.all(jobs);
    expect(order).toEqual(Array.from({ length: 102 }, (_, i) => i));
    await inTurn(async () => {});
  });

  it('gives its place back when the work fails', async () => {
    for (let i = 0; i < 3; i++) await expect(inTurn(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await inTurn(async () => 'yes')).toBe('yes');
  });
});

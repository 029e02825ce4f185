import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig, readSettings } from './config.ts';

const problemsOf = (act: () => unknown): readonly string[] => {
  try {
    act();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

describe('settings', () => {
  it('has a default for all that a first start needs', () => {
    expect(readSettings({})).toEqual({
      PORT: 3000,
      HOST: '127.0.0.1',
      DATA_DIR: resolve('data'),
      REDIS_PREFIX: 'opsboard',
      TRUST_PROXY: 0,
      SESSION_DAYS: 30,
      DRIVER_SESSION_DAYS: 90,
      OIDC_SCOPE: 'openid email profile',
      LOG_LEVEL: 'info',
    });
  });

  it('takes an empty variable as unset', () => {
    expect(readSettings({ PORT: '', PUBLIC_URL: ' ' })).toEqual(readSettings({}));
  });

  it.each([
    ['PORT', '80a'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PUBLIC_URL', 'board.example.com'],
    ['PUBLIC_URL', 'https://board.example.com/ops'],
    ['PUBLIC_URL', 'ftp://board.example.com'],
    ['MONGODB_URI', 'localhost:27017'],
    ['REDIS_URL', 'http://localhost:6379'],
    ['REDIS_PREFIX', 'two words'],
    ['TRUST_PROXY', 'yes'],
    ['SESSION_DAYS', '0'],
    ['SECRETS_KEY', 'too short'],
    ['OIDC_ISSUER', 'http://id.example.com'],
    ['OIDC_ISSUER', 'https://user:password@id.example.com'],
    ['OIDC_ISSUER', 'id.example.com'],
    ['OIDC_SCOPE', 'email "profile"'],
    ['LOG_LEVEL', 'loud'],
  ])('refuses %s=%s with one sentence that names it', (name, value) => {
    const problems = problemsOf(() => readSettings({ [name]: value }));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${name} must be .+\\.$`));
  });

  it('names every wrong variable at once, and never a value', () => {
    const problems = problemsOf(() => readSettings({ PORT: 'x', REDIS_URL: 'http://u:hunter2@h' }));
    expect(problems).toHaveLength(2);
    expect(problems.join()).not.toContain('hunter2');
  });

  it.each([
    [{ OIDC_ISSUER: 'https://id.example.com' }, /^OIDC_ISSUER and OIDC_CLIENT_ID go together/],
    [{ OIDC_CLIENT_ID: 'board' }, /^OIDC_ISSUER and OIDC_CLIENT_ID go together/],
    [
      { OIDC_ISSUER: 'https://id.example.com', OIDC_CLIENT_ID: 'board', OIDC_ROLE_CLAIM: 'groups' },
      /^OIDC_ROLE_CLAIM and OIDC_ROLES go together/,
    ],
    [{ OIDC_ROLE_CLAIM: 'groups', OIDC_ROLES: 'a=admin' }, /^OIDC_ROLE_CLAIM is of no use without OIDC_ISSUER/],
  ])('wants the settings of the provider whole: %j', (env, problem) =>
    expect(problemsOf(() => readSettings(env))).toEqual([expect.stringMatching(problem)]),
  );

  it('takes a provider over https, and over http on this machine only', () => {
    for (const OIDC_ISSUER of ['https://id.example.com/tenant', 'http://127.0.0.1:9000', 'http://localhost:9000'])
      expect(readSettings({ OIDC_ISSUER, OIDC_CLIENT_ID: 'board' }).OIDC_ISSUER).toBe(OIDC_ISSUER);
  });

  it('reduces PUBLIC_URL to its origin', () => {
    expect(readSettings({ PUBLIC_URL: 'https://Board.example.com:443/' }).PUBLIC_URL).toBe('https://board.example.com');
  });
});

describe('configuration of a server process', () => {
  it('needs both stores', () => {
    expect(problemsOf(() => readConfig({}))).toEqual([
      expect.stringMatching(/^MONGODB_URI is not set/),
      expect.stringMatching(/^REDIS_URL is not set/),
    ]);
    const env = { MONGODB_URI: 'mongodb://h/db?replicaSet=rs', REDIS_URL: 'redis://h' };
    expect(readConfig(env)).toMatchObject(env);
  });
});

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { settings } from '../../server/src/platform/config.ts';
import { settingsTable, withSettingsTable } from './settings-table.ts';

it('every setting has a row with its text and its default', () => {
  for (const [name, schema] of Object.entries(settings.shape)) {
    expect(schema.description).toBeTruthy();
    expect(settingsTable()).toContain(`| \`${name}\` |`);
  }
  expect(settingsTable()).toContain('| `PORT` | `3000` |');
});

it('the README lists the settings as they are; `node scripts/settings-table.ts` writes them', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  expect(withSettingsTable(readme)).toBe(readme);
});

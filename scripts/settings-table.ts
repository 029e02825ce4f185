/** Writes the README's table of settings from the schema that reads them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { withSettingsTable } from './lib/settings-table.ts';

const path = new URL('../README.md', import.meta.url);
writeFileSync(path, withSettingsTable(readFileSync(path, 'utf8')));

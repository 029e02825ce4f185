import { settings } from '../../server/src/platform/config.ts';

const BEGIN = /<!-- settings:[^>]*-->\n/;
const END = '<!-- /settings -->';

/** The table of settings in Markdown, from the schema that reads them. */
export function settingsTable(): string {
  const rows = Object.entries(settings.shape).map(([name, schema]) => {
    const standard = schema.safeParse(undefined);
    const text = standard.success && standard.data !== undefined ? `\`${standard.data}\`` : '';
    return `| \`${name}\` | ${text} | ${schema.description ?? ''} |`;
  });
  return ['| variable | default | what |', '| --- | --- | --- |', ...rows].join('\n');
}

/** The README with its table of settings brought up to date. */
export function withSettingsTable(readme: string): string {
  const begin = BEGIN.exec(readme);
  const end = readme.indexOf(END);
  if (!begin || end < begin.index) throw new Error('README.md has lost the marks around its table of settings.');
  return `${readme.slice(0, begin.index)}${begin[0]}\n${settingsTable()}\n\n${readme.slice(end)}`;
}

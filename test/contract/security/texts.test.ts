import { describe, expect, it } from 'vitest';
import { commands } from '@opsboard/shared/protocol/commands';
import { apiEndpoints } from '../../../server/src/app.ts';

/** A schema, as the product has them. */
type Schema = NonNullable<ReturnType<typeof apiEndpoints>[number]['body']>;
type Inner = {
  def: {
    type: string;
    shape?: { [name: string]: Schema };
    element?: Schema;
    innerType?: Schema;
    valueType?: Schema;
    options?: Schema[];
    items?: Schema[];
    in?: Schema;
  };
};

const script = '<img src=x onerror=alert(1)>';

/** Every place of a shape that takes any text at all, by its path. */
function textsIn(schema: Schema, path: string): [string, Schema][] {
  const taken = schema.safeParse(script);
  if (taken.success && typeof taken.data === 'string') return [[path, schema]];
  const { shape, element, innerType, valueType, options, items, in: input } = (schema as unknown as Inner).def;
  return [
    ...Object.entries(shape ?? {}).flatMap(([name, inner]) => textsIn(inner, `${path}.${name}`)),
    ...[element, innerType, valueType, input].flatMap((inner) => (inner ? textsIn(inner, path) : [])),
    ...[...(options ?? []), ...(items ?? [])].flatMap((inner) => textsIn(inner, path)),
  ];
}

const inCommands = Object.entries(commands).flatMap(([name, { args }]) => textsIn(args as Schema, name));
/** What is read as a secret, a code or a file and never shown is not text for people. */
const notShown = /(password|current|next|token|tokenHash|passwordHash|hint|code|challenge|offer|data|csv|secret)$/i;
/** Not written by people: by the server from a header, by the provider; compared and thrown away; parsed further on. */
const notPeoples = ['session.start.device', 'person.followProvider.', 'POST /api/session.email', 'POST /api/commands'];
const inBodies = apiEndpoints({ release: 'test', secure: false } as never).flatMap(({ method, path, body }) =>
  body ? textsIn(body, `${method.toUpperCase()} ${path}`) : [],
);
const texts = [...inCommands, ...inBodies].filter(
  ([path]) => !notShown.test(path) && !notPeoples.some((begin) => path.startsWith(begin)),
);

describe('every text that the board takes', () => {
  it('is found: commands and endpoints have many', () => {
    expect(texts.length).toBeGreaterThan(30);
    for (const path of [
      'customer.create.name',
      'batch.addNote.note.text',
      'savedView.create.query',
      'batch.cancel.reason',
    ])
      expect(texts.map(([name]) => name)).toContain(path);
  });

  it.each(texts)(
    '%s holds nothing that turns the text beside it, hides, or ends a line of a header',
    (_path, schema) => {
      for (const sign of [
        '\u202a',
        '\u202b',
        '\u202d',
        '\u202e',
        '\u2066',
        '\u2067',
        '\u2068',
        '\u0000',
        '\u001b',
        '\u007f',
        '\u0085',
      ]) {
        const taken = schema.safeParse(`a${sign}b`);
        expect([sign, taken.success && (taken.data as string).includes(sign)]).toEqual([sign, false]);
      }
      const broken = schema.safeParse('a\r\nBcc: b');
      expect(broken.success && (broken.data as string).includes('\r')).toBe(false);
      // And nothing is too long: whatever it is, it ends.
      expect(schema.safeParse('x'.repeat(100_000)).success).toBe(false);
    },
  );
});

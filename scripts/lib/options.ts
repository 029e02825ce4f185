import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ConfigError, readSettings } from '../../server/src/platform/config.ts';
import type { Settings } from '../../server/src/platform/config.ts';
import { StartError } from './progress.ts';

export const HELP = `scripts/start [--demo] [--port N] [--data DIR] [--speed X]

Starts Opsboard on this machine and ends with Ctrl-C.

  --demo      fills an empty data folder with a demo organization, and lets its people work
  --port N    port of the board (default: PORT, else 3000; 0 takes a free one)
  --data DIR  folder of all data (default: DATA_DIR, else data/ in this checkout)
  --speed X   with --demo: how many times faster than life the people work (default 1; 0: not at all)

Further settings come from the environment; README.md lists them.
`;

/** What the person asked for. */
export interface Options {
  demo: boolean;
  dev: boolean;
  /** Times faster than life; 0 stands still. */
  speed: number;
  settings: Settings;
}

/**
 * Reads the command line and the environment.
 *
 * @param root folder of the checkout, where the data lies unless told otherwise
 * @returns undefined when help was asked for
 * @throws {StartError} with a sentence for everything that is wrong
 */
export function readOptions(args: string[], env: NodeJS.ProcessEnv, root: string): Options | undefined {
  let values;
  try {
    values = parseArgs({
      args,
      options: {
        demo: { type: 'boolean', default: false },
        dev: { type: 'boolean', default: false },
        port: { type: 'string' },
        data: { type: 'string' },
        speed: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    throw new StartError(`${(error as Error).message.split('. ')[0]}. See scripts/start --help.`);
  }
  if (values.help) return undefined;
  if (values.speed !== undefined && !values.demo)
    throw new StartError('--speed is for --demo: only the demo has people who work by themselves.');
  const speed = Number(values.speed ?? 1);
  if (!(speed >= 0 && speed <= 1000)) throw new StartError('--speed must be a number from 0 to 1000.');
  let settings;
  try {
    settings = readSettings({
      ...env,
      ...(values.port === undefined ? {} : { PORT: values.port }),
      DATA_DIR: values.data === undefined ? env['DATA_DIR'] || resolve(root, 'data') : resolve(values.data),
    });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new StartError(
      error.problems
        .map((problem) => (values.port === undefined ? problem : problem.replace(/^PORT /, '--port ')))
        .join('\n'),
    );
  }
  return { demo: values.demo, dev: values.dev, speed, settings };
}

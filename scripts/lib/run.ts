import { StartError } from './progress.ts';

type Expected = new (...args: never[]) => Error;

/**
 * Runs the work of a script. What was to be expected is said in a sentence, with exit code 1; only what nobody expected
 * shows where in the source it happened.
 *
 * @param name how the script is called, for the hint to its help
 * @param expected errors, besides {@link StartError}, whose message is for the person at the terminal
 */
export async function run(name: string, work: () => Promise<void>, ...expected: readonly Expected[]): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { code, message, stack } = error as NodeJS.ErrnoException;
    const wrongUse = code?.startsWith('ERR_PARSE_ARGS') ?? false;
    const known = [StartError, ...expected].some((kind) => error instanceof kind);
    const said = known ? message : wrongUse ? `${message.split('. ')[0]}. See ${name} --help.` : stack;
    process.stderr.write(`${said}\n`);
    process.exitCode = 1;
  }
}

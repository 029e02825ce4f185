import { createLog } from '../../server/src/platform/log.ts';

/** A log that keeps its lines, so that a test can say what must, and must not, be in it. */
export function keptLog(level = 'debug') {
  const lines: string[] = [];
  return { log: createLog('test', level, { write: (line: string) => void lines.push(line) }), lines };
}

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import failing from './failing.json' with { type: 'json' };
import { caseName, loadSpecs } from './spec.ts';
import { bars, startSuite, Tally, type Suite } from './suite.ts';

const root = process.env['MONGODB_SPECIFICATIONS'];
const known = failing as Record<string, string>;

if (root === undefined || root === '') {
  describe('MongoDB’s own cases', () => {
    it.skip('skipped: MONGODB_SPECIFICATIONS does not name the folder of the cases', () => undefined);
  });
} else {
  const specs = loadSpecs(root);
  const tally = new Tally();
  let suite: Suite;

  beforeAll(async () => {
    suite = await startSuite(process.env['CONFORMANCE_URI']);
  });

  afterAll(async () => {
    await suite[Symbol.asyncDispose]();
    console.log(
      `MongoDB’s own cases, as a ${suite.facts.topology} of version ${suite.facts.version}\n${tally.report()}`,
    );
  });

  for (const folder of new Set(specs.map((loaded) => loaded.folder))) {
    describe(folder, () => {
      for (const loaded of specs.filter((one) => one.folder === folder)) {
        for (const test of loaded.spec.tests) {
          const name = caseName(loaded, test);
          it(`${loaded.file}: ${test.description}`, async (context) => {
            const outcome = await suite.run(loaded, test);
            tally.add(folder, outcome);
            if (outcome.state === 'skipped') context.skip(outcome.reason);
            if (known[name] !== undefined) {
              expect(outcome.state, `passes now: take "${name}" off failing.json`).toBe('failed');
            } else if (outcome.state === 'failed') {
              throw outcome.error;
            }
          });
        }
      }
    });
  }

  describe('the list of failing cases', () => {
    it('names only cases that exist', () => {
      const names = new Set(specs.flatMap((loaded) => loaded.spec.tests.map((test) => caseName(loaded, test))));
      expect(Object.keys(known).filter((name) => !names.has(name))).toEqual([]);
    });

    for (const [folder, bar] of Object.entries(bars)) {
      it(`leaves ${folder} at or above ${bar * 100} %`, () => {
        expect(tally.share(folder)).toBeGreaterThanOrEqual(bar);
      });
    }
  });
}

/**
 * Which part may import which. An arrow that is not allowed here is a design change, to be argued for in
 * docs/decisions, not an exception to be added.
 */
const TESTS = '\\.(test|fixture)\\.ts$';

/** `from` may import, outside of itself, only what matches `to`. */
const only = (name, from, to, comment, fromNot = TESTS) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from, pathNot: fromNot },
  to: { pathNot: [from, ...to] },
});

const never = (name, from, to, comment, more = {}) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from, pathNot: more.fromNot ?? TESTS },
  to: { path: to, ...(more.toNot ? { pathNot: more.toNot } : {}) },
});

const BUILT_IN = '^(node:)?[a-z_/]+$';
const EXTERNAL = 'node_modules/';

export default {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Files that need each other to run are one file, or have a third one in common. Types are erased.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-unresolved',
      // What only the build resolves: aliases of the web app, and files that are served as they are.
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^(#lib|virtual:|\\$app|\\$env|vite/)|\\?url$' },
    },
    only(
      'shared-is-pure',
      '^shared/src',
      ['node_modules/zod/'],
      'The rules run in the browser and on the server alike: zod, no I/O.',
    ),
    only(
      'platform-knows-no-product',
      '^server/src/platform',
      [EXTERNAL, BUILT_IN],
      'What the product stands on knows nothing of it.',
    ),
    only(
      'embedded-stands-alone',
      '^embedded-mongo/',
      [EXTERNAL, BUILT_IN],
      'The embedded database knows nothing of the board.',
      '^$',
    ),
    never(
      'nobody-imports-embedded',
      '^(server|shared|web)/',
      '^embedded-mongo/',
      'It is reached over the wire, like MongoDB.',
      { fromNot: '^$' },
    ),
    never(
      'web-imports-shared-only',
      '^web/',
      '^(server|embedded-mongo|scripts|test)/',
      'Nothing of the server may reach a browser.',
      { fromNot: '^$' },
    ),
    never('server-imports-no-web', '^server/', '^(web|scripts|test)/', 'The web app is files to the server.'),
    never(
      'tests-are-imported-by-tests-only',
      '^(shared|server|web|embedded-mongo)/src',
      `^test/|${TESTS}`,
      'Test support stays out of the product.',
    ),
    // ingress → dispatch → journal → live: what comes in goes down this way, and nothing comes back up.
    never(
      'journal-below-dispatch',
      '^server/src/journal',
      '^server/src/(dispatch|ingress|live|jobs|notes)/',
      'The journal commits what it is given.',
    ),
    never(
      'dispatch-below-ingress',
      '^server/src/dispatch',
      '^server/src/(ingress|live|jobs|notes)/',
      'Dispatch is the only way in, whoever calls.',
    ),
    never(
      'live-follows-the-journal',
      '^server/src/live',
      '^server/src/(ingress|dispatch|jobs|notes)/',
      'Live sends what was journalled; it decides nothing. Its HTTP handlers are ways in like any others.',
      { fromNot: `/http\\.ts$|${TESTS}` },
    ),
    never(
      'jobs-come-in-through-dispatch',
      '^server/src/jobs',
      '^server/src/(ingress|live)/',
      'A job is one more sender of commands.',
    ),
    never(
      'only-main-composes',
      '^server/src/(?!main\\.ts)',
      '^server/src/main\\.ts$',
      'Everything gets what it needs from the composition root.',
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(\\.svelte-kit|build)/' },
    includeOnly: undefined,
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'svelte', 'default'],
      extensions: ['.ts', '.js', '.svelte'],
    },
  },
};

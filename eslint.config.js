import svelte from 'eslint-plugin-svelte';
import { defineConfig, globalIgnores } from 'eslint/config';
import ts from 'typescript-eslint';

/** Where promises are the rule, a forgotten one is a lost error: these files are linted with their types. */
const TYPED = ['{shared,server,embedded-mongo}/src/**/*.ts', 'scripts/**/*.ts', 'test/**/*.ts'];

export default defineConfig(
  globalIgnores(['**/node_modules/', '.node/', '**/.svelte-kit/', 'web/build/', 'data/', 'coverage/']),
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'no-eval': 'error',
      'no-new-func': 'error',
      'no-param-reassign': 'off',
      'no-unreachable': 'error',
      'no-constant-binary-expression': 'error',
      'no-self-compare': 'error',
      'no-unsafe-finally': 'error',
      'no-fallthrough': 'error',
      'no-async-promise-executor': 'error',
      'no-promise-executor-return': 'off',
      'no-duplicate-case': 'error',
      'no-dupe-keys': 'error',
      'no-cond-assign': 'error',
      'no-control-regex': 'error',
      'no-loss-of-precision': 'error',
      'no-sparse-arrays': 'error',
      'no-template-curly-in-string': 'error',
      'no-useless-escape': 'error',
      'valid-typeof': 'error',
      'use-isnan': 'error',
    },
  },
  {
    files: ['**/*.ts', '**/*.svelte'],
    extends: [ts.configs.base],
    rules: {
      '@typescript-eslint/ban-ts-comment': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        {
          argsIgnorePattern: '^_',
          varsIgnorePattern: '^_',
          destructuredArrayIgnorePattern: '^_',
          ignoreRestSiblings: true,
        },
      ],
      '@typescript-eslint/no-require-imports': 'error',
    },
  },
  {
    files: TYPED,
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': [
        'error',
        { checksVoidReturn: { arguments: false, attributes: false } },
      ],
      '@typescript-eslint/no-for-in-array': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: false },
      ],
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    extends: [svelte.configs.recommended],
    languageOptions: { parserOptions: { parser: ts.parser } },
    rules: {
      // Text from people is escaped by Svelte everywhere; there is no place for markup from outside.
      'svelte/no-at-html-tags': 'error',
      // The address of a page is the app's own base, which is the root.
      'svelte/no-navigation-without-resolve': 'off',
      // The store holds plain Maps and counts versions: several times as fast at 10,000 records.
      'svelte/prefer-svelte-reactivity': 'off',
      // Sees none of the compiler's warnings that TypeScript in a component leads to; svelte-check does.
      'svelte/no-unused-svelte-ignore': 'off',
      // A space at the start of an element is kept only when it is written so.
      'svelte/no-useless-mustaches': 'off',
      'prefer-const': 'off',
      'svelte/prefer-const': ['error', { destructuring: 'all' }],
    },
  },
  {
    // A browser's console is where a defect of the page is found.
    files: ['web/src/**'],
    rules: { 'no-console': ['error', { allow: ['error'] }] },
  },
  {
    // Runs before everything else, in whatever browser there is.
    files: ['web/static/**'],
    rules: { 'no-var': 'off' },
  },
  {
    // The terminal is where these speak.
    files: ['scripts/**', '**/test/**'],
    rules: { 'no-console': 'off' },
  },
);

import { defineConfig } from 'vitest/config';

const conditions = ['source', 'node', 'import', 'module', 'default'];
const resolving = { resolve: { conditions }, ssr: { resolve: { conditions } } };

// No test says how fast something is: one that takes a second alone may take twenty on a busy machine.
const testTimeout = 60_000;

// The suites of tests/ are not listed here: they start real processes and are run one by one
// (tests/vitest.config.ts).
export default defineConfig({
  test: {
    projects: [
      // `npm test`: what needs nothing but Node.
      {
        ...resolving,
        test: { name: 'unit', include: ['packages/*/src/**/*.test.ts'], testTimeout },
      },
      // `npm run check`: each rule of biome.json that keeps rooms apart is seen to fail, and the
      // documents are held against the repository.
      { ...resolving, test: { name: 'fences', include: ['scripts/*.test.ts'], testTimeout } },
    ],
    passWithNoTests: true,
  },
});

/**
 * Unit tests with a mutant in the sources: `ZABRA_MUTANT=<id> npx vitest run --config
 * tests/mutants/vitest.config.ts <files> -t <name>`.
 */
import { defineConfig } from 'vitest/config';
import { mutantOf } from './catalogue.ts';
import { planter, root } from './plant.ts';

const id = process.env.ZABRA_MUTANT;
const conditions = ['source', 'node', 'import', 'module', 'default'];

export default defineConfig({
  root,
  cacheDir: 'node_modules/.vite-mutants',
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  plugins: id === undefined ? [] : [planter(mutantOf(id))],
  test: { include: ['packages/*/src/**/*.test.ts'] },
});

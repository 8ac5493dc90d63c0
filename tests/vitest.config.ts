import { readdirSync } from 'node:fs';
import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const here = fileURLToPath(new URL('.', import.meta.url));
const conditions = ['source', 'node', 'import', 'module', 'default'];

// Every folder of tests/ that holds a *.suite.ts is a suite and a vitest project of the same name.
const suites = readdirSync(here, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.suite.ts'))
  .map((path) => path.split(sep)[0] as string);

export default defineConfig({
  root: here,
  cacheDir: '../node_modules/.vite-tests',
  test: {
    projects: [...new Set(suites)].map((name) => ({
      root: here,
      resolve: { conditions },
      ssr: { resolve: { conditions } },
      test: {
        name,
        include: [`${name}/**/*.suite.ts`],
        environment: 'node' as const,
        testTimeout: 60_000,
        hookTimeout: 60_000,
        // A suite starts real processes; its files run one after the other so that what one file
        // measures or kills is never another's.
        fileParallelism: false,
      },
    })),
  },
});

// Small files that a configuration refers to.

import { readFileSync } from 'node:fs';
import { ConfigError } from './config-error.ts';

/** The text of a file, null when there is none. */
export type ReadText = (path: string) => string | null;

export const readTextFile: ReadText = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new ConfigError({
      problem: `Error processing ${path}`,
      advice: (error as Error).message,
    });
  }
};

/**
 * Where things are on disk, seen from this file: it stands one folder below `bench/`, as source
 * and as what the compiler makes of it.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here: string = fileURLToPath(new URL('.', import.meta.url));

export const repositoryRoot: string = join(here, '..', '..');

/** Compiled generators, foreign servers and the data of running ones. Never inside the sources. */
export const cacheFolder: string = join(repositoryRoot, '.cache', 'bench');

export const generatorSource: string = join(here, '..', 'native', 'load.c');

/** A program of the bench that runs in a process of its own. */
export function programFile(name: 'node-load' | 'bare-server'): string {
  return join(here, `${name}.js`);
}

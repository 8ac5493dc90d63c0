/**
 * Lends directories in the bench's cache, which is on the disk of the checkout: fsync has to cost
 * what it costs. They are gone when their use ends, and at the latest when the bench does.
 */
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from './places.ts';

const lent = new Set<string>();

process.on('exit', () => {
  for (const directory of lent) rmSync(directory, { recursive: true, force: true });
});

export async function withDirectory<T>(
  name: string,
  use: (directory: string) => Promise<T>,
): Promise<T> {
  await mkdir(cacheFolder, { recursive: true });
  const directory = await mkdtemp(join(cacheFolder, `${name}-`));
  lent.add(directory);
  try {
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
    lent.delete(directory);
  }
}

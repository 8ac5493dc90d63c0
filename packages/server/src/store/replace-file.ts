/**
 * Puts a small file in the place of another in one step: whoever reads it, also after a power cut at
 * any moment, finds the old text or the new one, whole. What a dead server has left as `.tmp` is
 * overwritten by the next.
 */
import { dirname } from 'node:path';
import { type Files, writeAll } from './files.ts';

export async function replaceFile(files: Files, path: string, text: string): Promise<void> {
  const draft = `${path}.tmp`;
  const file = await files.open(draft, 'create');
  try {
    await writeAll(file, [new TextEncoder().encode(text)], 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await files.rename(draft, path);
  await files.syncDirectory(dirname(path));
}

/** Which tests name an entry of docs/internals/faults.md, in their own names or in a script's head. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './plant.ts';

/** Who plays the scripts of a folder. */
const players: Readonly<Record<string, string>> = {
  'packages/zab/testdata/peer': 'packages/zab/src/scripts.test.ts',
  'packages/zab/testdata/election': 'packages/zab/src/election/scripts.test.ts',
  'packages/zab/testdata/election-links': 'packages/zab/src/election/scripts.test.ts',
  'packages/tree/testdata': 'packages/tree/src/scripts.test.ts',
  'packages/replica/testdata': 'packages/replica/src/scripts.test.ts',
  'packages/replica/testdata/ensemble': 'packages/replica/src/ensemble-scripts.test.ts',
  'packages/client/testdata/session': 'packages/client/src/session/scripts.test.ts',
};

/** The test files to run for each id. */
export function filesNaming(): ReadonlyMap<string, ReadonlySet<string>> {
  const files = new Map<string, Set<string>>();
  for (const name of readdirSync(join(root, 'packages'), { recursive: true, encoding: 'utf8' })) {
    const path = `packages/${name.replaceAll('\\', '/')}`;
    // Who judges the judges of worlds plants histories, not bugs.
    if (/\/(?:node_modules|dist)\/|^packages\/sim\/src\/checkers\//.test(path)) continue;
    const isScript = path.endsWith('.txt') && path.includes('/testdata/');
    if (!isScript && !path.endsWith('.test.ts')) continue;
    const file = isScript ? players[path.slice(0, path.lastIndexOf('/'))] : path;
    for (const [id] of readFileSync(join(root, path), 'utf8').matchAll(/\bB-\d\d\b/g)) {
      if (file === undefined) throw new Error(`nobody is known to play ${path}`);
      files.set(id, (files.get(id) ?? new Set()).add(file));
    }
  }
  return files;
}

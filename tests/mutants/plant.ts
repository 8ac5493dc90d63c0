/**
 * Makes a mutant's edits while sources are loaded, for whoever bundles or tests them. Nothing is
 * written anywhere.
 */
import { readFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Edit, Mutant } from './mutant.ts';

export const root: string = fileURLToPath(new URL('../../', import.meta.url));

/** What bundlers know as a plugin, as far as it is needed here. */
interface Planter {
  readonly name: string;
  readonly enforce: 'pre';
  load(id: string): string | null;
}

export function planter(mutant: Mutant): Planter {
  return {
    name: 'mutant',
    enforce: 'pre',
    load(id) {
      const file = relative(root, id.split('?')[0] ?? '')
        .split(sep)
        .join('/');
      const edits = mutant.edits.filter((edit) => edit.file === file);
      if (edits.length === 0) return null;
      return edited(readFileSync(new URL(file, `file://${root}`), 'utf8'), edits, mutant.id);
    },
  };
}

/** The source with the edits made; each must find its text once. */
export function edited(source: string, edits: readonly Edit[], id: string): string {
  let text = source;
  for (const { file, find, put } of edits) {
    const count = text.split(find).length - 1;
    if (count !== 1) {
      throw new Error(
        `mutant ${id}: its text is in ${file} ${count} times, not once; ` +
          `the source has changed, so tests/mutants/catalogue must follow it: ${find}`,
      );
    }
    text = text.replace(find, () => put);
  }
  return text;
}

// Mutants follow the sources: what each replaces is there once, and the bugs it brings are known.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mutants } from '../tests/mutants/catalogue.ts';
import { edited, root } from '../tests/mutants/plant.ts';

const catalogue = readFileSync(join(root, 'docs/internals/faults.md'), 'utf8');

describe('mutants', () => {
  it('have ids of their own', () => {
    expect(new Set(mutants.map(({ id }) => id)).size).toBe(mutants.length);
  });

  it.each(mutants)('$id fits the sources', ({ id, edits }) => {
    expect(edits.length).toBeGreaterThan(0);
    for (const file of new Set(edits.map((edit) => edit.file))) {
      const source = readFileSync(join(root, file), 'utf8');
      const own = edits.filter((edit) => edit.file === file);
      expect(edited(source, own, id)).not.toBe(source);
    }
  });

  it.each(mutants)('$id brings back what is in the catalogue', ({ brings, worlds }) => {
    for (const bug of brings) expect(catalogue).toContain(`| ${bug} |`);
    expect(brings.length + worlds.length).toBeGreaterThan(0);
  });
});

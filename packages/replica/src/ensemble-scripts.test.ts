/**
 * Every file of testdata/ensemble is a test of several minds together, played like those of one
 * (scripts.test.ts): `UPDATE_SCRIPTS=1` rewrites what they say.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { EnsembleScript } from './testing/ensemble-script.ts';
import { formatScript, parseScript } from './testing/script-file.ts';

const home = new URL('../testdata/ensemble/', import.meta.url);
const rewrites = process.env.UPDATE_SCRIPTS === '1';
const files = readdirSync(home).filter((file) => file.endsWith('.txt'));

function play(text: string): string {
  const blocks = parseScript(text);
  const script = new EnsembleScript();
  const outputs = blocks.map((block) => block.commands.flatMap((command) => script.run(command)));
  return formatScript(blocks, outputs);
}

describe('scripts of ensembles', () => {
  test.each(files)('%s', (file) => {
    const path = new URL(file, home);
    const text = readFileSync(path, 'utf8');
    const played = play(text);
    if (rewrites && played !== text) writeFileSync(path, played);
    else expect(played).toBe(text);
  });

  test('each begins with a sentence', () => {
    for (const file of files) {
      const [first = ''] = readFileSync(new URL(file, home), 'utf8').split('\n');
      expect(first, file).toMatch(/^# \S.*\.$/);
    }
  });
});

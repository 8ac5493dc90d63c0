/**
 * Every file of testdata/election and testdata/election-links is a test: what its commands say must
 * be what stands below them. After a wanted change, `UPDATE_SCRIPTS=1 npx vitest run
 * packages/zab/src/election/scripts.test.ts` rewrites the files; the difference is then read like any
 * other.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ElectionScript } from '../testing/election-script.ts';
import { LinksScript } from '../testing/links-script.ts';
import { type Command, formatScript, parseScript } from '../testing/script-file.ts';

interface Player {
  run(command: Command): string[];
}

const suites: readonly (readonly [folder: string, make: () => Player])[] = [
  ['election', () => new ElectionScript()],
  ['election-links', () => new LinksScript()],
];
const rewrites = process.env.UPDATE_SCRIPTS === '1';

function play(text: string, player: Player): string {
  const blocks = parseScript(text);
  const outputs = blocks.map((block) => block.commands.flatMap((command) => player.run(command)));
  return formatScript(blocks, outputs);
}

describe.each(suites)('scripts of %s', (folder, make) => {
  const home = new URL(`../../testdata/${folder}/`, import.meta.url);
  const files = readdirSync(home).filter((file) => file.endsWith('.txt'));

  test.each(files)('%s', (file) => {
    const path = new URL(file, home);
    const text = readFileSync(path, 'utf8');
    const played = play(text, make());
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

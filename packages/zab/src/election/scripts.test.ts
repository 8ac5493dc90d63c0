/**
 * Every file of testdata/election and testdata/election-links is a test: what its commands say must
 * be what stands below them. After a wanted change, `UPDATE_SCRIPTS=1 npx vitest run
 * packages/zab/src/election/scripts.test.ts` rewrites the files; the difference is then read like any
 * other.
 */
import { playScripts } from '../../../../tests/support/play-scripts.ts';
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

function play(text: string, player: Player): string {
  const blocks = parseScript(text);
  const outputs = blocks.map((block) => block.commands.flatMap((command) => player.run(command)));
  return formatScript(blocks, outputs);
}

for (const [folder, make] of suites) {
  const home = new URL(`../../testdata/${folder}/`, import.meta.url);
  playScripts(`scripts of ${folder}`, home, (text) => play(text, make()));
}

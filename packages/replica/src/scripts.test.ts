/**
 * Every file of testdata is a test: what its commands say must be what stands below them. After a
 * wanted change, `UPDATE_SCRIPTS=1 npx vitest run packages/replica/src/scripts.test.ts` rewrites the
 * files; the difference is then read like any other.
 */
import { playScripts } from '../../../tests/support/play-scripts.ts';
import { Script } from './testing/script.ts';
import { formatScript, parseScript } from './testing/script-file.ts';

function play(text: string): string {
  const blocks = parseScript(text);
  const script = new Script();
  const outputs = blocks.map((block) => block.commands.flatMap((command) => script.run(command)));
  return formatScript(blocks, outputs);
}

playScripts('scripts', new URL('../testdata/', import.meta.url), play);

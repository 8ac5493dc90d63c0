/**
 * Every file of testdata/ensemble is a test of several minds together, played like those of one
 * (scripts.test.ts): `UPDATE_SCRIPTS=1` rewrites what they say.
 */
import { playScripts } from '../../../tests/support/play-scripts.ts';
import { EnsembleScript } from './testing/ensemble-script.ts';
import { formatScript, parseScript } from './testing/script-file.ts';

function play(text: string): string {
  const blocks = parseScript(text);
  const script = new EnsembleScript();
  const outputs = blocks.map((block) => block.commands.flatMap((command) => script.run(command)));
  return formatScript(blocks, outputs);
}

playScripts('scripts of ensembles', new URL('../testdata/ensemble/', import.meta.url), play);

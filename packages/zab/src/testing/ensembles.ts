/** Configurations for tests, in few words: `1 2 3 observers=4 groups=1:2,3 weights=3:0 version=ff`. */
import { type Ensemble, parseEnsemble } from '@zabra/wire';
import { parseWords, type Words } from './script-file.ts';

export function ensembleOf(words: string | Words): Ensemble {
  const { list, options } = typeof words === 'string' ? parseWords(words) : words;
  const listed = (key: string) => options.get(key)?.split(',') ?? [];
  const lines = [
    ...list.map((id) => `server.${id}=h${id}:2888:3888:participant`),
    ...listed('observers').map((id) => `server.${id}=h${id}:2888:3888:observer`),
    ...listed('groups').map((members, i) => `group.${i + 1}=${members}`),
    ...listed('weights').map((weight) => `weight.${weight.replace(':', '=')}`),
    `version=${options.get('version') ?? 0}`,
  ];
  const outcome = parseEnsemble(lines.join('\n'));
  if (outcome.kind === 'problem') throw new Error(outcome.problem);
  return outcome.ensemble;
}

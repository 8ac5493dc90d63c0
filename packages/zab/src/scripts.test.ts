/**
 * Every file of testdata/peer is a test: what its commands say must be what stands below them. After
 * a wanted change, `UPDATE_SCRIPTS=1 npx vitest run packages/zab/src/scripts.test.ts` rewrites the
 * files; the difference is then read like any other.
 */
import { vi } from 'vitest';
import { playScripts } from '../../../tests/support/play-scripts.ts';
import type { OracleVoting } from './testing/oracle-voting.ts';
import { PeerScript } from './testing/peer-script.ts';
import { formatScript, parseScript } from './testing/script-file.ts';

const playing = vi.hoisted((): { script: PeerScript | null } => ({ script: null }));

vi.mock('./election/voting.ts', async () => {
  const { OracleVoting: Oracular } = await import('./testing/oracle-voting.ts');
  type Settings = ConstructorParameters<typeof OracleVoting>[1];
  type Members = ConstructorParameters<typeof OracleVoting>[2];
  return {
    Voting: class extends Oracular {
      constructor(settings: Settings, _links: unknown, committed: Members) {
        const oracle = {
          leaderFor: () => playing.script!.leaderFor(),
          get isDeserted() {
            return playing.script!.isDeserted;
          },
        };
        super(oracle, settings, committed);
      }
    },
  };
});

function play(text: string): string {
  const blocks = parseScript(text);
  const script = new PeerScript();
  playing.script = script;
  const outputs = blocks.map((block) => block.commands.flatMap((command) => script.run(command)));
  return formatScript(blocks, outputs);
}

playScripts('scripts of a peer', new URL('../testdata/peer/', import.meta.url), play);

/**
 * Every file of testdata/peer is a test: what its commands say must be what stands below them. After
 * a wanted change, `UPDATE_SCRIPTS=1 npx vitest run packages/zab/src/scripts.test.ts` rewrites the
 * files; the difference is then read like any other.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
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
        super({ leaderFor: () => playing.script!.leaderFor() }, settings, committed);
      }
    },
  };
});

const home = new URL('../testdata/peer/', import.meta.url);
const rewrites = process.env.UPDATE_SCRIPTS === '1';
const files = readdirSync(home).filter((file) => file.endsWith('.txt'));

function play(text: string): string {
  const blocks = parseScript(text);
  const script = new PeerScript();
  playing.script = script;
  const outputs = blocks.map((block) => block.commands.flatMap((command) => script.run(command)));
  return formatScript(blocks, outputs);
}

describe('scripts of a peer', () => {
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

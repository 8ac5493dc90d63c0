/**
 * Peers in a seeded world whose leaders are not elected: an oracle names whom it likes, be it the one
 * that has least. Nothing may be lost by that either. For seeds see `testing/peer-seeds.ts`.
 */
import { expect, test, vi } from 'vitest';
import type { OracleVoting } from './testing/oracle-voting.ts';
import { playSeeds, seedsOf } from './testing/peer-seeds.ts';
import { PeerWorld } from './testing/peer-world.ts';

const playing = vi.hoisted((): { world: PeerWorld | null } => ({ world: null }));

vi.mock('./election/voting.ts', async () => {
  const { OracleVoting: Oracular } = await import('./testing/oracle-voting.ts');
  type Settings = ConstructorParameters<typeof OracleVoting>[1];
  type Members = ConstructorParameters<typeof OracleVoting>[2];
  return {
    Voting: class extends Oracular {
      constructor(settings: Settings, _links: unknown, committed: Members) {
        super({ leaderFor: () => playing.world!.leaderFor() }, settings, committed);
      }
    },
  };
});

const seeds = seedsOf(process.env, 120);

test('whoever is named leader, nothing agreed is lost', () => {
  const sums = playSeeds(seeds, (seed) => {
    playing.world = new PeerWorld(seed, true);
    return playing.world;
  });
  if (seeds.count < 100) return;
  expect(sums.reigns).toBeGreaterThan(2 * seeds.count);
  expect(sums.agreed).toBeGreaterThan(100 * seeds.count);
}, 3_600_000);

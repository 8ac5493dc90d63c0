/** An ensemble of three processes: it elects, writes, loses its leader, and goes on. */
import { afterEach, describe, expect, it } from 'vitest';
import { createBody, Flags, Op, pathAndWatch } from '../support/raw-requests.ts';
import { isFullCount } from '../support/server.ts';
import { expectAgreement, expectRoles } from './agreement.ts';
import { Ensemble } from './ensemble.ts';

const ROUNDS = isFullCount() ? 20 : 2;
const NODES_A_ROUND = isFullCount() ? 100 : 20;

let ensemble: Ensemble | null = null;

async function members(): Promise<Ensemble> {
  ensemble = await Ensemble.of('zabra', 'zabra', 'zabra');
  return ensemble;
}

afterEach(async () => {
  await ensemble?.end();
  ensemble = null;
});

describe('three members', { timeout: 60_000 + ROUNDS * 30_000 }, () => {
  it('write what a client of any of them says, and outlive each leader', async () => {
    const three = await members();
    await three.start(1, 2, 3);
    await expectRoles(three, 2);
    const written: string[] = [];
    const writeEverywhere = async (name: string): Promise<void> => {
      for (const id of three.running) {
        const path = `/${name}-${id}`;
        await three.write(id, path);
        written.push(path);
      }
    };
    await writeEverywhere('first');
    await expectAgreement(three, written);
    for (let round = 1; round <= ROUNDS; round += 1) {
      const leader = await three.leader();
      await three.kill(leader);
      await expectRoles(three, 1);
      for (let i = 0; i < NODES_A_ROUND; i += 1) await writeEverywhere(`round-${round}-${i}`);
      await three.start(leader);
      await expectRoles(three, 2);
      await writeEverywhere(`after-${round}`);
      await expectAgreement(three, written);
    }
  });

  it('find everything again after all of them were killed', async () => {
    const three = await members();
    await three.start(1, 2, 3);
    const written = Array.from({ length: NODES_A_ROUND }, (_, i) => `/n${i}`);
    for (const path of written) await three.write(1, path);
    await Promise.all(three.ids.map((id) => three.kill(id)));
    await three.start(1, 2);
    await expectRoles(three, 1);
    await three.write(2, '/later');
    await three.start(3);
    await expectAgreement(three, [...written, '/later']);
  });

  it('forget what nobody else ever heard of, on the disk as well', async () => {
    const three = await members();
    await three.start(1, 2, 3);
    await three.write(1, '/agreed');
    await expectAgreement(three, ['/agreed']);
    const leader = await three.leader();
    const [first = 0, second = 0] = others(three, leader);
    const client = await three.connect(leader);
    await three.kill(first);
    three.freeze(second);
    // It is logged here and lies unread in front of the other.
    client.call(Op.create, createBody('/unheard-of')).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 300));
    await three.kill(second);
    await three.kill(leader);
    await three.start(first, second);
    await three.write(first, '/later');
    for (let restart = 0; restart < 2; restart += 1) {
      await three.start(leader);
      await expectAgreement(three, ['/agreed', '/later']);
      const tree = await three.tree(leader);
      expect(tree.map(({ path }) => path)).not.toContain('/unheard-of');
      const tookOver = (await three.said(leader)).includes('taking over a snapshot');
      expect(tookOver).toBe(restart === 0);
      await three.kill(leader);
    }
  });

  it('keep a session whose server was killed', async () => {
    const three = await members();
    await three.start(1, 2, 3);
    const [follower = 0, other = 0] = others(three, await three.leader());
    const client = await three.connect(follower);
    await client.must(Op.create, createBody('/held', { flags: Flags.ephemeral }));
    const { sessionId, password } = client.session;
    await three.kill(follower);
    const back = await three.connect(other, { sessionId, password });
    expect((await back.call(Op.exists, pathAndWatch('/held'))).error).toBe(0);
    await back.closeSession();
    const again = await three.connect(other);
    expect((await again.call(Op.exists, pathAndWatch('/held'))).error).toBe(-101);
    again.destroy();
  });

  it('say what they do, and end without a word when they are told to', async () => {
    const three = await members();
    await three.start(1, 2, 3);
    const leader = await three.leader();
    await three.write(leader, '/before');
    expect(await three.said(leader)).toContain('"msg":"leading"');
    const [follower = 0] = others(three, leader);
    expect(await three.said(follower)).toContain('"msg":"following"');
    // Others lead on at once, and what was written is with them.
    expect(await three.stop(leader)).toBe(0);
    await expectRoles(three, 1, { timeout: 5000 });
    await three.write(follower, '/after');
    await expectAgreement(three, ['/before', '/after']);
    expect(await three.stop(follower)).toBe(0);
  });
});

function others(three: Ensemble, leader: number): readonly number[] {
  return three.running.filter((id) => id !== leader);
}

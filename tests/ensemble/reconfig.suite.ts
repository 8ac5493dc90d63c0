/**
 * Members that change while they serve, as real processes: an ensemble grows from one, shrinks, is
 * replaced member by member under load, and loses its leader by order.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createBody, Op, pathAndWatch } from '../support/raw-requests.ts';
import { expectAgreement, expectRoles } from './agreement.ts';
import { ChangingEnsemble } from './changing-ensemble.ts';
import { CONFIG_NODE } from './ensemble.ts';
import { Load } from './load.ts';

const PATIENCE = { timeout: 20_000, interval: 100 };

let ensemble: ChangingEnsemble | null = null;

async function changing(count: number, settings = {}): Promise<ChangingEnsemble> {
  const products = Array.from({ length: count }, () => 'zabra' as const);
  ensemble = await ChangingEnsemble.from(settings, ...products);
  return ensemble;
}

/** The ids of the members, as a configuration lists them. */
function idsIn(text: string): number[] {
  return [...text.matchAll(/^server\.(\d+)=/gm)].map(([, id]) => Number(id)).sort();
}

function versionIn(text: string): string {
  return /^version=(\w+)$/m.exec(text)?.[1] ?? 'none';
}

afterEach(async () => {
  await ensemble?.end();
  ensemble = null;
});

describe('members that change', { timeout: 180_000 }, () => {
  it('grow from one to three to five, and shrink again, and find all of it after a restart', async () => {
    const all = await changing(1, { standaloneEnabled: false });
    await all.start(1);
    await all.write(1, '/of-one');
    for (const size of [3, 5]) {
      while (all.ids.length < size) {
        const id = await all.recruit('zabra');
        await all.start(id);
        expect(idsIn(await all.configuration(id))).not.toContain(id);
        expect(idsIn(await all.reconfigure(1, { joining: all.lineOf(id) }))).toContain(id);
      }
      await expectRoles(all, size - 1);
      for (const id of all.running) await all.write(id, `/of-${size}-by-${id}`);
      await expectAgreement(all, ['/of-one', `/of-${size}-by-${size}`]);
    }
    // Three of five are a quorum, two are none of five.
    await all.kill(4);
    await all.kill(5);
    await all.write(1, '/without-two');
    const text = await all.reconfigure(2, { leaving: '4,5' });
    expect(idsIn(text)).toEqual([1, 2, 3]);
    await all.kill(3);
    await all.write(2, '/without-three');
    await all.kill(1);
    await all.kill(2);
    await all.start(1, 2, 3);
    await expectRoles(all, 2);
    await expectAgreement(all, ['/of-5-by-4', '/without-two', '/without-three']);
    for (const id of all.running) expect(await all.configuration(id)).toBe(text);
  });

  it('are all replaced one by one while clients write', async () => {
    const all = await changing(3);
    await all.start(1, 2, 3);
    await expectRoles(all, 2);
    const load = Load.on(all);
    for (const old of [1, 2, 3]) {
      const id = await all.recruit('zabra');
      await all.start(id);
      const at = all.running.find((one) => one !== old)!;
      await expect
        .poll(() => all.reconfigure(at, { joining: all.lineOf(id), leaving: `${old}` }), PATIENCE)
        .toContain(`server.${id}=`);
      await load.goesOn();
      expect(await all.stop(old)).toBe(0);
      await expectRoles(all, 2);
      await load.goesOn();
    }
    const written = await load.end();
    expect(written.length).toBeGreaterThan(20);
    await expectAgreement(all, written);
    expect(idsIn(await all.configuration(4))).toEqual([4, 5, 6]);
  });

  it('let a leader go without an election, who follows on and comes back as it is', async () => {
    const all = await changing(3);
    await all.start(1, 2, 3);
    const leader = await all.leader();
    await all.write(leader, '/before');
    const text = await all.reconfigure(leader, { leaving: `${leader}` });
    expect(idsIn(text)).not.toContain(leader);
    await expect.poll(() => all.leader(), PATIENCE).not.toBe(leader);
    await expectRoles(all, 2);
    expect(await all.said(leader)).toContain('a new configuration names another leader');
    await all.write(leader, '/through-the-one-who-left');
    await expectAgreement(all, ['/before', '/through-the-one-who-left']);
    // P-06: it takes up its vote again with what it has.
    await all.reconfigure(leader, { joining: all.lineOf(leader) });
    await all.kill(all.running.find((id) => id !== leader)!);
    await all.write(leader, '/with-its-vote');
  });

  it('become observers and voters again', async () => {
    const all = await changing(3);
    await all.start(1, 2, 3);
    const leader = await all.leader();
    const [follower = 0] = all.running.filter((id) => id !== leader);
    await all.reconfigure(leader, { joining: all.lineOf(follower, 'observer') });
    await expect.poll(() => all.said(follower), PATIENCE).toContain('"msg":"observing"');
    await expect.poll(() => all.configuration(follower), PATIENCE).toContain(':observer');
    await all.reconfigure(leader, { joining: all.lineOf(follower) });
    await expectRoles(all, 2);
    await all.write(follower, '/again');
    await expectAgreement(all, ['/again']);
  });

  it('are told by a watch, with the version of the change', async () => {
    const all = await changing(3);
    await all.start(1, 2, 3);
    const leader = await all.leader();
    const [follower = 0, other = 0] = all.running.filter((id) => id !== leader);
    const client = await all.connect(follower);
    await client.must(Op.getData, pathAndWatch(CONFIG_NODE, true));
    const text = await all.reconfigure(leader, { leaving: `${other}` });
    await expect.poll(() => client.events.length, PATIENCE).toBe(1);
    expect(client.events[0]).toMatchObject({ path: CONFIG_NODE });
    await expect.poll(() => all.configuration(follower), PATIENCE).toBe(text);
    client.destroy();
    const directory = all.directoryOf(follower);
    const version = versionIn(text);
    await expect.poll(() => readdir(directory), PATIENCE).toContain(`zoo.cfg.dynamic.${version}`);
    await expect
      .poll(() => readFile(join(directory, 'zoo.cfg'), 'utf8'), PATIENCE)
      .toContain(`dynamicConfigFile=${join(directory, `zoo.cfg.dynamic.${version}`)}`);
    expect(await readdir(directory)).toContain('zoo.cfg.bak');
    await expect.poll(() => readdir(directory), PATIENCE).not.toContain('zoo.cfg.dynamic.next');
    await expect(all.reconfigure(leader, { leaving: '9', version: 1n })).rejects.toThrow('-103');
    const guarded = { leaving: '9', version: BigInt(`0x${version}`) };
    expect(versionIn(await all.reconfigure(leader, guarded))).not.toBe(version);
  });

  it('move to other ports, and the clients they have stay', async () => {
    const all = await changing(3);
    await all.start(1, 2, 3);
    const leader = await all.leader();
    const [follower = 0] = all.running.filter((id) => id !== leader);
    const client = await all.connect(follower);
    await client.must(Op.create, createBody('/before'));
    for (const id of [follower, leader]) {
      await all.move(id);
      await expect
        .poll(
          () => all.reconfigure(follower === id ? leader : follower, { joining: all.lineOf(id) }),
          PATIENCE,
        )
        .toContain(all.lineOf(id));
      await expectRoles(all, 2);
    }
    // Nobody's own part has changed by where its clients connect.
    for (const id of all.running) await all.write(id, `/moved-${id}`);
    const next = await all.leader();
    await all.kill(next);
    await expectRoles(all, 1);
    await all.start(next);
    await expectRoles(all, 2);
    await expectAgreement(all, ['/before', ...all.running.map((id) => `/moved-${id}`)]);
    client.destroy();
  });

  it('refuse what cannot be agreed on, and lose nothing by it', async () => {
    const all = await changing(3);
    await all.start(1, 2, 3);
    const absent = [await all.recruit('zabra'), await all.recruit('zabra')];
    const members = [1, ...absent].map((id) => all.lineOf(id)).join(',');
    await expect(all.reconfigure(2, { members })).rejects.toThrow('-13');
    await expect(all.reconfigure(2, { leaving: '1,2' })).rejects.toThrow('-8');
    const client = await all.connect(2);
    expect((await client.call(Op.reconfig, Buffer.alloc(20, 0xff))).error).toBe(-102);
    client.destroy();
    await all.write(2, '/after');
    await expectAgreement(all, ['/after']);
  });

  it('B-56: do not wait for ever for a joiner that dies while it gets in step', async () => {
    const all = await changing(3);
    await all.start(1, 2, 3);
    await expectRoles(all, 2);
    for (let i = 0; i < 3; i += 1) {
      const id = await all.recruit('zabra');
      await all.start(id);
      const change = all.reconfigure(1, { joining: all.lineOf(id) });
      await all.kill(id);
      await change.catch(() => {});
      await all.write(2, `/after-${i}`);
      await expect
        .poll(async () => idsIn(await all.reconfigure(2, { leaving: `${id}` })), PATIENCE)
        .toEqual([1, 2, 3]);
    }
    await expectAgreement(all, ['/after-0', '/after-2']);
  });
});

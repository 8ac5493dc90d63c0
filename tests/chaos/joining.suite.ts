/**
 * A server of one kind joins a leader of the other, in every way in which a learner gets in step, as a
 * follower and as an observer; and sessions move between servers of both kinds.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { expectAgreement } from '../ensemble/agreement.ts';
import { Ensemble } from '../ensemble/ensemble.ts';
import { createBody, Flags, Op, pathAndWatch } from '../support/raw-requests.ts';
import { isFullCount, type Product } from '../support/server.ts';

type Way = 'DIFF' | 'TRUNC' | 'SNAP';

const PATIENCE = { timeout: 60_000, interval: 200 };
/** A leader of Apache's has so many transactions at hand for a DIFF. */
const AT_HAND = 20;
/** More than that: then nothing but a snapshot will do. */
const MANY = 60;
const LEARNER = 3;
const OBSERVER = 4;

let ensemble: Ensemble | null = null;
let written: string[] = [];

afterEach(async () => {
  await ensemble?.end();
  ensemble = null;
});

async function begin(leaders: Product, learners: Product): Promise<Ensemble> {
  ensemble = await Ensemble.planned({
    members: [leaders, leaders, learners],
    observers: [learners],
    settings: { initLimit: 20, syncLimit: 6 },
    properties: {
      'zookeeper.commitLogCount': AT_HAND,
      // Nothing of what is not at hand is read from logs.
      'zookeeper.snapshotSizeFactor': -1,
    },
  });
  written = [];
  await ensemble.start(...ensemble.ids);
  return ensemble;
}

async function write(one: Ensemble, id: number, name: string, count = 1): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    const path = `/${name}-${i}`;
    await one.write(id, path);
    written.push(path);
  }
}

/** One leads, all others follow or observe. */
async function settled(one: Ensemble): Promise<void> {
  const roles = (): Promise<string[]> => Promise.all(one.running.map((id) => one.roleOf(id)));
  await expect.poll(async () => (await roles()).includes('not serving'), PATIENCE).toBe(false);
}

async function wayOf(one: Ensemble, id: number): Promise<Way> {
  const said = await one.said(id);
  if (/taking over a snapshot|Getting a snapshot from leader/.test(said)) return 'SNAP';
  if (/cutting the log|Truncating log to get in sync/.test(said)) return 'TRUNC';
  return 'DIFF';
}

/** It was away, and gets in step with a leader of the other kind. */
async function joins(one: Ensemble, id: number): Promise<Way> {
  await one.start(id);
  await settled(one);
  expect(one.productOf(await one.leader())).not.toBe(one.productOf(id));
  await write(one, id, `by-${id}-${written.length}`);
  await expectAgreement(one, written);
  return wayOf(one, id);
}

/** It leads, and has something on its disk that nobody else ever heard of. */
async function leadsAlone(one: Ensemble): Promise<void> {
  await expect
    .poll(async () => {
      if ((await one.leader()) === LEARNER) return true;
      // With nothing to tell votes apart, the highest id leads.
      for (const id of one.running) await one.kill(id);
      await one.start(2, LEARNER);
      await one.start(1, OBSERVER);
      return false;
    }, PATIENCE)
    .toBe(true);
  const client = await one.connect(LEARNER);
  await one.kill(1);
  one.freeze(2);
  client.call(Op.create, createBody('/unheard-of')).catch(() => {});
  await new Promise((resolve) => setTimeout(resolve, 500));
  await one.kill(2);
  await one.kill(OBSERVER);
  await one.kill(LEARNER);
}

async function movesBetween(one: Ensemble): Promise<void> {
  let client = await one.connect(1, { timeoutMs: 10_000 });
  await client.must(Op.create, createBody('/held', { flags: Flags.ephemeral }));
  const { sessionId, password } = client.session;
  for (const id of [LEARNER, 2, OBSERVER, 1]) {
    const moved = await one.connect(id, { sessionId, password, timeoutMs: 10_000 });
    expect(moved.session.sessionId).toBe(sessionId);
    expect((await moved.call(Op.exists, pathAndWatch('/held'))).error).toBe(0);
    await moved.must(Op.create, createBody(`/held-at-${id}`, { flags: Flags.ephemeral }));
    client.destroy();
    client = moved;
  }
  await client.closeSession();
  for (const id of one.running) {
    await expect
      .poll(
        async () => (await one.tree(id)).filter(({ path }) => path.startsWith('/held')),
        PATIENCE,
      )
      .toEqual([]);
  }
}

const apaches: readonly Product[] = isFullCount() ? ['apache38', 'apache39'] : ['apache38'];
const pairs = apaches.flatMap((apache) => [['zabra', apache] as const, [apache, 'zabra'] as const]);

describe('learners of the other kind', { timeout: 400_000 }, () => {
  it.each(pairs)('to leaders of %s, %s joins in every way', async (leaders, learners) => {
    const one = await begin(leaders, learners);
    await settled(one);
    await write(one, 1, 'first', 5);
    await movesBetween(one);

    await one.kill(LEARNER);
    await one.kill(OBSERVER);
    await write(one, 1, 'few', 5);
    expect(await joins(one, LEARNER)).toBe('DIFF');
    expect(await joins(one, OBSERVER)).toBe('DIFF');

    for (const id of [LEARNER, OBSERVER]) {
      await one.kill(id);
      await rm(join(one.dataDirOf(id), 'version-2'), { recursive: true });
    }
    await write(one, 1, 'many', MANY);
    expect(await joins(one, LEARNER)).toBe('SNAP');
    expect(await joins(one, OBSERVER)).toBe('SNAP');

    await leadsAlone(one);
    // A leader of Apache's sends TRUNC as long as nothing was written in its epoch.
    await one.start(1, 2);
    // Our leader sends a snapshot where it did not propose what it would have to cut.
    expect(await joins(one, LEARNER)).toBe(leaders === 'zabra' ? 'SNAP' : 'TRUNC');
    await joins(one, OBSERVER);
    for (const id of one.running) {
      expect((await one.tree(id)).map(({ path }) => path)).not.toContain('/unheard-of');
    }
  });
});

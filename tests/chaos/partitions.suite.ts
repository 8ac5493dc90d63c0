/**
 * Ensembles of real processes whose members cannot all talk to each other. Who is with less than half
 * serves nobody and says so; when the wires are whole again all go on by themselves. Nothing here is
 * measured in time: a bound is a number of leaders.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { Ensemble } from '../ensemble/ensemble.ts';
import { isFullCount, type Product } from '../support/server.ts';
import { expectRight } from './expect-right.ts';
import { Trial } from './trial.ts';

const SEED = Number(process.env.ZABRA_SEED ?? 1);
const SETTINGS = { initLimit: 10, syncLimit: 4, snapCount: 1000 };
const PATIENCE = { timeout: 60_000, interval: 100 };
/** So many leaders at most until there is one who stays, however the wires are cut. */
const LEADERS_MAX = 5;
const ROUNDS_OF_WORK = isFullCount() ? 20 : 6;
const NOT_SERVING = 'This ZooKeeper instance is not currently serving requests';

let ensemble: Ensemble | null = null;
let trial: Trial;

afterEach(async () => {
  await ensemble?.end();
  ensemble = null;
});

async function begin(count: number): Promise<Ensemble> {
  const members = Array.from({ length: count }, (): Product => 'zabra');
  ensemble = await Ensemble.planned({ members, settings: SETTINGS, isWired: true });
  await ensemble.start(...ensemble.ids);
  trial = Trial.begin(ensemble, { seed: SEED, people: 9, thinkMs: 100, timeoutsMs: [2000, 4000] });
  await written();
  return ensemble;
}

/** Writes go on to be acknowledged, somewhere. */
function written(): Promise<void> {
  const sinceMs = Date.now();
  const newest = (): number => Math.max(...trial.people.map(({ wroteMs }) => wroteMs));
  return expect.poll(newest, PATIENCE).toBeGreaterThan(sinceMs);
}

async function silent(one: Ensemble, ...ids: readonly number[]): Promise<void> {
  for (const id of ids) {
    await expect.poll(() => one.word(id, 'srvr'), PATIENCE).toContain(NOT_SERVING);
    // Nobody is greeted there.
    await expect(one.connect(id)).rejects.toThrow();
  }
}

/** The wires are whole, all serve again without anybody's help, and the history is right. */
async function heal(one: Ensemble): Promise<void> {
  one.wires.mend();
  for (const id of one.ids) {
    await expect.poll(() => one.roleOf(id), PATIENCE).not.toBe('not serving');
  }
  await written();
  await expectRight(trial, `seed ${SEED}`);
}

/** How many have begun to lead so far. */
async function leaders(one: Ensemble): Promise<number> {
  const said = await Promise.all(one.ids.map((id) => one.said(id)));
  return said.join('').split('"msg":"leading"').length - 1;
}

describe('wires that are cut', { timeout: 240_000 }, () => {
  it('the smaller part serves nobody and says so', async () => {
    const five = await begin(5);
    const leader = await five.leader();
    const others = five.ids.filter((id) => id !== leader);
    const minority = [leader, others[0]!];
    five.wires.part(minority, others.slice(1));
    await silent(five, ...minority);
    await written();
    await heal(five);
  });

  it('a leader that its clients reach and its peers do not answers no write', async () => {
    const three = await begin(3);
    const leader = await three.leader();
    const client = await three.connect(leader);
    three.wires.part([leader], three.wires.othersOf(leader));
    await silent(three, leader);
    await client.link.end();
    await written();
    await heal(three);
  });

  it('with nobody in the majority nobody serves', async () => {
    const three = await begin(3);
    three.wires.part([1], [2], [3]);
    await silent(three, 1, 2, 3);
    await heal(three);
  });

  it.each(['leader', 'follower'] as const)('one that is not heard and hears (%s)', async (who) => {
    const three = await begin(3);
    const leader = await three.leader();
    const deaf = who === 'leader' ? leader : three.wires.othersOf(leader)[0]!;
    const before = await leaders(three);
    for (const other of three.wires.othersOf(deaf)) three.wires.mute(deaf, other);
    await settled(three, before);
    await heal(three);
  });

  it('one that is heard and does not hear', async () => {
    const three = await begin(3);
    const leader = await three.leader();
    const before = await leaders(three);
    for (const other of three.wires.othersOf(leader)) three.wires.mute(other, leader);
    await settled(three, before);
    await heal(three);
  });

  it('two that cannot talk to each other, and both to the third', async () => {
    const three = await begin(3);
    const before = await leaders(three);
    const leader = await three.leader();
    three.wires.part([leader], [three.wires.othersOf(leader)[0]!]);
    await settled(three, before);
    await heal(three);
  });
});

/** Writes go on to succeed, and it took no more leaders than it may. */
async function settled(one: Ensemble, before: number): Promise<void> {
  expect(before).toBeGreaterThan(0);
  for (let round = 0; round < ROUNDS_OF_WORK; round += 1) {
    await written();
    await pause(400);
  }
  expect((await leaders(one)) - before).toBeLessThanOrEqual(LEADERS_MAX);
}

describe('wires that are bad', { timeout: 240_000 }, () => {
  it('come and go', async () => {
    const three = await begin(3);
    for (let round = 0; round < 12; round += 1) {
      const one = 1 + (round % 3);
      three.wires.part([one], three.wires.othersOf(one));
      await pause(100 + 250 * (round % 4));
      three.wires.mend();
      await pause(300);
    }
    await heal(three);
  });

  it('are slow', async () => {
    const three = await begin(3);
    three.wires.slow(1, 2, 120);
    three.wires.slow(2, 3, 300);
    three.wires.slow(1, 3, 40);
    for (let i = 0; i < 5; i += 1) await written();
    await heal(three);
  });

  it('break amid what they carry', async () => {
    const three = await begin(3);
    for (let round = 0; round < 20; round += 1) {
      const from = 1 + (round % 3);
      const to = 1 + ((round + 1 + (round % 2)) % 3);
      if (round % 5 === 4) three.wires.reset(from, to);
      else three.wires.tear(from, to);
      await pause(200);
    }
    await heal(three);
  });
});

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Runs an attack against a server of its own and judges what it did to everybody else: the server
 * lives, its memory stays where it was, a healthy client's latency does too, and what it has on
 * disk can be started from.
 */
import { constants, setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { fourLetterWord } from '../support/peers-process.ts';
import { Chance } from '../support/raw-chance.ts';
import { RawClient } from '../support/raw-client.ts';
import { createBody, Op, pathAndWatch, setDataBody } from '../support/raw-requests.ts';
import { isFullCount, type ServerProcess, startServer } from '../support/server.ts';
import { HealthyClient } from './healthy-client.ts';

const MIB = 2 ** 20;
/** With small counts the suite shares its machine with whatever else runs there. */
const RESIDENT_GROWTH_MAX = (isFullCount() ? 64 : 96) * MIB;
/** A busy machine alone brings the 99th percentile of an idle server to some milliseconds. */
const LATENCY_FLOOR_MS = 5;
const LATENCY_FACTOR_MAX = 2;
const WINDOW_MS = 500;
const IDLE_WINDOWS = 4;
const ATTACK_WINDOWS = isFullCount() ? 40 : 5;
/** Noise on the machine can only make a try worse, so the best of a few counts. */
const TRIES = 3;
const LOWEST_PRIORITY = 19;
const WARM_UP_ROUNDS = 10;
const WARM_UP_CLIENTS = 20;
const WARM_UP_REQUESTS = 50;
const CONNECTIONS_GONE_MS = 30_000;

export interface Target {
  readonly port: number;
  readonly chance: Chance;
  /** True until the attack has lasted long enough to be measured. */
  readonly goesOn: () => boolean;
}

export interface Attack {
  readonly name: string;
  readonly run: (target: Target) => Promise<void>;
  readonly settings?: Readonly<Record<string, string | number>>;
  /** Why the reference product is not put through it. */
  readonly harmsApache?: string;
}

export async function withstand(attack: Attack, seed: number): Promise<void> {
  const server = await startServer(attack.settings && { settings: attack.settings });
  await warmUp(server.port);
  const healthy = await HealthyClient.start(server.port);
  const connectionsBefore = await connectionCount(server);
  const chance = new Chance(seed);
  for (let tries = 1; ; tries += 1) {
    const idleBeforeMs = median(await windows(healthy, IDLE_WINDOWS));
    const residentBefore = await server.residentBytes();
    const { attackedMs, residentMax } = await underAttack(attack, server, healthy, chance);
    expectMemoryKept(server, residentBefore, residentMax);
    // The machine may have become busier meanwhile; that is not the attacker's doing.
    const idleAfterMs = median(await windows(healthy, IDLE_WINDOWS));
    const idleMs = Math.max(idleBeforeMs, idleAfterMs);
    // Times are judged by campaigns alone, which have the machine to themselves.
    if (!isFullCount()) break;
    const allowedMs = Math.max(LATENCY_FLOOR_MS, LATENCY_FACTOR_MAX * idleMs);
    if (attackedMs <= allowedMs) break;
    if (tries < TRIES) continue;
    expect(attackedMs, `p99 under attack, idle ${idleMs.toFixed(2)} ms`).toBeLessThan(allowedMs);
  }
  await expectConnectionsGone(server, connectionsBefore);
  await healthy.stop();
  await expectRestartable(server);
}

interface AttackFigures {
  readonly attackedMs: number;
  readonly residentMax: number;
}

async function underAttack(
  attack: Attack,
  server: ServerProcess,
  healthy: HealthyClient,
  chance: Chance,
): Promise<AttackFigures> {
  let isMeasured = false;
  const { port } = server;
  let residentMax = 0;
  const watching = setInterval(() => {
    void server.residentBytes().then((now) => {
      residentMax = Math.max(residentMax, now);
    }, Boolean);
  }, 50);
  try {
    const running = fromAfar(() => attack.run({ port, chance, goesOn: () => !isMeasured }));
    // An attack that has failed is reported by the wait below, not as an unhandled rejection.
    running.catch(() => {});
    const percentiles = await windows(healthy, ATTACK_WINDOWS);
    isMeasured = true;
    await running;
    expect(server.isRunning(), await server.stderr()).toBe(true);
    return { attackedMs: median(percentiles), residentMax };
  } finally {
    isMeasured = true;
    clearInterval(watching);
  }
}

/**
 * Runs the attack at the lowest priority. A real attacker has a machine of its own; here it must
 * not be the one who takes the processor from the server and from the healthy client. Only root
 * may go back to the old priority, so others attack at full strength.
 */
async function fromAfar(run: () => Promise<void>): Promise<void> {
  if (process.getuid?.() !== 0) return run();
  setPriority(LOWEST_PRIORITY);
  try {
    await run();
  } finally {
    setPriority(constants.priority.PRIORITY_NORMAL);
  }
}

/**
 * A server's memory grows with the first load of its life; what it has grown to then is its own.
 * Many sessions come, work and go, each by itself, as an ordinary day has it.
 */
async function warmUp(port: number): Promise<void> {
  for (let round = 0; round < WARM_UP_ROUNDS; round += 1) {
    await Promise.all(Array.from({ length: WARM_UP_CLIENTS }, () => workABit(port)));
  }
}

async function workABit(port: number): Promise<void> {
  const client = await RawClient.connect({ port });
  await client.call(Op.create, createBody('/warm-up'));
  const calls = Array.from({ length: WARM_UP_REQUESTS }, (_, i) => [
    client.must(Op.setData, setDataBody('/warm-up', `${i}`.repeat(300))),
    client.must(Op.getData, pathAndWatch('/warm-up')),
  ]);
  await Promise.all(calls.flat());
  await client.closeSession();
}

/** The 99th percentile of each window. */
async function windows(healthy: HealthyClient, count: number): Promise<number[]> {
  const percentiles: number[] = [];
  await healthy.latencies();
  for (let i = 0; i < count; i += 1) {
    await sleep(WINDOW_MS);
    const latencies = (await healthy.latencies()).sort((a, b) => a - b);
    expect(latencies.length, 'answers to the healthy client in one window').toBeGreaterThan(0);
    percentiles.push(latencies[Math.floor(latencies.length * 0.99)] ?? 0);
  }
  return percentiles;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function expectMemoryKept(server: ServerProcess, before: number, highest: number): void {
  // A Java server takes what its heap allows before it collects; its size says nothing here.
  if (server.product !== 'zabra') return;
  const grownMiB = (highest - before) / MIB;
  expect(grownMiB, 'MiB the server has grown by').toBeLessThanOrEqual(RESIDENT_GROWTH_MAX / MIB);
}

async function connectionCount(server: ServerProcess): Promise<number> {
  const text = await fourLetterWord(server.port, 'srvr');
  return Number(/^Connections: (\d+)$/m.exec(text)?.[1] ?? Number.NaN);
}

/** What attackers leave behind is cleared away without help. */
async function expectConnectionsGone(server: ServerProcess, before: number): Promise<void> {
  const deadline = Date.now() + CONNECTIONS_GONE_MS;
  let now = await connectionCount(server);
  while (now > before + 1 && Date.now() < deadline) {
    await sleep(100);
    now = await connectionCount(server);
  }
  expect(now, 'connections after the attack').toBeLessThanOrEqual(before + 1);
}

/** Nothing the attack got into the log may keep the next start from happening. */
async function expectRestartable(server: ServerProcess): Promise<void> {
  await server.kill();
  const { directory } = server;
  const restarted = await startServer({ directory });
  const client = await RawClient.connect({ port: restarted.port });
  await client.must(Op.exists, pathAndWatch('/healthy'));
  await client.closeSession();
  await restarted.stop();
}

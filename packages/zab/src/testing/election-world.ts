/**
 * A seeded world of servers that elect, in two acts: in the first anything may fail, in the second
 * nothing does any more and a quorum, at least, is there. Then all of it must come to follow one
 * leader, within a bounded time, and stay with it.
 */
import { asZxid, type Ensemble } from '@zabra/wire';
import { jointQuorumOf, quorumOf } from '../quorum/ensemble-quorum.ts';
import { Chance } from './chance.ts';
import { ElectingServer, type Surroundings } from './electing-server.ts';
import { ElectionChecks } from './election-checks.ts';
import { ensembleOf } from './ensembles.ts';
import { LinkNet } from './link-net.ts';
import { Schedule } from './schedule.ts';

/** Configurations that rule, each with one that may be under way. */
const topologies: readonly (readonly [committed: string, lastSeen: string | null])[] = [
  ['1', null],
  ['1 2', null],
  ['1 2 3', null],
  ['1 2 3 4', null],
  ['1 2 3 4 5', null],
  ['1 2 3 4 5 6 7', null],
  ['1 2 3 observers=4', null],
  ['2 4 5 observers=1,3,9', null],
  ['1 2 3 4 5 6 7 8 9 groups=1:2:3,4:5:6,7:8:9', null],
  ['1 2 3 4 5 6 groups=1:2:3,4:5,6 weights=1:2,6:0', null],
  ['1 2 3 version=100', '2 3 4 version=200'],
  ['1 2 3 version=100', '1 2 3 4 5 version=200'],
];

/** A server of no configuration, that wants to follow whoever leads. */
const STRANGER = 77;

const CHAOS_MS = 30_000;
const STEP_MS = 250;
/** In the first act repetitions become as rare as one in half a minute; it may take two of them. */
const CALM_MS_MAX = 90_000;
const STAY_MS = 5000;

/** How likely each kind of fault is in a step; a run has its own subset of them. */
interface Faults {
  readonly reset: number;
  readonly block: number;
  readonly heal: number;
  readonly crash: number;
  readonly restart: number;
}

export interface Outcome {
  readonly seed: number;
  readonly decisions: number;
  readonly reigns: number;
  /** From the last fault until all who could followed one leader. */
  readonly calmMs: number;
}

export class ElectionWorld {
  readonly #seed: number;
  readonly #chance: Chance;
  readonly #schedule = new Schedule();
  readonly #net: LinkNet;
  readonly #checks: ElectionChecks;
  readonly #surroundings: Surroundings;
  readonly #servers = new Map<number, ElectingServer>();
  readonly #fallen = new Map<number, ElectingServer>();
  readonly #faults: Faults;
  #lives = 0;

  constructor(seed: number) {
    this.#seed = seed;
    this.#chance = new Chance(seed);
    const [committedText, lastSeenText] = this.#chance.pick(topologies);
    const committed = ensembleOf(committedText);
    const lastSeen = lastSeenText === null ? null : ensembleOf(lastSeenText);
    this.#checks = new ElectionChecks(jointQuorumOf(committed, lastSeen), quorumOf(committed));
    this.#net = new LinkNet(this.#chance, this.#schedule, this.#chance.pick([2, 20, 150]));
    this.#faults = this.#drawFaults();
    this.#surroundings = {
      schedule: this.#schedule,
      chance: this.#chance,
      net: this.#net,
      witness: this.#checks,
      committed,
      lastSeen,
      running: (id) => this.#servers.get(id),
    };
    this.#checks.trace(`seed ${seed}: ${committedText}, then ${lastSeenText ?? 'the same'}`);
    for (const id of idsOf(committed, lastSeen)) this.#startFirst(id);
    if (this.#chance.happens(0.2)) this.#startFirst(STRANGER);
  }

  /** What has happened so far. */
  get trace(): readonly string[] {
    return this.#checks.lines;
  }

  run(): Outcome {
    while (this.#schedule.nowMs < CHAOS_MS) {
      this.#schedule.runUntil(this.#schedule.nowMs + STEP_MS);
      this.#disturb();
    }
    this.#calmDown();
    const calmFromMs = this.#schedule.nowMs;
    while (!this.#isSettled()) {
      this.#schedule.runUntil(this.#schedule.nowMs + STEP_MS);
      if (this.#schedule.nowMs > calmFromMs + CALM_MS_MAX) throw new Error('nobody leads for good');
    }
    const calmMs = this.#schedule.nowMs - calmFromMs;
    this.#schedule.runUntil(this.#schedule.nowMs + STAY_MS);
    if (!this.#isSettled()) throw new Error('a leader did not last, though nothing failed');
    const { decisions, reigns } = this.#checks;
    return { seed: this.#seed, decisions, reigns, calmMs };
  }

  #drawFaults(): Faults {
    const chance = (most: number) => (this.#chance.happens(0.5) ? this.#chance.next() * most : 0);
    const [reset, block, crash] = [chance(0.5), chance(0.3), chance(0.1)];
    return { reset, block, crash, heal: 0.05 + chance(0.3), restart: 0.05 + chance(0.2) };
  }

  #startFirst(id: number): void {
    const epoch = this.#seed % 3;
    const counter = this.#chance.below(5);
    this.#start(id, {
      zxid: asZxid((BigInt(epoch) << 32n) | BigInt(counter)),
      currentEpoch: BigInt(epoch),
      acceptedEpoch: BigInt(epoch),
    });
  }

  #start(id: number, disk: ElectingServer['disk']): void {
    this.#lives += 1;
    this.#servers.set(id, new ElectingServer(this.#surroundings, id, this.#lives, disk));
  }

  #disturb(): void {
    const { reset, block, heal, crash, restart } = this.#faults;
    const ids = [...this.#servers.keys()];
    if (this.#chance.happens(reset)) this.#net.resetOne();
    if (this.#chance.happens(block) && ids.length > 1) this.#block(ids);
    if (this.#chance.happens(heal)) this.#net.healAll();
    if (this.#chance.happens(crash) && ids.length > 0) this.#crash(this.#chance.pick(ids));
    const fallen = [...this.#fallen.keys()];
    if (this.#chance.happens(restart) && fallen.length > 0)
      this.#restart(this.#chance.pick(fallen));
  }

  /** One way between two, or both ways around one, or a cut through all. */
  #block(ids: readonly number[]): void {
    const side = new Set(ids.filter(() => this.#chance.happens(0.5)));
    const one = this.#chance.pick(ids);
    const kind = this.#chance.pick(['way', 'one', 'cut']);
    this.#checks.trace(`${this.#schedule.nowMs} ms: ${kind} blocked, ${one} or ${[...side]}`);
    for (const from of ids) {
      for (const to of ids) {
        const isCut = side.has(from) !== side.has(to);
        const isAtOne = from === one || to === one;
        if (kind === 'cut' ? isCut : kind === 'one' ? isAtOne : from === one) {
          if (kind !== 'way' || this.#chance.happens(0.3)) this.#net.block(from, to);
        }
      }
    }
  }

  #crash(id: number): void {
    const server = this.#servers.get(id)!;
    this.#servers.delete(id);
    this.#fallen.set(id, server);
    server.crash();
  }

  #restart(id: number): void {
    const { disk } = this.#fallen.get(id)!;
    this.#fallen.delete(id);
    this.#start(id, { ...disk });
  }

  /**
   * Somebody may stay away, as long as a quorum is left. Not where a configuration is under way: if
   * those who are only in the next one have the most, they wait for somebody of the ruling one who
   * has as much, since nobody may vote for them.
   */
  #calmDown(): void {
    this.#checks.trace(`${this.#schedule.nowMs} ms: nothing fails any more`);
    this.#net.healAll();
    for (const id of [...this.#fallen.keys()]) {
      const mayStayAway = this.#surroundings.lastSeen === null && this.#isQuorum();
      if (mayStayAway && this.#chance.happens(0.5)) continue;
      this.#restart(id);
    }
  }

  #isQuorum(): boolean {
    const { committed, lastSeen } = this.#surroundings;
    const there = [...this.#servers.values()].map(({ sid }) => sid);
    return jointQuorumOf(committed, lastSeen).contains(new Set(there));
  }

  #isSettled(): boolean {
    const servers = [...this.#servers.values()];
    const reign = servers.find((server) => server.isLeading)?.reign ?? null;
    return reign?.isEstablished === true && servers.every((server) => server.follows(reign));
  }
}

function idsOf(committed: Ensemble, lastSeen: Ensemble | null): Set<number> {
  const members = [...committed.members, ...(lastSeen?.members ?? [])];
  return new Set(members.map(({ id }) => Number(id)));
}

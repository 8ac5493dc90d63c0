/**
 * A seeded world of servers that agree on an order, in two acts: in the first anything may fail, in
 * the second nothing does any more and everybody is there. Then all members must come to serve under
 * one leader within a bounded time, and what is written then must reach all of them.
 */
import { asServerId, type Ensemble, encodeUtf8, type ServerId } from '@zabra/wire';
import { quorumOf } from '../quorum/ensemble-quorum.ts';
import { PEER_DEFAULTS, type PeerSettings } from '../settings.ts';
import { Chance } from './chance.ts';
import { ensembleOf } from './ensembles.ts';
import { type Image, lastZxid } from './fake-disk.ts';
import { LinkNet } from './link-net.ts';
import type { Oracle } from './oracle-voting.ts';
import { PeerChecks } from './peer-checks.ts';
import { OBSERVER_PORT, PeerServer, type PeerSurroundings } from './peer-server.ts';
import { Schedule } from './schedule.ts';

const topologies: readonly string[] = [
  '1',
  '1 2',
  '1 2 3',
  '1 2 3',
  '1 2 3 observers=4',
  '1 2 3 4 5',
  '1 2 3 4 5',
  '1 2 3 4 5 6 groups=1:2:3,4:5,6 weights=1:2,6:0',
];

/** What members are changed to, where they may change. */
const memberships: readonly string[] = [
  '1 2 3',
  '2 3 4',
  '1 2 3 4 5',
  '1 3 5 observers=2',
  '3 4 5',
  '1 2 observers=3,4',
  '1 2 4',
];

const CHAOS_MS = 8000;
const STEP_MS = 40;
const CALM_MS_MAX = 60_000;
const TICK_MS = 100;
const LAST_WRITES = 3;
/** How long an oracle that means well stays with its choice. */
const FAVOUR_MS = 3000;

/** How likely each thing is in a step; a run has its own mixture. */
interface Mixture {
  readonly reset: number;
  readonly block: number;
  readonly heal: number;
  readonly crash: number;
  readonly restart: number;
  readonly stall: number;
  readonly pause: number;
  readonly write: number;
  readonly sync: number;
  readonly reconfigure: number;
}

export interface WorldOutcome {
  readonly agreed: number;
  readonly reigns: number;
  readonly joins: number;
  readonly syncs: number;
  readonly ways: Readonly<Record<string, number>>;
  readonly calmMs: number;
}

export class PeerWorld implements PeerSurroundings, Oracle {
  readonly chance: Chance;
  readonly schedule: Schedule = new Schedule();
  readonly elections: LinkNet;
  readonly quorums: LinkNet;
  readonly witness: PeerChecks;
  readonly #servers = new Map<number, PeerServer>();
  readonly #fallen = new Map<number, PeerServer>();
  readonly #mixture: Mixture;
  readonly #tuning: Partial<PeerSettings>;
  readonly #ensemble: Ensemble;
  /** What was agreed does not rest on it. */
  readonly #settleMs: number;
  #accepted: { readonly server: PeerServer; readonly link: number } | null = null;
  /** Whom the oracle is for at present. */
  #favourite = asServerId(1n);
  #changesAtMs = 0;
  #isCalm = false;
  #lives = 0;
  #writes = 0;

  /** Where an oracle takes the place of elections, members stay as they are. */
  constructor(seed: number, isOracular = false) {
    this.chance = new Chance(seed);
    const { chance, schedule } = this;
    const reconfigEnabled = !isOracular && chance.happens(0.3);
    const topology = reconfigEnabled ? chance.pick(memberships) : chance.pick(topologies);
    this.#ensemble = ensembleOf(topology);
    const latencyMsMax = chance.pick([2, 5, 30]);
    this.elections = new LinkNet(chance, schedule, latencyMsMax);
    this.quorums = new LinkNet(chance, schedule, latencyMsMax);
    this.witness = new PeerChecks(
      () => this.#servers.values(),
      () => this.#disks(),
    );
    this.#tuning = {
      reconfigEnabled,
      truncatesLearners: chance.happens(0.5),
      forcesSnapshots: chance.happens(0.1),
      recentBytesMax: chance.pick([0, 500, 1 << 20]),
      observerBytesMax: chance.pick([0, 500, 1 << 20]),
      catchUpBytesMax: chance.pick([1, 40, 1 << 20]),
      proposalsMax: chance.happens(0.2) ? 5 + chance.below(40) : PEER_DEFAULTS.proposalsMax,
      observerMasterPort: chance.happens(0.5) ? OBSERVER_PORT : 0,
    };
    this.#settleMs = chance.pick([0, 5, 20]);
    this.#mixture = this.#drawMixture(reconfigEnabled);
    this.trace(`seed ${seed}: ${topology} ${JSON.stringify(this.#tuning)}`);
    const ids = new Set(this.#ensemble.members.map(({ id }) => Number(id)));
    if (reconfigEnabled) for (let id = 1; id <= 5; id += 1) ids.add(id);
    for (const id of ids) this.#start(id, emptyImage(this.#ensemble));
  }

  // As surroundings.

  settingsOf(id: ServerId): PeerSettings {
    return {
      ...PEER_DEFAULTS,
      ...this.#tuning,
      id,
      tickMs: TICK_MS,
      electionTimes: {
        settleMs: this.#settleMs,
        settlesEarly: true,
        repeatMsMin: 20,
        repeatMsMax: 1000,
      },
      links: { addresses: [{ host: `h${id}`, port: 3888 }], form: 'v1', greetingMs: 1000 },
    };
  }

  running(id: number): PeerServer | undefined {
    return this.#servers.get(id);
  }

  agreed(): number {
    return this.witness.agreed.length;
  }

  trace(line: string): void {
    this.witness.trace(line);
  }

  accepted(server: PeerServer, link: number): void {
    this.#accepted = { server, link };
  }

  connected(server: PeerServer, link: number): void {
    const { server: other, link: otherLink } = this.#accepted!;
    server.pair(link, other, otherLink);
    other.pair(otherLink, server, link);
    this.witness.connected(server, link, other, otherLink);
  }

  // As an oracle.

  leaderFor(): { leader: ServerId; waitMs: number } {
    const { chance } = this;
    if (this.#isCalm) return { leader: this.#lasting(), waitMs: 20 + chance.below(30) };
    if (chance.happens(0.3)) this.#favourite = chance.pick(this.#voters()).sid;
    const isOfOwnMind = chance.happens(0.2);
    const leader = isOfOwnMind ? chance.pick(this.#voters()).sid : this.#favourite;
    return { leader, waitMs: 5 + chance.below(60) };
  }

  #voters(): readonly PeerServer[] {
    const { voters } = quorumOf(this.#ensemble);
    const running = [...this.#servers.values(), ...this.#fallen.values()];
    return running.filter(({ sid }) => voters.has(sid));
  }

  /** Whoever serves already; else who was best a while ago, for all to agree on. */
  #lasting(): ServerId {
    const leader = this.#leader();
    if (leader !== undefined) return leader.sid;
    const { nowMs } = this.schedule;
    if (nowMs >= this.#changesAtMs) {
      this.#changesAtMs = nowMs + FAVOUR_MS;
      this.#favourite = this.#best();
    }
    return this.#favourite;
  }

  #best(): ServerId {
    const { weightOf } = quorumOf(this.#ensemble);
    const rank = ({ replica }: PeerServer): readonly [number, bigint] => {
      const { image } = replica.disk;
      return [image.current, lastZxid(image)];
    };
    const able = this.#voters().filter(({ sid }) => weightOf(sid) > 0);
    const [first, ...rest] = able;
    let best = first!;
    for (const server of rest) {
      const [epoch, zxid] = rank(server);
      const [bestEpoch, bestZxid] = rank(best);
      if (epoch > bestEpoch || (epoch === bestEpoch && zxid > bestZxid)) best = server;
    }
    return best.sid;
  }

  run(): WorldOutcome {
    while (this.schedule.nowMs < CHAOS_MS) {
      this.schedule.runUntil(this.schedule.nowMs + STEP_MS);
      this.#disturb();
      this.#use();
    }
    const calmFromMs = this.schedule.nowMs;
    this.#calmDown();
    this.#await('all members serve under one leader', () => this.#isUnited());
    this.#writeLast();
    const { agreed, reigns, joins, syncs, ways } = this.witness;
    const calmMs = this.schedule.nowMs - calmFromMs;
    return { agreed: agreed.length, reigns, joins, syncs, ways, calmMs };
  }

  // The first act.

  #drawMixture(reconfigEnabled: boolean): Mixture {
    const { chance } = this;
    const draw = (most: number): number => (chance.happens(0.6) ? chance.next() * most : 0);
    return {
      reset: draw(0.2),
      block: draw(0.1),
      heal: 0.05 + draw(0.2),
      crash: draw(0.06),
      restart: 0.05 + draw(0.2),
      stall: draw(0.05),
      pause: draw(0.05),
      write: 0.1 + chance.next(),
      sync: draw(0.5),
      reconfigure: reconfigEnabled ? chance.next() * 0.2 : 0,
    };
  }

  #disturb(): void {
    const { chance } = this;
    const { reset, block, heal, crash, restart, stall, pause } = this.#mixture;
    const running = [...this.#servers.values()];
    if (chance.happens(reset)) this.elections.resetOne();
    if (running.length > 0 && chance.happens(reset)) chance.pick(running).breakOne();
    if (chance.happens(block)) this.#block();
    if (chance.happens(heal)) this.#heal();
    if (running.length > 0 && chance.happens(stall)) {
      const server = chance.pick(running);
      server.diskStallsUntilMs = this.schedule.nowMs + chance.below(1500);
      this.trace(`${this.schedule.nowMs} ms: the disk of ${server.id} stalls`);
    }
    if (running.length > 0 && chance.happens(pause)) {
      const server = chance.pick(running);
      const untilMs = this.schedule.nowMs + chance.below(1500);
      server.pausesUntilMs = Math.max(server.pausesUntilMs, untilMs);
      this.trace(`${this.schedule.nowMs} ms: ${server.id} stands still`);
    }
    if (running.length > 0 && chance.happens(crash)) this.#crash(chance.pick(running));
    const fallen = [...this.#fallen.keys()];
    if (fallen.length > 0 && chance.happens(restart)) this.#restart(chance.pick(fallen));
  }

  /** One way between two, or a cut through all. */
  #block(): void {
    const { chance } = this;
    const ids = [...this.#servers.keys()];
    const side = new Set(ids.filter(() => chance.happens(0.5)));
    const isOneWay = chance.happens(0.3);
    for (const from of ids) {
      for (const to of ids) {
        if (side.has(from) === side.has(to) || (isOneWay && !side.has(from))) continue;
        this.elections.block(from, to);
        this.quorums.block(from, to);
      }
    }
    this.trace(`${this.schedule.nowMs} ms: ${[...side]} are cut off${isOneWay ? ' one way' : ''}`);
  }

  #heal(): void {
    this.elections.healAll();
    this.quorums.healAll();
  }

  #crash(server: PeerServer): void {
    this.trace(`${this.schedule.nowMs} ms: ${server.id}/${server.life} crashes`);
    server.crash();
    this.#servers.delete(server.id);
    this.#fallen.set(server.id, server);
  }

  #restart(id: number): void {
    const { image } = this.#fallen.get(id)!.replica.disk;
    this.#fallen.delete(id);
    this.#start(id, image);
  }

  #start(id: number, image: Image): void {
    this.#lives += 1;
    this.#servers.set(id, new PeerServer(this, id, this.#lives, image));
    this.trace(`${this.schedule.nowMs} ms: ${id}/${this.#lives} starts`);
  }

  #use(): void {
    const { chance } = this;
    const { write, sync, reconfigure } = this.#mixture;
    for (const server of this.#servers.values()) {
      if (!server.isServing) continue;
      server.use(() => {
        const { replica } = server;
        if (chance.happens(write)) {
          for (let more = 1 + chance.below(4); more > 0; more -= 1) replica.write(this.#payload());
        }
        if (chance.happens(sync)) replica.sync();
        if (chance.happens(reconfigure)) {
          replica.reconfigure(ensembleOf(chance.pick(memberships)));
        }
      });
    }
  }

  #payload(): Uint8Array {
    this.#writes += 1;
    return encodeUtf8(`write ${this.#writes} ${'.'.repeat(this.chance.below(60))}`);
  }

  // The second act.

  #calmDown(): void {
    this.#isCalm = true;
    this.#heal();
    for (const server of this.#servers.values()) server.diskStallsUntilMs = 0;
    for (const id of [...this.#fallen.keys()]) this.#restart(id);
    this.trace(`${this.schedule.nowMs} ms: nothing fails any more`);
  }

  #await(what: string, isSo: () => boolean): void {
    const untilMs = this.schedule.nowMs + CALM_MS_MAX;
    while (!isSo()) {
      this.schedule.runUntil(this.schedule.nowMs + STEP_MS);
      if (this.schedule.nowMs > untilMs) throw new Error(`it never comes to be that ${what}`);
    }
  }

  #leader(): PeerServer | undefined {
    const leading = [...this.#servers.values()].filter(({ replica, isServing }) => {
      return isServing && replica.standpoint.role === 'leading';
    });
    return leading.length === 1 ? leading[0] : undefined;
  }

  #isUnited(): boolean {
    const leader = this.#leader();
    if (leader === undefined) return false;
    const { members } = leader.replica.disk.told.committed;
    return members.every(({ id }) => this.#servers.get(Number(id))?.isServing);
  }

  #writeLast(): void {
    for (let left = LAST_WRITES; left > 0; left -= 1) {
      let isWritten = false;
      this.#await('a write is taken', () => {
        const leader = this.#leader();
        leader?.act(() => {
          isWritten = leader.replica.write(this.#payload());
        });
        return isWritten;
      });
    }
    this.#await('all members have all', () => {
      const leader = this.#leader();
      const last = leader?.replica.records.at(-1)?.zxid;
      if (leader === undefined || last === undefined) return false;
      const { members } = leader.replica.disk.told.committed;
      return members.every(({ id }) => this.#servers.get(Number(id))!.replica.applied >= last);
    });
  }

  *#disks(): Iterable<readonly [ServerId, Image]> {
    for (const servers of [this.#servers, this.#fallen]) {
      for (const [id, server] of servers) {
        yield [asServerId(BigInt(id)), server.replica.disk.image];
      }
    }
  }
}

function emptyImage(committed: Ensemble): Image {
  return {
    records: [],
    logStart: 0,
    snapshots: [],
    accepted: 0,
    current: 0,
    committed,
    next: null,
  };
}

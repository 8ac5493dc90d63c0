/**
 * A world of machines under a plan: servers with their clocks and disks, clients, a network between
 * them, and faults that are struck when their time comes. Its one loop leaps from event to event;
 * first anything may fail, then all is mended and everybody must be answered in time.
 */
import { assert, InvariantError } from '@zabra/wire';
import { Deliveries } from '../checkers/deliveries.ts';
import { EnsembleJudge } from '../checkers/ensemble/ensemble-judge.ts';
import { EnsembleWatch } from '../checkers/ensemble/ensemble-watch.ts';
import type { Listener } from '../checkers/ensemble/facts.ts';
import { type DiskOptions, SimDisk } from '../disk.ts';
import { companions, faultOf } from '../faults/catalogue.ts';
import type { Scene } from '../faults/fault.ts';
import { Ledger } from '../faults/ledger.ts';
import { PointTraps } from '../faults/point-traps.ts';
import { Network } from '../network/network.ts';
import { ClientProcess } from '../people/client-process.ts';
import { Journal } from '../people/journal.ts';
import type { Begetter } from '../process/actor.ts';
import type { Onlooker } from '../process/onlooker.ts';
import { SimProcess } from '../process/sim-process.ts';
import { Clock } from '../time/clock.ts';
import { EventKind } from '../time/event-kind.ts';
import { Random } from '../time/random.ts';
import { Scheduler } from '../time/scheduler.ts';
import { Mark, type Story, Trace } from '../trace.ts';
import type { Plan } from './plan.ts';
import { ensembleOf, type Topology } from './topology.ts';
import { Transitions } from './transitions.ts';

/** More than this many events in a second of the world is a loop that does nothing. */
const EVENTS_PER_SECOND_MAX = 200_000;

export interface UniverseOptions {
  readonly beget: Begetter;
  /** Where the story is told. */
  readonly story: Story | null;
  readonly disk: Partial<DiskOptions>;
  /** Who looks on. */
  readonly onlookers: readonly Onlooker[];
}

interface ActiveFault {
  readonly undo: (() => void) | null;
  readonly beat: { readonly everyMs: number; run(): void } | null;
  isOver: boolean;
}

export class Universe implements Scene {
  readonly network: Network;
  readonly scheduler: Scheduler;
  readonly servers: readonly SimProcess[];
  readonly clients: readonly ClientProcess[];
  readonly ledger: Ledger = new Ledger();
  readonly journal: Journal = new Journal();
  readonly ensemble: Topology | null;
  /** What the servers of an ensemble have agreed on. */
  readonly deliveries: Deliveries = new Deliveries();
  /** Who judges an ensemble while it lives. */
  readonly judge: EnsembleJudge | null;
  readonly traps: PointTraps | null;
  readonly trace: Trace;
  /** What went wrong while it ran, in sentences. */
  readonly violations: string[] = [];
  eventCount = 0;
  readonly #plan: Plan;
  readonly #active: (ActiveFault | null)[];
  #beat: ActiveFault['beat'] = null;

  constructor(plan: Plan, { beget, story, disk: diskOptions, onlookers }: UniverseOptions) {
    this.#plan = plan;
    this.ensemble = plan.ensemble;
    const random = Random.of(plan.seed);
    this.trace = new Trace(story);
    this.scheduler = new Scheduler(random.split('ties'));
    const { serverCount, clientCount } = plan;
    const { scheduler, trace, journal } = this;
    this.judge = plan.ensemble === null ? null : this.#judgeOf(plan.ensemble);
    this.traps = this.judge === null ? null : new PointTraps(this.judge.known);
    const lookingOn = this.#everybody(onlookers);
    const waker = { wake: (host: number): void => this.#processOf(host).wake() };
    const hostCount = serverCount + clientCount;
    const network = new Network(hostCount, plan.weather, scheduler, random.split('network'), waker);
    this.network = network;
    this.servers = Array.from({ length: serverCount }, (_, host) => {
      const chance = random.split(`server ${host}`);
      const clock = new Clock(1000 + chance.below(1_000_000));
      const { snapshotsKept } = plan.limits;
      const firstEpoch = plan.ensemble?.firstEpoch ?? 0;
      const disk = new SimDisk({ snapshotsKept, firstEpoch, ...diskOptions });
      const { pace } = plan;
      const machine = {
        network,
        scheduler,
        trace,
        clock,
        disk,
        random: chance,
        pace,
        beget,
        onlookers: lookingOn,
      };
      return new SimProcess(host, machine);
    });
    this.clients = Array.from({ length: clientCount }, (_, i) => {
      const host = serverCount + i;
      const chance = random.split(`client ${i}`);
      const meets = (server: number, seen: bigint): void => this.#onMeeting(server, seen);
      const world = { network, scheduler, trace, journal, random: chance, serverCount, meets };
      return new ClientProcess(host, plan.habits, world);
    });
    this.#active = plan.faults.map(() => null);
    for (const [i, { atMs }] of plan.faults.entries()) {
      scheduler.schedule(atMs, EventKind.FaultBegins, i);
    }
    if (plan.weather.chunking !== 'whole') this.ledger.note('F-N01');
  }

  /** Lives the plan to its end. */
  run(): void {
    const { calmAtMs, endMs } = this.#plan;
    try {
      for (const server of this.servers) server.start();
      this.#runUntil(calmAtMs, () => false);
      this.#calm();
      this.#runUntil(endMs, () => this.#isOver);
      this.#judgeEnd();
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const kind = error instanceof InvariantError ? 'an invariant is broken' : 'it threw';
      this.violations.push(`${kind}: ${error.message}`);
      this.trace.story?.(error.stack ?? '');
    }
  }

  /** A fault that is being struck wants to go on by beats. */
  beats(everyMs: number, beat: () => void): void {
    this.#beat = { everyMs, run: beat };
  }

  #onMeeting(server: number, seen: bigint): void {
    const { standing } = this.servers[server]!;
    const isBehind = standing?.isServing === true && standing.appliedZxid < seen;
    if (isBehind) this.ledger.note('F-C03');
  }

  #judgeOf(topology: Topology): EnsembleJudge {
    const { tickMs } = this.#plan.limits;
    const { syncLimitTicks } = topology.peer;
    const judge = new EnsembleJudge(ensembleOf(topology), { tickMs, syncLimitTicks });
    judge.onViolation = (sentence) => this.trace.story?.(`${this.#clock()}  ${sentence}`);
    return judge;
  }

  #everybody(onlookers: readonly Onlooker[]): readonly Onlooker[] {
    const { ensemble, judge, traps, deliveries } = this;
    if (ensemble === null || judge === null) return onlookers;
    const transitions = new Transitions(this.ledger);
    const listener: Listener = {
      hear: (fact) => {
        traps?.hear(fact);
        transitions.hear(fact);
        judge.hear(fact);
      },
    };
    const watch = new EnsembleWatch(listener, {
      chain: judge.known.chain,
      idOf: (host) => ensemble.ids[host]!,
      hostOf: (link) => this.network.hostOf(link),
      monotonicMs: (host) => this.servers[host]!.clock.monotonicAt(this.scheduler.nowMs),
    });
    return [watch, deliveries, ...onlookers];
  }

  #clock(): string {
    return this.scheduler.nowMs.toFixed(3).padStart(11);
  }

  #runUntil(untilMs: number, isDone: () => boolean): void {
    const { scheduler, trace } = this;
    let since = this.eventCount;
    let secondEnds = scheduler.nowMs + 1000;
    while (scheduler.next(untilMs)) {
      this.eventCount += 1;
      const { kind, subject, argument } = scheduler;
      trace.note(Mark.Event, kind, subject);
      this.#happen(kind, subject, argument);
      if (scheduler.nowMs >= secondEnds) {
        since = this.eventCount;
        secondEnds = scheduler.nowMs + 1000;
        if (isDone()) return;
      }
      assert(this.eventCount - since < EVENTS_PER_SECOND_MAX, 'the world comes to rest');
    }
    if (scheduler.nowMs < untilMs) scheduler.nowMs = untilMs;
  }

  #happen(kind: number, subject: number, argument: number): void {
    switch (kind) {
      case EventKind.Turn:
        this.#processOf(subject).onTurn();
        break;
      case EventKind.Arrive:
        this.network.onArrive(subject);
        break;
      case EventKind.LogStep:
        this.servers[subject]!.onDiskStep('log', argument);
        break;
      case EventKind.SnapshotStep:
        this.servers[subject]!.onDiskStep('snapshot', argument);
        break;
      case EventKind.ReadStep:
        this.servers[subject]!.onDiskStep('read', argument);
        break;
      case EventKind.Dial:
        this.network.onDial(subject);
        break;
      case EventKind.Answer:
        this.network.onAnswer(subject);
        break;
      case EventKind.Reset:
        this.network.onReset(subject);
        break;
      case EventKind.Start:
        this.servers[subject]!.onStart();
        break;
      case EventKind.GoOn:
        this.servers[subject]!.onGoOn(argument);
        break;
      case EventKind.FaultBegins:
        this.#strike(subject);
        break;
      case EventKind.FaultBeats:
        this.#beatOf(subject);
        break;
      case EventKind.FaultEnds:
        this.#endFault(subject);
        break;
    }
  }

  #strike(index: number): void {
    const event = this.#plan.faults[index]!;
    const { scheduler, trace } = this;
    const fault = faultOf(event.id);
    this.#beat = null;
    trace.story?.(
      `${this.#clock()}  ${event.id} ${fault.name}, ` +
        `server ${event.server}, client ${event.client}, for ${event.forMs} ms`,
    );
    trace.note(Mark.Fault, index, event.seed);
    const undo = fault.strike(this, event, Random.of(event.seed));
    if (undo === null) return;
    this.ledger.note(event.id);
    for (const [id, also] of companions) if (id === event.id) this.ledger.note(also);
    const beat: ActiveFault['beat'] = this.#beat;
    if (undo === undefined && beat === null) return;
    this.#active[index] = { undo: undo ?? null, beat, isOver: false };
    scheduler.schedule(scheduler.nowMs + event.forMs, EventKind.FaultEnds, index);
    this.#beatLater(index);
  }

  #beatLater(index: number): void {
    const beat = this.#active[index]?.beat;
    if (beat === null || beat === undefined) return;
    this.scheduler.schedule(this.scheduler.nowMs + beat.everyMs, EventKind.FaultBeats, index);
  }

  #beatOf(index: number): void {
    const active = this.#active[index];
    if (active === null || active === undefined || active.isOver) return;
    active.beat?.run();
    this.#beatLater(index);
  }

  #endFault(index: number): void {
    const active = this.#active[index];
    if (active === null || active === undefined || active.isOver) return;
    active.isOver = true;
    active.undo?.();
  }

  /** Nothing fails any more. */
  #calm(): void {
    this.trace.story?.(`${this.#clock()}  all is mended`);
    for (const index of this.#active.keys()) this.#endFault(index);
    this.traps?.clear();
    for (const server of this.servers) this.#mend(server);
    for (const client of this.clients) client.finish();
  }

  /** Whoever is missed by nobody may stay away; whose disk is beyond help gets another. */
  #mend(server: SimProcess): void {
    server.mend();
    if (this.ensemble?.absent.includes(server.host) === true) server.leave();
    else if (server.isDamaged && !server.isAlive) server.replaceDisk();
  }

  /** Everybody was answered, and all servers are at one. */
  get #isOver(): boolean {
    if (this.scheduler.nowMs < this.#plan.lifeMsMin) return false;
    return this.clients.every((client) => client.hasLastWord) && this.problemOfCore === null;
  }

  /** Those that are to be at one in the end. */
  get core(): readonly SimProcess[] {
    const absent = this.ensemble?.absent ?? [];
    return this.servers.filter(({ host }) => !absent.includes(host));
  }

  /** Why the servers are not at one and at rest; null where they are. */
  get problemOfCore(): string | null {
    if (this.ensemble === null) return null;
    const { core } = this;
    const { lastZxid } = this.deliveries;
    for (const { host, standing, drive } of core) {
      if (standing === null) return `server ${host} does not live`;
      if (!standing.isServing) return `server ${host} does not serve: it is ${standing.role}`;
      if (this.deliveries.reached(standing.appliedZxid) !== lastZxid) {
        return `server ${host} is as of ${standing.appliedZxid} and another as of ${lastZxid}`;
      }
      if (drive.backlog > 0) return `the disk of server ${host} has work`;
      if (this.deliveries.isAhead(host)) return `server ${host} has what is not agreed yet`;
    }
    return null;
  }

  #judgeEnd(): void {
    for (const { refusals, host } of this.servers) {
      if (refusals.length > 0)
        this.violations.push(`server ${host} refused to start: ${refusals[0]}`);
    }
    const problem = this.problemOfCore;
    if (problem !== null) this.violations.push(`${problem}, all being well`);
    for (const { hasLastWord, host } of this.clients) {
      if (!hasLastWord)
        this.violations.push(`client ${host} was not answered in time, all being well`);
    }
  }

  #processOf(host: number): SimProcess | ClientProcess {
    const { serverCount } = this.#plan;
    return host < serverCount ? this.servers[host]! : this.clients[host - serverCount]!;
  }
}

/**
 * A machine with one process on it: its clock, its disk, its links, and a mind that is alive, stopped
 * or dead. It does what the body on Node does, in the same order: it collects what came, hands it in,
 * lets the mind turn, and empties it. How long anything takes is drawn.
 */
import type { DiskOrder } from '@zabra/replica';
import type { DiskStep, Lane, SimDisk } from '../disk.ts';
import type { NetworkDoor } from '../network/end.ts';
import type { Network } from '../network/network.ts';
import type { Survival } from '../sim-directory.ts';
import type { Clock } from '../time/clock.ts';
import { EventKind } from '../time/event-kind.ts';
import type { Random } from '../time/random.ts';
import type { Scheduler } from '../time/scheduler.ts';
import { Mark, type Trace } from '../trace.ts';
import type { Actor, Begetter, Outlet } from './actor.ts';
import { Outbox } from './outbox.ts';

/** What is to happen at the next step of that name. */
export interface Failpoint {
  readonly step: DiskStep;
  readonly action: 'crash before' | 'crash behind' | 'fail' | 'stall';
  readonly stallMs: number;
  /** Tells whoever set it that it was reached. */
  onFired(): void;
}

/** Transactions that were on their way to the disk at a moment. */
export interface Proposed {
  readonly firstZxid: bigint;
  readonly lastZxid: bigint;
  readonly atMs: number;
}

export interface Pace {
  /** Between an input and the turn that takes it in. */
  readonly turnMs: number;
  /** Of a step of the disk; a sync takes several times as long. */
  readonly diskMs: number;
  /** From a death to the next start. */
  readonly restartMs: number;
}

export interface Machine {
  readonly network: Network;
  readonly scheduler: Scheduler;
  readonly trace: Trace;
  readonly clock: Clock;
  readonly disk: SimDisk;
  readonly random: Random;
  readonly pace: Pace;
  readonly beget: Begetter;
}

const SYNC_STEPS = 6;
/** However little of its processor a process gets. */
const TURN_DELAY_MS_MAX = 5000;
const MARK_OF_ORDER = { close: 1, cut: 2, pause: 3, resume: 4, listen: 5, dial: 6, stop: 7 };

export class SimProcess implements NetworkDoor, Outlet {
  readonly host: number;
  /** What its process writes to. */
  readonly drive: SimDisk;
  readonly clock: Clock;
  /** Why it has refused to start, each time. */
  readonly refusals: string[] = [];
  /** What it has sent to its disk, and when. */
  readonly appends: Proposed[] = [];
  lives = 0;
  /** How many times slower everything in it is done. */
  slowness = 1;
  diskSlowness = 1;
  readonly #machine: Machine;
  readonly #outbox: Outbox;
  readonly #failpoints: Failpoint[] = [];
  #refused: readonly DiskStep[] = [];
  #onRefused: (step: DiskStep) => void = () => {};
  #actor: Actor | null = null;
  #isPowered = true;
  #pauses = 0;
  #isDiskBusy: Record<Lane, boolean> = { log: false, snapshot: false };
  /** Counts what was begun, so that what was given up is known when it comes. */
  readonly #diskRound: Record<Lane, number> = { log: 0, snapshot: 0 };
  #diskAnswers: number[] = [];
  #diskTrouble: string | null = null;
  #turnAtMs: number = Number.POSITIVE_INFINITY;
  #stopReason: string | null = null;

  constructor(host: number, machine: Machine) {
    this.host = host;
    this.#machine = machine;
    this.drive = machine.disk;
    this.clock = machine.clock;
    this.#outbox = new Outbox(machine.network);
    this.drive.onDone((ticket) => {
      this.#diskAnswers.push(ticket);
      this.wake();
    });
  }

  get isAlive(): boolean {
    return this.#actor !== null;
  }

  get isPaused(): boolean {
    return this.#pauses > 0;
  }

  // Life and death.

  /** Starts from what is on the disk, unless it lives or has no power. */
  start(): void {
    if (this.#actor !== null || !this.#isPowered) return;
    const { scheduler, clock, beget } = this.#machine;
    const { nowMs } = scheduler;
    // Ids of sessions come from the wall clock at a start, so a machine has to set it right before.
    clock.setWall(0);
    const { host, drive: disk } = this;
    const monotonicMs = clock.monotonicAt(nowMs);
    const wallMs = clock.wallAt(nowMs);
    const actor = beget({ host, disk, monotonicMs, wallMs, life: this.lives });
    this.lives += 1;
    if (typeof actor === 'string') {
      this.refusals.push(actor);
      this.#tell(`refuses to start: ${actor}`);
      this.#startLater();
      return;
    }
    this.#tell(`starts, life ${this.lives}`);
    this.#actor = actor;
    this.wake();
  }

  /** As by kill -9: memory is lost, the machine and what was written live on. */
  kill(why: string): void {
    if (this.#actor === null) return;
    this.#tell(`dies: ${why}`);
    this.#die();
    this.drive.abandon();
    this.#machine.network.abandon(this.host);
    this.#startLater();
  }

  /** The machine goes dark, and comes back by itself after a while. */
  cutPower(survival: Survival): void {
    if (!this.#isPowered) return;
    this.#tell('loses power');
    this.#die();
    this.#isPowered = false;
    this.drive.cutPower(survival);
    this.#machine.network.darken(this.host);
    this.#startLater();
  }

  /** Its time to start has come. */
  onStart(): void {
    if (!this.#isPowered) {
      this.#isPowered = true;
      this.#machine.network.lighten(this.host);
    }
    this.start();
  }

  /** Stops where it stands; whatever comes waits in the kernel. */
  pause(): void {
    this.#pauses += 1;
    this.#tell('is stopped');
  }

  /** Whoever has died meanwhile is stopped no more. */
  goOn(life: number): void {
    if (life !== this.lives || this.#pauses === 0) return;
    this.#pauses -= 1;
    this.#tell('goes on');
    if (this.#pauses > 0) return;
    this.wake();
    this.#pumpDisk('log');
    this.#pumpDisk('snapshot');
  }

  /** Somebody asks it to end. */
  shutDown(): void {
    if (this.#actor === null) return;
    this.#actor.drain();
    this.kill('it was asked to end');
  }

  arm(failpoint: Failpoint): void {
    this.#failpoints.push(failpoint);
  }

  /** Nothing is wrong with it any more, and what was slow is done soon. */
  mend(): void {
    this.wake();
    this.#failpoints.length = 0;
    this.#isDiskBusy = { log: false, snapshot: false };
    this.#pumpDisk('log');
    this.#pumpDisk('snapshot');
  }

  /** From now on the disk does none of these steps: each fails. */
  refuse(steps: readonly DiskStep[], onRefused: (step: DiskStep) => void): void {
    this.#refused = steps;
    this.#onRefused = onRefused;
  }

  // Turns.

  /** Something waits for it. */
  wake(): void {
    const { scheduler } = this.#machine;
    this.#turnAt(scheduler.nowMs + this.#turnDelayMs());
  }

  onTurn(): void {
    const { scheduler, network, clock, trace } = this.#machine;
    const { nowMs } = scheduler;
    if (nowMs < this.#turnAtMs) return;
    this.#turnAtMs = Number.POSITIVE_INFINITY;
    const actor = this.#actor;
    if (actor === null || this.#pauses > 0) return;
    trace.note(Mark.Turn, this.host, 0);
    trace.time(nowMs);
    actor.begin(clock.monotonicAt(nowMs), clock.wallAt(nowMs));
    this.#handInDisk(actor);
    network.drain(this.host, this);
    actor.turn();
    actor.take(this);
    if (this.#stopReason !== null) this.kill(this.#stopReason);
    else this.#armFor(actor.wakeAt());
  }

  // The disk.

  /** A step is done, unless it was given up meanwhile. */
  onDiskStep(lane: Lane, round: number): void {
    if (!this.#isDiskBusy[lane] || round !== this.#diskRound[lane]) return;
    this.#isDiskBusy[lane] = false;
    const step = this.drive.next(lane);
    if (step === null || this.#pauses > 0) return;
    const failpoint = this.#takeFailpoint(step);
    if (failpoint === null) {
      this.drive.step(lane);
      this.#pumpDisk(lane);
    } else this.#onFailpoint(lane, step, failpoint);
  }

  // What the network has for it.

  onAccepted(link: number, port: number, caller: number): void {
    this.#machine.trace.note(Mark.Opened, link, port);
    this.#outbox.open(link);
    this.#actor?.accepted(link, port, caller);
  }

  onDialed(dial: number, link: number): void {
    this.#machine.trace.note(Mark.Dialed, link, dial);
    this.#outbox.open(link);
    this.#actor?.dialed(dial, link);
  }

  onDialFailed(dial: number): void {
    this.#machine.trace.note(Mark.DialFailed, this.host, dial);
    this.#actor?.dialFailed(dial);
  }

  onReceived(link: number, bytes: Uint8Array): void {
    const { trace } = this.#machine;
    trace.note(Mark.Received, link, bytes.length);
    trace.bytes(bytes, bytes.length);
    this.#actor?.received(link, bytes);
  }

  onEnded(link: number): void {
    this.#machine.trace.note(Mark.Ended, link, 0);
    this.#actor?.ended(link);
  }

  onClosed(link: number): void {
    this.#machine.trace.note(Mark.Closed, link, 0);
    this.#outbox.forget(link);
    this.#actor?.closed(link);
  }

  onRoom(link: number): void {
    if (!this.#outbox.pump(link)) return;
    this.#machine.trace.note(Mark.Flushed, link, 0);
    this.#actor?.flushed(link);
  }

  // What its mind wants done.

  disk(order: DiskOrder): void {
    if (order.kind === 'append') {
      const { firstZxid, lastZxid } = order;
      this.appends.push({ firstZxid, lastZxid, atMs: this.#machine.scheduler.nowMs });
    }
    this.#machine.trace.note(Mark.DiskOrder, this.host, 0);
    this.#machine.trace.text(order.kind);
    if (order.kind === 'append' || order.kind === 'snapshotSlice') {
      this.#machine.trace.bytes(order.bytes, order.bytes.length);
    }
    this.drive.perform(order);
    this.#pumpDisk('log');
    this.#pumpDisk('snapshot');
  }

  send(link: number, bytes: Uint8Array, byteCount: number): void {
    const { trace } = this.#machine;
    trace.note(Mark.Sent, link, byteCount);
    trace.bytes(bytes, byteCount);
    if (this.#outbox.send(link, bytes, byteCount)) this.#actor?.flushed(link);
  }

  close(link: number): void {
    this.#machine.trace.note(Mark.Order, link, MARK_OF_ORDER.close);
    this.#outbox.close(link);
  }

  cut(link: number): void {
    const { trace, network } = this.#machine;
    trace.note(Mark.Order, link, MARK_OF_ORDER.cut);
    this.#outbox.forget(link);
    network.reset(link);
  }

  setReading(link: number, isReading: boolean): void {
    const { trace, network } = this.#machine;
    trace.note(Mark.Order, link, isReading ? MARK_OF_ORDER.resume : MARK_OF_ORDER.pause);
    network.setReading(link, isReading);
  }

  listen(port: number, isListening: boolean): void {
    const { trace, network } = this.#machine;
    trace.note(Mark.Order, port, MARK_OF_ORDER.listen);
    network.listen(this.host, port, isListening);
  }

  dial(dial: number, host: number, port: number, timeoutMs: number): void {
    const { trace, network } = this.#machine;
    trace.note(Mark.Order, dial, MARK_OF_ORDER.dial);
    network.dial(this.host, host, port, dial, timeoutMs);
  }

  hangUp(dial: number): void {
    this.#machine.network.hangUp(this.host, dial);
  }

  notice(text: string): void {
    this.#tell(text);
  }

  stop(reason: string): void {
    this.#machine.trace.note(Mark.Order, this.host, MARK_OF_ORDER.stop);
    this.#stopReason = reason;
  }

  // Inside.

  #die(): void {
    this.#actor = null;
    this.#pauses = 0;
    this.#stopReason = null;
    this.#diskAnswers = [];
    this.#diskTrouble = null;
    this.#isDiskBusy = { log: false, snapshot: false };
    this.#outbox.clear();
    this.#machine.trace.note(Mark.Life, this.host, this.lives);
  }

  #startLater(): void {
    const { scheduler, random, pace } = this.#machine;
    // A machine is not back in no time; ids of sessions rely on that.
    const atMs = scheduler.nowMs + pace.restartMs + random.tail(pace.restartMs);
    scheduler.schedule(atMs, EventKind.Start, this.host);
  }

  #turnAt(atMs: number): void {
    if (atMs >= this.#turnAtMs) return;
    this.#turnAtMs = atMs;
    this.#machine.scheduler.schedule(atMs, EventKind.Turn, this.host);
  }

  #armFor(monotonicMs: number): void {
    if (monotonicMs === Number.POSITIVE_INFINITY) return;
    const { scheduler, clock } = this.#machine;
    const atMs = Math.max(clock.worldAt(monotonicMs), scheduler.nowMs);
    // Timers are late, never early.
    this.#turnAt(atMs + this.#turnDelayMs());
  }

  #turnDelayMs(): number {
    const { random, pace } = this.#machine;
    return Math.min(random.tail(pace.turnMs) * this.slowness, TURN_DELAY_MS_MAX);
  }

  #handInDisk(actor: Actor): void {
    const { trace } = this.#machine;
    for (const ticket of this.#diskAnswers) {
      trace.note(Mark.DiskDone, this.host, ticket);
      actor.diskDone(ticket);
    }
    this.#diskAnswers.length = 0;
    if (this.#diskTrouble === null) return;
    trace.note(Mark.DiskFailed, this.host, 0);
    actor.diskFailed(this.#diskTrouble);
    this.#diskTrouble = null;
  }

  #pumpDisk(lane: Lane): void {
    const step = this.drive.next(lane);
    if (step === null || this.#isDiskBusy[lane] || this.#diskTrouble !== null) return;
    const { pace, random } = this.#machine;
    const cost = step.endsWith('sync') || step.endsWith('syncDirectory') ? SYNC_STEPS : 1;
    this.#diskAfter(lane, random.tail(pace.diskMs) * cost * this.diskSlowness);
  }

  #diskAfter(lane: Lane, afterMs: number): void {
    this.#isDiskBusy[lane] = true;
    this.#diskRound[lane] += 1;
    const { scheduler } = this.#machine;
    const kind = lane === 'log' ? EventKind.LogStep : EventKind.SnapshotStep;
    scheduler.schedule(scheduler.nowMs + afterMs, kind, this.host, this.#diskRound[lane]);
  }

  #takeFailpoint(step: DiskStep): Failpoint | null {
    if (this.#refused.includes(step)) {
      return { step, action: 'fail', stallMs: 0, onFired: () => this.#onRefused(step) };
    }
    const at = this.#failpoints.findIndex((one) => one.step === step);
    return at < 0 ? null : this.#failpoints.splice(at, 1)[0]!;
  }

  #onFailpoint(lane: Lane, step: DiskStep, { action, stallMs, onFired }: Failpoint): void {
    onFired();
    this.#tell(`${action} at ${step}`);
    if (action === 'stall') this.#diskAfter(lane, stallMs);
    else if (action === 'fail') {
      this.drive.fail(lane);
      this.#diskTrouble = `${step}: input/output error`;
      this.wake();
    } else {
      if (action === 'crash behind') this.drive.step(lane);
      this.kill(`${action} ${step}`);
    }
  }

  #tell(what: string): void {
    const { trace, scheduler } = this.#machine;
    trace.story?.(`${scheduler.nowMs.toFixed(3).padStart(11)}  server ${this.host} ${what}`);
  }
}

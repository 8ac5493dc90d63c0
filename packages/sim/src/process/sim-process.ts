/**
 * A machine with one process on it: its clock, its disk, its links, and a mind that is alive, stopped
 * or dead. It does what the body on Node does, in the same order: it collects what came, hands it in,
 * lets the mind turn, and empties it. How long anything takes is drawn.
 */
import type { DiskOrder } from '@zabra/replica';
import { lanes, syncs, takesNoTime } from '../disk/steps.ts';
import type { DiskAnswer, DiskStep, Lane, SimDisk } from '../disk.ts';
import type { NetworkDoor } from '../network/end.ts';
import type { Network } from '../network/network.ts';
import type { Survival } from '../sim-directory.ts';
import type { Clock } from '../time/clock.ts';
import { EventKind } from '../time/event-kind.ts';
import type { Random } from '../time/random.ts';
import type { Scheduler } from '../time/scheduler.ts';
import { Mark, type Trace } from '../trace.ts';
import type { Actor, Begetter, Outlet, Standing } from './actor.ts';
import { type Failpoint, failpoint } from './failpoint.ts';
import { Interruption, type Strike } from './interruption.ts';
import { type Onlooker, type Watching, watching } from './onlooker.ts';
import { Outbox } from './outbox.ts';

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
  readonly onlookers: readonly Onlooker[];
}

const eventOf: Readonly<Record<Lane, number>> = {
  log: EventKind.LogStep,
  snapshot: EventKind.SnapshotStep,
  read: EventKind.ReadStep,
};
const SYNC_STEPS = 6;
const REFUSALS_MAX = 3;
/** However little of its processor a process gets. */
const TURN_DELAY_MS_MAX = 5000;
const MARK_OF_ORDER = { close: 1, cut: 2, pause: 3, resume: 4, listen: 5, dial: 6, stop: 7 };

export class SimProcess implements NetworkDoor, Outlet {
  readonly host: number;
  /** What its process writes to. */
  readonly drive: SimDisk;
  readonly clock: Clock;
  /** Why it has refused to start, each time that nothing had befallen its disk. */
  readonly refusals: string[] = [];
  /** What it has sent to its disk, and when. */
  readonly appends: Proposed[] = [];
  /** When each of its lives began. */
  readonly startsMs: number[] = [];
  lives = 0;
  isDamaged = false;
  /** How many times slower everything in it is done. */
  slowness = 1;
  diskSlowness = 1;
  readonly #machine: Machine;
  readonly #watching: Watching;
  readonly #outbox: Outbox;
  readonly #failpoints: Failpoint[] = [];
  readonly #interruption = new Interruption();
  #refused: readonly DiskStep[] = [];
  #onRefused: (step: DiskStep) => void = () => {};
  #actor: Actor | null = null;
  #isPowered = true;
  #pauses = 0;
  #isDiskBusy: Record<Lane, boolean> = idleLanes();
  /** Counts what was begun, so that what was given up is known when it comes. */
  readonly #diskRound: Record<Lane, number> = { log: 0, snapshot: 0, read: 0 };
  #diskAnswers: DiskAnswer[] = [];
  #diskTrouble: string | null = null;
  #turnAtMs: number = Number.POSITIVE_INFINITY;
  #stopReason: string | null = null;
  #hasLeft = false;
  #refusalCount = 0;

  constructor(host: number, machine: Machine) {
    this.host = host;
    this.#machine = machine;
    this.#watching = watching(machine.onlookers);
    this.drive = machine.disk;
    this.clock = machine.clock;
    this.#outbox = new Outbox(machine.network);
    this.drive.onAnswer((answer) => {
      this.#diskAnswers.push(answer);
      this.wake();
    });
  }

  get isAlive(): boolean {
    return this.#actor !== null;
  }

  /** Null for a server that does not live, or is of another kind. */
  get standing(): Standing | null {
    return this.#actor?.standing ?? null;
  }

  get isPaused(): boolean {
    return this.#pauses > 0;
  }

  // Life and death.

  /** Starts from what is on the disk, unless it lives or has no power. */
  start(): void {
    if (this.#actor !== null || !this.#isPowered || this.#hasLeft) return;
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
      this.#tell(`refuses to start: ${actor}`);
      this.#onRefusal(actor);
      return;
    }
    this.#tell(`starts, life ${this.lives}`);
    this.#actor = actor;
    this.startsMs.push(nowMs);
    for (const onlooker of this.#watching.started) onlooker.started(host, this.lives, disk);
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
    this.#interruption.goOn();
    if (this.#heedInterruption()) return;
    if (this.#stopReason !== null) {
      this.kill(this.#stopReason);
      return;
    }
    this.wake();
    this.#pumpDisks();
  }

  /** Somebody asks it to end. */
  shutDown(): void {
    if (this.#actor === null) return;
    this.#actor.drain();
    this.kill('it was asked to end');
  }

  /** It stays away from now on. */
  leave(): void {
    this.#hasLeft = true;
    this.kill('it is not missed');
  }

  /** Something on its disk is not what was put there. */
  setDamaged(): void {
    this.isDamaged = true;
    this.#forget();
  }

  /** An operator reads what it says, and gives it an empty disk. */
  replaceDisk(): void {
    this.#tell('gets an empty disk');
    this.drive.wipe();
    this.isDamaged = false;
    this.#refusalCount = 0;
    this.#forget();
  }

  /** From an onlooker: something befalls it where it is. */
  interrupt(strike: Strike): void {
    this.#interruption.set(strike);
  }

  /** A stall is over, unless it has died meanwhile. */
  onGoOn(life: number): void {
    this.goOn(life);
  }

  arm(failpoint: Failpoint): void {
    this.#failpoints.push(failpoint);
  }

  /** Nothing is wrong with it any more, and what was slow is done soon. */
  mend(): void {
    this.wake();
    this.#failpoints.length = 0;
    this.#isDiskBusy = idleLanes();
    this.#pumpDisks();
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
    if (this.#heedInterruption()) return;
    actor.turn();
    const { standing } = actor;
    if (standing !== null) {
      for (const onlooker of this.#watching.decided) onlooker.decided(this.host, standing);
    }
    this.#interruption.halt();
    actor.take(this);
    if (this.#heedInterruption()) return;
    if (standing !== null) {
      for (const onlooker of this.#watching.turned) onlooker.turned(this.host, standing);
    }
    if (this.#stopReason !== null) this.kill(this.#stopReason);
    else this.#armFor(actor.wakeAt());
  }

  // The disk.

  /** A step is done, unless it was given up meanwhile. */
  onDiskStep(lane: Lane, round: number): void {
    if (!this.#isDiskBusy[lane] || round !== this.#diskRound[lane]) return;
    this.#isDiskBusy[lane] = false;
    if (this.#pauses > 0) return;
    let step = this.drive.next(lane);
    for (let isFirst = true; step !== null && (isFirst || takesNoTime.has(step)); isFirst = false) {
      const failpoint = this.#takeFailpoint(step);
      if (failpoint !== null) {
        this.#onFailpoint(lane, step, failpoint);
        return;
      }
      this.#step(lane, step);
      step = this.drive.next(lane);
    }
    this.#pumpDisks();
  }

  // What the network has for it.

  onAccepted(link: number, port: number, caller: number): void {
    this.#machine.trace.note(Mark.Opened, link, port);
    for (const onlooker of this.#watching.opened) onlooker.opened(this.host, link, port);
    this.#outbox.open(link);
    this.#actor?.accepted(link, port, caller);
  }

  onDialed(dial: number, link: number): void {
    this.#machine.trace.note(Mark.Dialed, link, dial);
    const port = this.#machine.network.portOf(link);
    for (const onlooker of this.#watching.opened) onlooker.opened(this.host, link, port);
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
    const interruption = this.#interruption;
    // Who is only stopped has taken it in all the same, and goes on with it later.
    if (interruption.doom === null) {
      for (const onlooker of this.#watching.received) onlooker.received(this.host, link, bytes);
    }
    if (!interruption.isAbsent && interruption.stops(() => {}) && interruption.doom !== null)
      return;
    this.#actor?.received(link, bytes);
    interruption.halt();
  }

  onEnded(link: number): void {
    this.#machine.trace.note(Mark.Ended, link, 0);
    this.#actor?.ended(link);
  }

  onClosed(link: number): void {
    this.#machine.trace.note(Mark.Closed, link, 0);
    for (const onlooker of this.#watching.closed) onlooker.closed(this.host, link);
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
    if (this.#isHalted && this.#stops(() => this.disk(order))) return;
    for (const onlooker of this.#watching.ordered) onlooker.ordered(this.host, order);
    if (!this.#interruption.isAbsent && this.#stops(() => this.#perform(order))) return;
    this.#perform(order);
    this.#interruption.halt();
  }

  #perform(order: DiskOrder): void {
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
    this.#pumpDisks();
  }

  send(link: number, bytes: Uint8Array, byteCount: number): void {
    if (this.#isHalted && this.#stops(() => this.send(link, bytes, byteCount))) return;
    for (const onlooker of this.#watching.sent) onlooker.sent(this.host, link, bytes, byteCount);
    if (!this.#interruption.isAbsent && this.#stops(() => this.#post(link, bytes, byteCount)))
      return;
    this.#post(link, bytes, byteCount);
    this.#interruption.halt();
  }

  #post(link: number, bytes: Uint8Array, byteCount: number): void {
    const { trace } = this.#machine;
    trace.note(Mark.Sent, link, byteCount);
    trace.bytes(bytes, byteCount);
    if (this.#outbox.send(link, bytes, byteCount)) this.#actor?.flushed(link);
  }

  close(link: number): void {
    if (this.#isHalted && this.#stops(() => this.close(link))) return;
    this.#machine.trace.note(Mark.Order, link, MARK_OF_ORDER.close);
    for (const onlooker of this.#watching.closed) onlooker.closed(this.host, link);
    this.#outbox.close(link);
  }

  cut(link: number): void {
    if (this.#isHalted && this.#stops(() => this.cut(link))) return;
    const { trace, network } = this.#machine;
    trace.note(Mark.Order, link, MARK_OF_ORDER.cut);
    for (const onlooker of this.#watching.closed) onlooker.closed(this.host, link);
    this.#outbox.forget(link);
    network.reset(link);
  }

  setReading(link: number, isReading: boolean): void {
    if (this.#isHalted && this.#stops(() => this.setReading(link, isReading))) return;
    const { trace, network } = this.#machine;
    trace.note(Mark.Order, link, isReading ? MARK_OF_ORDER.resume : MARK_OF_ORDER.pause);
    network.setReading(link, isReading);
  }

  listen(port: number, isListening: boolean): void {
    if (this.#isHalted && this.#stops(() => this.listen(port, isListening))) return;
    const { trace, network } = this.#machine;
    trace.note(Mark.Order, port, MARK_OF_ORDER.listen);
    network.listen(this.host, port, isListening);
  }

  dial(dial: number, host: number, port: number, timeoutMs: number): void {
    if (this.#isHalted && this.#stops(() => this.dial(dial, host, port, timeoutMs))) return;
    const { trace, network } = this.#machine;
    trace.note(Mark.Order, dial, MARK_OF_ORDER.dial);
    network.dial(this.host, host, port, dial, timeoutMs);
  }

  hangUp(dial: number): void {
    if (this.#isHalted && this.#stops(() => this.hangUp(dial))) return;
    this.#machine.network.hangUp(this.host, dial);
  }

  notice(text: string, level: 'info' | 'warn' | 'error' = 'info'): void {
    this.#tell(text);
    for (const onlooker of this.#watching.noticed) onlooker.noticed(this.host, level, text);
  }

  stop(reason: string): void {
    if (this.#isHalted && this.#stops(() => this.stop(reason))) return;
    this.#machine.trace.note(Mark.Order, this.host, MARK_OF_ORDER.stop);
    this.#stopReason = reason;
  }

  // Inside.

  /** A mind that was interrupted hands out in vain, or too early. */
  get #isHalted(): boolean {
    return this.#interruption.isHalted;
  }

  /** Asked only where something befalls it, for nothing is to be made of a deed that is just done. */
  #stops(deed: () => void): boolean {
    return this.#interruption.stops(deed);
  }

  /** Whether something has befallen it that ends this turn. */
  #heedInterruption(): boolean {
    const interruption = this.#interruption;
    const stall = interruption.takeStall();
    if (stall !== null) {
      const { scheduler } = this.#machine;
      this.#tell(stall.why);
      this.pause();
      const atMs = scheduler.nowMs + (stall.stallMs ?? 0);
      scheduler.schedule(atMs, EventKind.GoOn, this.host, this.lives);
    }
    const { doom } = interruption;
    if (doom === null) return stall !== null;
    interruption.clear();
    if (doom.survival === null) this.kill(doom.why);
    else {
      this.#tell(doom.why);
      this.cutPower(doom.survival);
    }
    return true;
  }

  /** Only a damaged disk is a reason; after some tries somebody comes and replaces it. */
  #onRefusal(reason: string): void {
    this.#refusalCount += 1;
    if (!this.isDamaged) this.refusals.push(reason);
    else if (this.#refusalCount >= REFUSALS_MAX) this.replaceDisk();
    this.#startLater();
  }

  #forget(): void {
    for (const onlooker of this.#watching.forgot) onlooker.forgot(this.host);
  }

  #die(): void {
    this.#actor = null;
    this.#pauses = 0;
    this.#interruption.clear();
    this.#stopReason = null;
    this.#diskAnswers = [];
    this.#diskTrouble = null;
    this.#isDiskBusy = idleLanes();
    for (const onlooker of this.#watching.died) onlooker.died(this.host);
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
    for (const answer of this.#diskAnswers) {
      trace.note(Mark.DiskDone, this.host, 'ticket' in answer ? answer.ticket : 0);
      trace.text(answer.kind);
      if (answer.kind === 'read') trace.bytes(answer.piece, answer.piece.length);
      actor.diskAnswered(answer);
    }
    this.#diskAnswers.length = 0;
    if (this.#diskTrouble === null) return;
    trace.note(Mark.DiskFailed, this.host, 0);
    for (const onlooker of this.#watching.diskFailed) onlooker.diskFailed(this.host);
    actor.diskFailed(this.#diskTrouble);
    this.#diskTrouble = null;
  }

  /** One lane may have waited for another. */
  #pumpDisks(): void {
    for (const lane of lanes) this.#pumpDisk(lane);
  }

  #step(lane: Lane, step: DiskStep): void {
    const { drive } = this;
    drive.step(lane);
    for (const onlooker of this.#watching.stepped) onlooker.stepped(this.host, step, drive);
    this.#interruption.halt();
    if (this.#heedInterruption()) return;
    const problem = drive.takeProblem();
    if (problem === null) return;
    this.#diskTrouble = problem;
    this.wake();
  }

  #pumpDisk(lane: Lane): void {
    const step = this.drive.next(lane);
    if (step === null || this.#isDiskBusy[lane] || this.#diskTrouble !== null) return;
    const { pace, random } = this.#machine;
    const cost = syncs.has(step) ? SYNC_STEPS : 1;
    this.#diskAfter(lane, random.tail(pace.diskMs) * cost * this.diskSlowness);
  }

  #diskAfter(lane: Lane, afterMs: number): void {
    this.#isDiskBusy[lane] = true;
    this.#diskRound[lane] += 1;
    const { scheduler } = this.#machine;
    const kind = eventOf[lane];
    scheduler.schedule(scheduler.nowMs + afterMs, kind, this.host, this.#diskRound[lane]);
  }

  #takeFailpoint(step: DiskStep): Failpoint | null {
    if (this.#refused.includes(step)) {
      const onFired = (): void => this.#onRefused(step);
      return failpoint({ step, action: 'fail', onFired });
    }
    const found = this.#failpoints.find((one) => one.step === step && !one.isSpent);
    if (found === undefined) return null;
    found.passes -= 1;
    if (found.passes >= 0) return null;
    found.isSpent = true;
    return found;
  }

  #onFailpoint(lane: Lane, step: DiskStep, fired: Failpoint): void {
    const { action, stallMs, survival } = fired;
    fired.onFired();
    this.#tell(`${action} at ${step}`);
    if (action === 'stall') this.#diskAfter(lane, stallMs);
    else if (action === 'fail') {
      this.drive.fail(lane);
      // Whoever reads for another server hears of it and lives on.
      if (lane === 'read') return;
      this.#diskTrouble = `${step}: input/output error`;
      this.wake();
    } else {
      if (action === 'crash behind') this.#step(lane, step);
      if (survival === null) this.kill(`${action} ${step}`);
      else this.cutPower(survival);
    }
  }

  #tell(what: string): void {
    const { trace, scheduler } = this.#machine;
    trace.story?.(`${scheduler.nowMs.toFixed(3).padStart(11)}  server ${this.host} ${what}`);
  }
}

function idleLanes(): Record<Lane, boolean> {
  return { log: false, snapshot: false, read: false };
}

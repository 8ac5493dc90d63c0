/**
 * The network between the machines of a world, as TCP shows it: streams of bytes in order, cut into
 * chunks anywhere, with bounded buffers; calls that are answered, refused or heard by nobody; ends
 * that close in order, by a reset, or never. It knows machines and ports by number and no meaning of
 * any byte.
 *
 * An end of a connection is a number; that of the other end differs in the last bit. What concerns an
 * end waits until its machine asks for it (`drain`); the machine is woken when something waits.
 */
import { assert } from '@zabra/wire';
import { EventKind } from '../time/event-kind.ts';
import type { Random } from '../time/random.ts';
import type { Scheduler } from '../time/scheduler.ts';
import { type DialFailure, End, type NetworkDoor, Ready } from './end.ts';
import { Paths } from './paths.ts';
import { Stream } from './stream.ts';

/** How a reader finds its bytes cut: as they come, or in small pieces with a turn between any two. */
type Chunking = 'whole' | 'small' | 'mixed';

export interface NetworkWeather {
  readonly latencyMs: number;
  readonly jitterMs: number;
  readonly chunking: Chunking;
  /** What both kernels together hold of a stream. */
  readonly bufferBytes: number;
}

/** Who wakes machines. */
export interface Waker {
  /** Something waits for this machine. */
  wake(host: number): void;
}

interface Dial {
  readonly host: number;
  readonly target: number;
  readonly port: number;
  readonly number: number;
  readonly timeoutMs: number;
  stage: 'calling' | 'ringing' | 'failing' | 'over';
  failure: DialFailure;
}

/** A sender tries again so long after its path was mended. */
const RETRANSMIT_MS_MAX = 800;
const RESOLVE_MS = 50;
const CHUNK_BYTES_MAX = 65_536;
const SMALL_BYTES = 9;
const PORTS_PER_HOST = 8;

export class Network {
  readonly paths: Paths;
  readonly #weather: NetworkWeather;
  readonly #waker: Waker;
  readonly #random: Random;
  readonly #scheduler: Scheduler;
  readonly #ends: End[] = [];
  readonly #dials: Dial[] = [];
  readonly #ready: End[][];
  readonly #failedDials: Dial[][];
  readonly #isListening: Uint8Array;
  /** Machines without power; nothing answers there. */
  readonly #isDark: Uint8Array;
  /** Machines whose names nobody finds, and machines that are out of descriptors; faults add up. */
  readonly #isUnresolved: Uint8Array;
  readonly #isFull: Uint8Array;

  constructor(
    hostCount: number,
    weather: NetworkWeather,
    scheduler: Scheduler,
    random: Random,
    waker: Waker,
  ) {
    this.paths = new Paths(hostCount);
    this.#weather = weather;
    this.#scheduler = scheduler;
    this.#random = random;
    this.#waker = waker;
    this.#ready = Array.from({ length: hostCount }, () => []);
    this.#failedDials = Array.from({ length: hostCount }, () => []);
    this.#isListening = new Uint8Array(hostCount * PORTS_PER_HOST);
    this.#isDark = new Uint8Array(hostCount);
    this.#isUnresolved = new Uint8Array(hostCount);
    this.#isFull = new Uint8Array(hostCount);
  }

  // What a machine does.

  listen(host: number, port: number, isListening: boolean): void {
    this.#isListening[host * PORTS_PER_HOST + port] = isListening ? 1 : 0;
  }

  /** Calls a machine by its name; the number comes back with the answer. */
  dial(host: number, target: number, port: number, number: number, timeoutMs: number): void {
    const dial: Dial = {
      host,
      target,
      port,
      number,
      timeoutMs,
      stage: 'calling',
      failure: 'refused',
    };
    this.#dials.push(dial);
    const index = this.#dials.length - 1;
    if (this.#isUnresolved[target]! > 0) this.#fail(index, 'name not resolved', RESOLVE_MS);
    else if (this.paths.isCut(host, target)) this.#fail(index, 'timed out', timeoutMs);
    else this.#at(this.#delayMs(host, target), EventKind.Dial, index);
  }

  hangUp(host: number, number: number): void {
    for (const dial of this.#dials) {
      if (dial.host === host && dial.number === number) dial.stage = 'over';
    }
    this.#failedDials[host] = this.#failedDials[host]!.filter((dial) => dial.number !== number);
    // It may have been answered already, and the answer is on its way.
    const isAnswered = ({ dial, isKnown }: End): boolean => dial === number && !isKnown;
    for (const end of this.#endsOf(host).filter(isAnswered)) this.close(end.link);
  }

  /** How many of these bytes the kernel has taken; `flushable` comes when there is room again. */
  write(link: number, bytes: Uint8Array, from: number, to: number): number {
    const end = this.#end(link);
    if (end.isClosed || end.out.isFinished || end.isGone) {
      this.#writeInVain(end);
      return to - from;
    }
    const count = end.out.write(bytes, from, to, this.#arrivalMs(end, to - from));
    if (count < to - from) end.wantsRoom = true;
    this.#watch(end);
    return count;
  }

  /** Which door it was called for. */
  portOf(link: number): number {
    return this.#end(link).port;
  }

  /** Whose end it is. */
  hostOf(link: number): number {
    return this.#end(link).host;
  }

  /** Nothing more will be sent; what comes is still read. */
  shutDown(link: number): void {
    const end = this.#end(link);
    if (end.isClosed || end.isGone) return;
    end.out.finish(this.#arrivalMs(end, 0));
    this.#watch(end);
  }

  /** What was written still arrives, unless something waits unread here: then the kernel resets. */
  close(link: number): void {
    const end = this.#end(link);
    if (end.isClosed) return;
    if (this.#other(end).out.unread > 0) {
      this.reset(link);
      return;
    }
    this.shutDown(link);
    end.isClosed = true;
  }

  /** Ends both directions at once; the other end hears of it unless the path is cut. */
  reset(link: number): void {
    const end = this.#end(link);
    const isNews = !end.isClosed && !end.isGone;
    end.isClosed = true;
    if (isNews) this.#sendReset(end);
  }

  /** Read from it again, or leave its bytes where they are. */
  setReading(link: number, isReading: boolean): void {
    const end = this.#end(link);
    end.isReading = isReading;
    if (isReading) this.#readable(end);
  }

  /** Hands everything that waits for a machine to its door. */
  drain(host: number, door: NetworkDoor): void {
    const failed = this.#failedDials[host]!;
    for (const dial of failed.splice(0)) door.onDialFailed(dial.number, dial.failure);
    const ready = this.#ready[host]!;
    if (ready.length === 0) return;
    this.#ready[host] = [];
    for (const end of ready) {
      end.isQueued = false;
      if (!end.isClosed) this.#tell(end, door);
    }
  }

  // What happens to machines and paths.

  /** The process is gone and its kernel is not: it closes everything. */
  abandon(host: number): void {
    this.#forget(host);
    for (const end of this.#endsOf(host)) this.close(end.link);
  }

  /** The machine is without power, and nobody is told. */
  darken(host: number): void {
    this.#isDark[host] = 1;
    this.#forget(host);
    for (const end of this.#endsOf(host)) {
      end.isGone = true;
      end.isClosed = true;
    }
  }

  lighten(host: number): void {
    this.#isDark[host] = 0;
    for (let from = 0; from < this.paths.hostCount; from += 1) this.mended(from, host);
  }

  /** A path was mended: whatever waited for it is sent again. */
  mended(from: number, to: number): void {
    if (this.paths.isCut(from, to)) return;
    for (const end of this.#ends) {
      const other = this.#other(end);
      if (end.host !== from || other.host !== to) continue;
      this.#askForReset(end, RETRANSMIT_MS_MAX);
      this.#askForReset(other, RETRANSMIT_MS_MAX);
      if (end.isFinal) continue;
      const afterMs = this.#random.next() * RETRANSMIT_MS_MAX;
      if (end.out.isStalled) {
        end.out.isStalled = false;
        end.out.dueMs = Number.POSITIVE_INFINITY;
        end.out.frozenUntilMs = Math.max(end.out.frozenUntilMs, this.#scheduler.nowMs + afterMs);
        this.#watch(end);
      }
      // What this side has taken meanwhile, the other now hears of.
      this.#acknowledge(other);
    }
  }

  /** Nobody finds the machine by its name. */
  loseName(host: number, byCount: number): void {
    this.#isUnresolved[host]! += byCount;
  }

  /** No call is answered there: it is out of descriptors. */
  fill(host: number, byCount: number): void {
    this.#isFull[host]! += byCount;
  }

  /** The open connections between two machines, by the end at the first. */
  linksBetween(host: number, other: number): readonly number[] {
    const links: number[] = [];
    for (const end of this.#ends) {
      if (end.host === host && this.#other(end).host === other && !end.isClosed)
        links.push(end.link);
    }
    return links;
  }

  /** What this end sends is held back until then, though the connection seems to live. */
  freeze(link: number, untilMs: number): void {
    const { out } = this.#end(link);
    out.frozenUntilMs = Math.max(out.frozenUntilMs, untilMs);
  }

  /** This end is told that its connection is gone; the other still hears all that was sent, late. */
  lose(link: number): void {
    const end = this.#end(link);
    if (end.isClosed) return;
    end.hasReset = true;
    this.#wake(end, Ready.Closed);
    end.out.finish(this.#arrivalMs(end, 0));
    this.#watch(end);
  }

  /** A middlebox ends a connection: both ends are told. */
  sever(link: number): void {
    const end = this.#end(link);
    if (end.isClosed) return;
    this.#at(0, EventKind.Reset, end.link);
    this.#at(0, EventKind.Reset, end.link ^ 1);
  }

  // What was scheduled.

  onArrive(link: number): void {
    const end = this.#end(link);
    const { out } = end;
    const { nowMs } = this.#scheduler;
    if (nowMs < out.dueMs) return;
    out.dueMs = Number.POSITIVE_INFINITY;
    const reader = this.#other(end);
    if (end.isFinal) return;
    if (this.#isDark[reader.host] === 1 || this.paths.isCut(end.host, reader.host)) {
      out.isStalled = true;
      return;
    }
    while (out.nextArrivalMs <= nowMs) out.arrive();
    if (reader.isClosed) this.#sendReset(reader);
    else this.#readable(reader);
    this.#watch(end);
  }

  /** A reset has come to this end. */
  onReset(link: number): void {
    const end = this.#end(link);
    const other = this.#other(end);
    if (end.isFinal || this.#isDark[end.host] === 1) return;
    if (this.paths.isCut(other.host, end.host)) {
      end.isResetOwed ||= end.out.unread > 0;
      return;
    }
    end.isFinal = true;
    end.isResetOwed = false;
    // Of what had come and was not read, some kernels keep nothing and others all.
    const { unread } = other.out;
    other.out.cut(this.#random.below(unread + 1));
    end.hasReset = true;
    if (!end.isClosed) this.#wake(end, Ready.Closed);
  }

  onDial(index: number): void {
    const dial = this.#dials[index]!;
    if (dial.stage === 'calling') this.#ring(index, dial);
    else if (dial.stage === 'failing') {
      dial.stage = 'over';
      this.#failedDials[dial.host]!.push(dial);
      this.#waker.wake(dial.host);
    }
  }

  onAnswer(link: number): void {
    const end = this.#end(link);
    if (!end.isClosed) this.#wake(end, Ready.Dialed);
  }

  // Inside.

  /** Nobody is there any more to be told of anything. */
  #forget(host: number): void {
    for (let port = 0; port < PORTS_PER_HOST; port += 1) this.listen(host, port, false);
    for (const dial of this.#dials) if (dial.host === host) dial.stage = 'over';
    this.#failedDials[host] = [];
    this.#ready[host] = [];
  }

  #ring(index: number, dial: Dial): void {
    const { host, target, port, timeoutMs } = dial;
    if (this.#isDark[target] === 1 || this.paths.isCut(host, target)) {
      this.#fail(index, 'timed out', timeoutMs);
      return;
    }
    const isOpen = this.#isListening[target * PORTS_PER_HOST + port] === 1;
    const backMs = this.#delayMs(target, host);
    const isHeard = !this.paths.isCut(target, host);
    if (!isOpen || this.#isFull[target]! > 0) {
      this.#fail(index, isHeard ? 'refused' : 'timed out', isHeard ? backMs : timeoutMs);
      return;
    }
    dial.stage = 'over';
    const calling = this.#connect(dial);
    const called = this.#other(calling);
    this.#wake(called, Ready.Accepted);
    if (isHeard) this.#at(backMs, EventKind.Answer, calling.link);
    else {
      // Nobody will ever speak on it.
      calling.isClosed = true;
      calling.isGone = true;
      dial.stage = 'calling';
      this.#fail(index, 'timed out', timeoutMs);
    }
  }

  #connect(dial: Dial): End {
    const { bufferBytes } = this.#weather;
    const link = this.#ends.length;
    const calling = new End(link, dial.host, dial.port, dial.number, new Stream(bufferBytes));
    const called = new End(link + 1, dial.target, dial.port, -1, new Stream(bufferBytes));
    this.#ends.push(calling, called);
    return calling;
  }

  #fail(index: number, failure: DialFailure, afterMs: number): void {
    const dial = this.#dials[index]!;
    dial.stage = 'failing';
    dial.failure = failure;
    this.#at(afterMs, EventKind.Dial, index);
  }

  /** The other end was reset, and this one has not heard of it. */
  #writeInVain(end: End): void {
    if (end.isClosed || end.isGone || end.isFinal || !this.#other(end).isFinal) return;
    end.isResetOwed = true;
    this.#askForReset(end, 0);
  }

  /** Where both ways are open. */
  #askForReset(end: End, afterMs: number): void {
    if (!end.isResetOwed) return;
    const { host } = this.#other(end);
    const isCut = this.paths.isCut(end.host, host) || this.paths.isCut(host, end.host);
    if (isCut || this.#isDark[host] === 1) return;
    const roundMs = this.#delayMs(end.host, host) + this.#delayMs(host, end.host);
    this.#at(afterMs + roundMs, EventKind.Reset, end.link);
  }

  #sendReset(from: End): void {
    const other = this.#other(from);
    from.out.cut(from.out.unread);
    this.#at(this.#delayMs(from.host, other.host), EventKind.Reset, other.link);
  }

  #tell(end: End, door: NetworkDoor): void {
    const waiting = end.ready;
    end.ready = 0;
    const other = this.#other(end);
    if ((waiting & Ready.Accepted) !== 0) door.onAccepted(end.link, end.port, other.host);
    if ((waiting & Ready.Dialed) !== 0) {
      end.isKnown = true;
      door.onDialed(end.dial, end.link);
    }
    if ((waiting & Ready.Room) !== 0) door.onRoom(end.link);
    if (end.isReading && !end.isClosed) this.#read(end, other, door);
    if (end.hasReset && !end.isClosed && (other.out.unread === 0 || !end.isReading)) {
      end.isClosed = true;
      door.onClosed(end.link);
    }
  }

  #read(end: End, other: End, door: NetworkDoor): void {
    const { out } = other;
    if (out.unread > 0) {
      door.onReceived(end.link, out.take(this.#chunkBytes(end)));
      this.#acknowledge(other);
      if (out.unread > 0 && !end.isClosed) {
        this.#wake(end, Ready.Bytes);
        return;
      }
    }
    if (out.hasFinArrived && out.unread === 0 && !end.hasEnded && !end.isClosed) {
      end.hasEnded = true;
      door.onEnded(end.link);
    }
  }

  #chunkBytes(end: End): number {
    const { chunking } = this.#weather;
    const isSmall = chunking === 'small' || (chunking === 'mixed' && (end.link & 4) === 0);
    if (!isSmall) return CHUNK_BYTES_MAX;
    const luck = this.#random.below(8);
    if (luck === 0) return 1;
    return luck < 6 ? 1 + this.#random.below(SMALL_BYTES * luck) : CHUNK_BYTES_MAX;
  }

  /** The writer hears of what was taken of its bytes, if anything gets through to it. */
  #acknowledge(writer: End): void {
    const { out } = writer;
    if (this.paths.isCut(this.#other(writer).host, writer.host)) return;
    out.acknowledged = out.taken;
    if (!writer.wantsRoom || out.room <= 0) return;
    writer.wantsRoom = false;
    this.#wake(writer, Ready.Room);
  }

  #readable(end: End): void {
    const { out } = this.#other(end);
    if (end.isClosed || !end.isReading) return;
    if (out.unread > 0 || (out.hasFinArrived && !end.hasEnded)) this.#wake(end, Ready.Bytes);
  }

  #wake(end: End, what: Ready): void {
    end.ready |= what;
    // A caller hears of nothing before it hears that it was answered.
    if (end.isQueued || (!end.isKnown && (end.ready & Ready.Dialed) === 0)) return;
    end.isQueued = true;
    this.#ready[end.host]!.push(end);
    this.#waker.wake(end.host);
  }

  /** Sees to it that an event comes when the next segment does. */
  #watch(end: End): void {
    const { out } = end;
    if (!out.hasSegments || out.isStalled || out.nextArrivalMs >= out.dueMs) return;
    out.dueMs = out.nextArrivalMs;
    this.#scheduler.schedule(out.dueMs, EventKind.Arrive, end.link);
  }

  #arrivalMs(end: End, byteCount: number): number {
    const { host } = this.#other(end);
    const sending = byteCount / this.paths.bytesPerMs(end.host, host);
    return this.#scheduler.nowMs + this.#delayMs(end.host, host) + sending;
  }

  #delayMs(from: number, to: number): number {
    const { latencyMs, jitterMs } = this.#weather;
    return latencyMs + this.#random.tail(jitterMs) + this.paths.slowMs(from, to);
  }

  #at(afterMs: number, kind: number, subject: number): void {
    this.#scheduler.schedule(this.#scheduler.nowMs + afterMs, kind, subject);
  }

  #endsOf(host: number): readonly End[] {
    return this.#ends.filter((end) => end.host === host && !end.isClosed);
  }

  #other(end: End): End {
    return this.#ends[end.link ^ 1]!;
  }

  #end(link: number): End {
    assert(link < this.#ends.length, 'a link that was told of');
    return this.#ends[link]!;
  }
}

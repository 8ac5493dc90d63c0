/**
 * From chunks to frames. Frames and four-letter words are cut straight from what arrived; only the
 * part of a frame that is incomplete is kept. No length is believed before its bytes have come.
 */
import { type Connection, NO_BYTES } from './connection.ts';
import type { Handshake } from './handshake.ts';
import type { Pipeline } from './pipeline.ts';
import type { Requests } from './requests.ts';
import type { ServerState } from './state.ts';
import type { Words } from './words/words.ts';

/** A connect request is a few dozen bytes; nobody without a session may have us keep more. */
const GREETING_BYTES_MAX = 16 * 1024;
/** Half-received frames of all connections together; beyond it, whoever holds most is closed. */
const REST_BYTES_MAX = 32 * 1024 * 1024;
/** Bytes of waiting requests at which a connection is not read. */
const WAITING_BYTES_MAX = 1024 * 1024;
/** Bytes of waiting requests at which no connection that has some is read. */
const WAITING_BYTES_TOTAL = 32 * 1024 * 1024;
/** Gathered log bytes at which nobody who writes is read. */
const GATHERED_BYTES_MAX = 2 * 1024 * 1024;

export class Intake {
  readonly #state: ServerState;
  readonly #pipeline: Pipeline;
  readonly #handshake: Handshake;
  readonly #requests: Requests;
  readonly #words: Words;
  readonly #paused = new Set<Connection>();
  readonly #throttledMax: number;
  readonly #largeFrom: number;
  #restBytes = 0;

  constructor(
    state: ServerState,
    pipeline: Pipeline,
    handshake: Handshake,
    requests: Requests,
    words: Words,
  ) {
    this.#state = state;
    this.#pipeline = pipeline;
    this.#handshake = handshake;
    this.#requests = requests;
    this.#words = words;
    this.#throttledMax = state.settings.throttledRequestsMax;
    this.#largeFrom = state.largeRequests.threshold;
  }

  receive(connection: Connection, chunk: Uint8Array): void {
    this.#state.figures.bytesReceived += chunk.length;
    if (connection.restBytes > 0 || connection.isPaused) {
      this.#keep(connection, chunk, 0);
      this.#resumeCutting(connection);
      return;
    }
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const used = this.#cut(connection, chunk, view, chunk.length);
    if (used < chunk.length) this.#keep(connection, chunk, used);
  }

  /** Whether a turn would get on with it: what kept a connection waiting has left meanwhile. */
  get hasWork(): boolean {
    for (const connection of this.#paused) if (!this.#mustWait(connection)) return true;
    return false;
  }

  /** Reads on from connections whose reason to wait is gone. */
  turn(): void {
    if (this.#paused.size === 0) return;
    for (const connection of [...this.#paused]) {
      if (this.#mustWait(connection)) continue;
      // What waited because too much was unsent comes before what has not been read.
      this.#requests.drain(connection);
      if (this.#mustWait(connection)) continue;
      this.#paused.delete(connection);
      connection.isPaused = false;
      this.#resumeCutting(connection);
      if (!connection.isPaused || connection.restBytes === 0) {
        connection.waitingSinceMs = Number.POSITIVE_INFINITY;
      }
      if (connection.isPaused) continue;
      if (!connection.isUnread || !connection.isOpen) continue;
      connection.isUnread = false;
      this.#state.orders.push({ kind: 'resume', connection: connection.id });
    }
  }

  forget(connection: Connection): void {
    this.#dropRest(connection);
    this.#paused.delete(connection);
  }

  #resumeCutting(connection: Connection): void {
    const { rest, restBytes } = connection;
    const view = new DataView(rest.buffer, rest.byteOffset, rest.byteLength);
    const used = this.#cut(connection, rest, view, restBytes);
    // What a closed connection still holds goes with it.
    if (used === 0 || connection.state === 'gone') return;
    const left = connection.restBytes - used;
    this.#restBytes -= used;
    connection.restBytes = left;
    if (left > 0) rest.copyWithin(0, used, used + left);
    else this.#dropRest(connection);
  }

  /** Handles every complete frame in bytes[0, end); how many bytes were used. */
  #cut(connection: Connection, bytes: Uint8Array, view: DataView, end: number): number {
    let position = 0;
    while (position + 4 <= end && connection.isOpen && !connection.isPaused) {
      const length = view.getInt32(position);
      if (connection.state === 'greeting') {
        const used = this.#greet(connection, bytes, view, position, end, length);
        if (used === 0) return position;
        position += used;
        continue;
      }
      if (length < 0 || length > this.#state.settings.frameBytesMax) {
        this.#state.close(connection, `a frame's length is ${length}`);
        break;
      }
      if (length > this.#largeFrom && !this.#admitsLarge(connection, length)) break;
      const frameEnd = position + 4 + length;
      if (frameEnd > end) return position;
      if (this.#isThrottled()) {
        this.pause(connection);
        return position;
      }
      // A whole request keeps the session alive; its parts do not, however often they come.
      if (connection.session !== null) this.#state.touch(connection.session);
      this.#requests.handle(connection, bytes, view, position + 4, frameEnd);
      position = frameEnd;
      if (this.#mustWait(connection) || this.#requests.isStalled(connection)) {
        this.pause(connection);
      }
    }
    // Whatever follows the end of a conversation is dropped.
    return connection.isOpen ? position : end;
  }

  /** The first thing a connection says; how many bytes were used, or 0 to wait for more. */
  #greet(
    connection: Connection,
    bytes: Uint8Array,
    view: DataView,
    position: number,
    end: number,
    length: number,
  ): number {
    const wordBytes = this.#words.byteCountOf(length);
    if (wordBytes > 0) {
      if (position + wordBytes > end) return 0;
      this.#words.answer(connection, length, view, position);
      return end - position;
    }
    if (length < 0 || length > GREETING_BYTES_MAX) {
      this.#state.figures.handshakesFailed += 1;
      this.#state.close(connection, `its first frame's length is ${length}`);
      return end - position;
    }
    const frameEnd = position + 4 + length;
    if (frameEnd > end) return 0;
    this.#handshake.handle(connection, bytes, view, position + 4, frameEnd);
    if (connection.isInDoubt) this.pause(connection);
    return frameEnd - position;
  }

  #keep(connection: Connection, chunk: Uint8Array, from: number): void {
    if (!connection.isOpen) return;
    const count = chunk.length - from;
    this.#makeRoom(count);
    if (!connection.isOpen) return;
    if (connection.isPaused && connection.waitingSinceMs === Number.POSITIVE_INFINITY) {
      connection.waitingSinceMs = this.#state.nowMs;
    }
    const needed = connection.restBytes + count;
    if (needed > connection.rest.length) {
      const grown = this.#state.buffers.take(restCapacity(connection, needed));
      grown.set(connection.rest.subarray(0, connection.restBytes));
      this.#state.buffers.giveBack(connection.rest);
      connection.rest = grown;
    }
    connection.rest.set(from === 0 ? chunk : chunk.subarray(from), connection.restBytes);
    connection.restBytes = needed;
    this.#restBytes += count;
  }

  #makeRoom(byteCount: number): void {
    while (this.#restBytes + byteCount > REST_BYTES_MAX) {
      let largest: Connection | null = null;
      for (const connection of this.#state.connections.values()) {
        if (connection.restBytes > (largest?.restBytes ?? 0)) largest = connection;
      }
      if (largest === null) return;
      this.#state.close(largest, 'half-received requests of all clients take too much memory');
      this.#dropRest(largest);
    }
  }

  #dropRest(connection: Connection): void {
    this.#restBytes -= connection.restBytes;
    this.#state.buffers.giveBack(connection.rest);
    connection.restBytes = 0;
    connection.rest = NO_BYTES;
  }

  #admitsLarge(connection: Connection, length: number): boolean {
    if (this.#state.largeRequests.hasRoomFor(length)) return true;
    this.#state.figures.largeRequestsRejected += 1;
    this.#state.close(connection, `large requests take too much memory for one of ${length} bytes`);
    return false;
  }

  #isThrottled(): boolean {
    if (this.#state.part.isClogged) return true;
    return this.#throttledMax > 0 && this.#pipeline.outstanding >= this.#throttledMax;
  }

  #mustWait(connection: Connection): boolean {
    const { owed } = this.#state;
    if (connection.isInDoubt || !owed.hasRoomFor(connection)) return true;
    if (owed.isMuch && this.#requests.isStalled(connection)) return true;
    if (this.#isThrottled() && connection.restBytes > 0) return true;
    if (connection.queue.isEmpty) return false;
    return (
      connection.queue.byteCount > WAITING_BYTES_MAX ||
      this.#state.waiting.bytes > WAITING_BYTES_TOTAL ||
      this.#pipeline.outstanding > this.#state.settings.outstandingRequestsMax ||
      this.#pipeline.gatheredBytes > GATHERED_BYTES_MAX
    );
  }

  /** Reads nothing more from a connection until it may go on. */
  pause(connection: Connection): void {
    if (connection.isPaused || connection.state === 'gone') return;
    connection.isPaused = true;
    this.#paused.add(connection);
    if (connection.isUnread || !connection.isOpen) return;
    connection.isUnread = true;
    this.#state.orders.push({ kind: 'pause', connection: connection.id });
  }
}

/**
 * How much to set aside for half a frame. A long frame comes in many chunks and each growth leaves
 * garbage, so it grows fourfold, though not beyond the frame, and never by a length alone.
 */
function restCapacity(connection: Connection, needed: number): number {
  const { rest, restBytes } = connection;
  if (restBytes < 4) return needed;
  const frameBytes = 4 + new DataView(rest.buffer, rest.byteOffset).getInt32(0);
  return Math.max(needed, Math.min(rest.length * 4, Math.max(frameBytes, rest.length * 2)));
}

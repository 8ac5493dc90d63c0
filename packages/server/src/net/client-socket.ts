/**
 * One client's socket: bytes in, bytes out, pause and close. What the bytes mean is the mind's
 * business; so is when to stop reading.
 */
import type { Socket } from 'node:net';
import type { ClientOutput } from '@zabra/replica';
import type { Accepted } from './accept.ts';
import type { Farewells, Leaver } from './farewells.ts';

/** Long output is written in parts, so that it shows whether a slow client takes any of it. */
const SLICE_BYTES = 64 * 1024;

export interface SocketEvents {
  onData(id: number, chunk: Uint8Array): void;
  /** The peer will send no more, but may still listen. */
  onEnded(id: number): void;
  onClosed(id: number): void;
  /** So many bytes more of the output have left, some time after `send`. */
  onProgress(output: ClientOutput, byteCount: number): void;
  /** The output was sent, or never will be; at once, or some time after `send`. */
  onSent(output: ClientOutput, isLate: boolean): void;
}

export class ClientSocket implements Leaver {
  readonly id: number;
  readonly #socket: Socket;
  readonly #events: SocketEvents;
  readonly #farewells: Farewells;
  /** What is on its way, the first of it as far as `#offset`. */
  readonly #outputs: ClientOutput[] = [];
  #offset = 0;
  #isEnding = false;

  constructor(
    id: number,
    { socket, listen }: Accepted,
    farewells: Farewells,
    events: SocketEvents,
  ) {
    this.id = id;
    this.#events = events;
    this.#farewells = farewells;
    this.#socket = socket;
    listen((bytes) => {
      if (!this.#isEnding) events.onData(id, bytes);
    });
    // A reset is an ordinary way to end; 'close' follows it.
    socket.on('error', () => {});
    socket.on('end', () => events.onEnded(id));
    socket.on('close', () => {
      farewells.remove(this);
      events.onClosed(id);
    });
  }

  send(output: ClientOutput): void {
    if (this.#socket.destroyed || this.#isEnding) {
      this.#events.onSent(output, false);
      return;
    }
    this.#outputs.push(output);
    if (this.#outputs.length === 1) this.#write(false);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /**
   * Sends what is unsent, then hangs up; a peer that does not hang up too is cut off. Where nothing
   * is left to send or to come, hanging up is enough. Otherwise it would be a reset, which may
   * overtake what the peer has not read yet.
   */
  close(isWanted: boolean): void {
    const socket = this.#socket;
    if (this.#isEnding) return;
    this.#isEnding = true;
    if (socket.writableLength === 0 && (isWanted || socket.readableEnded)) {
      // Behind what the stream still has to do for the last write.
      process.nextTick(destroy, socket);
      return;
    }
    socket.resume();
    if (this.#outputs.length === 0) socket.end();
    this.#farewells.add(this);
  }

  cut(): void {
    this.#socket.destroy();
  }

  /** Writes on until the kernel takes no more at once; as a rule it takes everything. */
  #write(isLate: boolean): void {
    const socket = this.#socket;
    for (;;) {
      const output = this.#outputs[0];
      if (output === undefined) break;
      const start = this.#offset;
      const end = Math.min(start + SLICE_BYTES, output.byteCount);
      let isTaken = false;
      socket.write(output.bytes.subarray(start, end), (error) => {
        if (!isTaken) this.#onTaken(output, end, error ?? null);
      });
      if (socket.writableLength > 0) return;
      isTaken = true;
      this.#advance(output, end, isLate);
    }
    if (this.#isEnding) socket.end();
  }

  #onTaken(output: ClientOutput, end: number, error: Error | null): void {
    if (error === null) {
      this.#advance(output, end, true);
      this.#write(true);
      return;
    }
    for (const unsent of this.#outputs.splice(0)) this.#events.onSent(unsent, true);
  }

  #advance(output: ClientOutput, end: number, isLate: boolean): void {
    if (end < output.byteCount) {
      if (isLate) this.#events.onProgress(output, end - this.#offset);
      this.#offset = end;
      return;
    }
    this.#offset = 0;
    this.#outputs.shift();
    this.#events.onSent(output, isLate);
  }
}

function destroy(socket: Socket): void {
  socket.destroy();
}

/**
 * One client's socket: bytes in, bytes out, pause and close. What the bytes mean is the mind's
 * business; so is when to stop reading.
 */
import type { Socket } from 'node:net';
import type { ClientOutput } from '@zabra/replica';
import type { Accepted } from './accept.ts';
import type { Farewells, Leaver } from './farewells.ts';

export interface SocketEvents {
  onData(id: number, chunk: Uint8Array): void;
  /** The peer will send no more, but may still listen. */
  onEnded(id: number): void;
  onClosed(id: number): void;
  /** The output was sent, or never will be; at once, or some time after `send`. */
  onSent(output: ClientOutput, isLate: boolean): void;
}

export class ClientSocket implements Leaver {
  readonly id: number;
  readonly #socket: Socket;
  readonly #events: SocketEvents;
  readonly #farewells: Farewells;
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
    const socket = this.#socket;
    if (socket.destroyed || this.#isEnding) {
      this.#events.onSent(output, false);
      return;
    }
    // The kernel usually takes everything at once, and then the buffer is free again.
    let isSent = false;
    socket.write(output.bytes.subarray(0, output.byteCount), () => {
      if (!isSent) this.#events.onSent(output, true);
    });
    if (socket.writableLength > 0) return;
    isSent = true;
    this.#events.onSent(output, false);
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
    socket.end();
    this.#farewells.add(this);
  }

  cut(): void {
    this.#socket.destroy();
  }
}

function destroy(socket: Socket): void {
  socket.destroy();
}

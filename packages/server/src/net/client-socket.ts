/**
 * One client's socket: bytes in, bytes out, pause and close. What the bytes mean is the mind's
 * business; so is when to stop reading.
 */
import type { Socket } from 'node:net';
import type { ClientOutput } from '@zabra/replica';
import type { SharedRead } from './shared-read.ts';

export interface SocketEvents {
  onData(id: number, chunk: Uint8Array): void;
  /** The peer will send no more, but may still listen. */
  onEnded(id: number): void;
  onClosed(id: number): void;
  /** The output was sent, or never will be; at once, or some time after `send`. */
  onSent(output: ClientOutput, isLate: boolean): void;
}

/** How long a peer may take to hear the end of a conversation. */
const FAREWELL_MS = 1000;

export class ClientSocket {
  readonly id: number;
  readonly #socket: Socket;
  readonly #events: SocketEvents;
  #isEnding = false;

  constructor(id: number, accepted: Socket, reading: SharedRead, events: SocketEvents) {
    this.id = id;
    this.#events = events;
    const socket = reading.start(accepted, (bytes) => {
      if (!this.#isEnding) events.onData(id, bytes);
    });
    this.#socket = socket;
    // A reset is an ordinary way to end; 'close' follows it.
    socket.on('error', () => {});
    socket.on('end', () => events.onEnded(id));
    socket.on('close', () => events.onClosed(id));
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

  /** Sends what is unsent, then hangs up; a peer that does not hang up too is cut off. */
  close(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#socket.resume();
    this.#socket.end();
    setTimeout(() => this.#socket.destroy(), FAREWELL_MS).unref();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

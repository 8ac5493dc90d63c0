/**
 * One TCP connection to a server, cut into frames as they come. It knows lengths and the end of the
 * stream, nothing of what a frame says, and it sends whatever bytes it is given.
 */
import { connect, type Socket } from 'node:net';

const WAIT_MS = 20_000;

type FrameListener = (frame: Buffer) => void;

export class RawLink {
  readonly socket: Socket;
  /** Settles when the connection is gone, however it went. */
  readonly closed: Promise<void>;
  isClosed = false;
  /** Takes every frame from now on; without it frames wait for `frame`. */
  onFrame: FrameListener | undefined;
  #pending: Buffer = Buffer.alloc(0);
  readonly #frames: Buffer[] = [];
  readonly #waiting: Array<(frame: Buffer | null) => void> = [];

  private constructor(socket: Socket) {
    this.socket = socket;
    this.closed = new Promise((done) => {
      socket.on('close', () => {
        this.isClosed = true;
        for (const wake of this.#waiting.splice(0)) wake(null);
        done();
      });
    });
    socket.on('data', (chunk: Buffer) => this.#onBytes(chunk));
    // A reset is one of the ways a connection may end; `closed` tells of it.
    socket.on('error', () => {});
  }

  static open(port: number, host = '127.0.0.1'): Promise<RawLink> {
    return new Promise((done, fail) => {
      const socket = connect({ port, host, noDelay: true });
      socket.once('error', fail);
      socket.once('connect', () => {
        socket.off('error', fail);
        done(new RawLink(socket));
      });
    });
  }

  /** Sends bytes as they are. */
  write(bytes: Uint8Array): void {
    if (!this.isClosed) this.socket.write(bytes);
  }

  /** Sends a payload behind its length. */
  send(payload: Uint8Array): void {
    this.write(framed(payload));
  }

  /** The next frame's payload; null once the connection has ended. */
  frame(waitMs = WAIT_MS): Promise<Buffer | null> {
    const ready = this.#frames.shift();
    if (ready) return Promise.resolve(ready);
    if (this.isClosed) return Promise.resolve(null);
    return new Promise((done, fail) => {
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(wake), 1);
        fail(new Error(`no frame within ${waitMs} ms`));
      }, waitMs);
      const wake = (frame: Buffer | null): void => {
        clearTimeout(timer);
        done(frame);
      };
      this.#waiting.push(wake);
    });
  }

  /** Waits for the server to end the connection; throws when it does not. */
  async end(waitMs = WAIT_MS): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, fail) => {
      timer = setTimeout(() => fail(new Error(`still connected after ${waitMs} ms`)), waitMs);
    });
    await Promise.race([this.closed, late]).finally(() => clearTimeout(timer));
  }

  destroy(): void {
    this.socket.destroy();
  }

  #onBytes(chunk: Buffer): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    let start = 0;
    while (this.#pending.length - start >= 4) {
      const length = this.#pending.readInt32BE(start);
      if (length < 0 || this.#pending.length - start - 4 < length) break;
      this.#onWhole(this.#pending.subarray(start + 4, start + 4 + length));
      start += 4 + length;
    }
    if (start > 0) this.#pending = this.#pending.subarray(start);
  }

  #onWhole(frame: Buffer): void {
    const wake = this.#waiting.shift();
    if (wake) wake(frame);
    else if (this.onFrame) this.onFrame(frame);
    else this.#frames.push(frame);
  }
}

export function framed(payload: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(4 + payload.length);
  frame.writeInt32BE(payload.length);
  frame.set(payload, 4);
  return frame;
}

/** Sends bytes on a fresh connection and gives back all that comes until the server closes it. */
export function exchangeToEnd(port: number, bytes: Uint8Array, waitMs = WAIT_MS): Promise<Buffer> {
  return new Promise((done, fail) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const parts: Buffer[] = [];
    const timer = setTimeout(() => {
      socket.destroy();
      fail(new Error(`the server kept the connection open for ${waitMs} ms`));
    }, waitMs);
    socket.on('connect', () => socket.write(bytes));
    socket.on('data', (part: Buffer) => parts.push(part));
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      done(Buffer.concat(parts));
    });
  });
}

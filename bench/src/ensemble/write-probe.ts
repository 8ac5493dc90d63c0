/**
 * A client that does nothing but write, one request after the other, on one server, and comes back
 * whenever it is let go. When it was answered is all that it keeps.
 */
import { connect, type Socket } from 'node:net';
import { FrameSplitter } from '../frame-splitter.ts';
import { closeSessionFrame, connectFrame, createFrame, setDataFrame } from '../frames.ts';

const SESSION_TIMEOUT_MS = 30_000;
const RETRY_MS = 2;
/** An attempt to get a session that was not answered for so long is given up for another. */
const HANGING_MS = 50;
const NODE = '/probe';

export class WriteProbe {
  /** `performance.now()` of each answer. */
  readonly answeredAt: number[] = [];
  readonly #port: number;
  #socket: Socket | null = null;
  #isOver = false;
  #xid = 0;

  constructor(port: number) {
    this.#port = port;
  }

  /** Makes the node that is written to; resolves when a first write was answered. */
  async begin(): Promise<void> {
    this.#dial();
    while (this.answeredAt.length === 0) await new Promise((next) => setTimeout(next, RETRY_MS));
  }

  end(): void {
    this.#isOver = true;
    this.#socket?.end(closeSessionFrame(0x7fff_ffff));
  }

  #dial(): void {
    if (this.#isOver) return;
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
    this.#socket = socket;
    const splitter = new FrameSplitter();
    let frames = 0;
    const hanging = setTimeout(() => socket.destroy(), HANGING_MS);
    const onFrame = (buffer: Buffer, start: number): void => {
      frames += 1;
      if (frames === 1) clearTimeout(hanging);
      // The session, then whether the node is there already; from then on writes.
      if (frames === 1) socket.write(createFrame(this.#nextXid(), NODE, Buffer.alloc(0)));
      else this.#onAnswer(socket, frames === 2 ? 0 : buffer.readInt32BE(start + 12));
    };
    socket.on('connect', () => socket.write(connectFrame(SESSION_TIMEOUT_MS)));
    socket.on('data', (chunk) => splitter.push(chunk, onFrame));
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(hanging);
      setTimeout(() => this.#dial(), RETRY_MS);
    });
  }

  #onAnswer(socket: Socket, error: number): void {
    if (error !== 0) {
      socket.destroy();
      return;
    }
    this.answeredAt.push(performance.now());
    if (!this.#isOver) socket.write(setDataFrame(this.#nextXid(), NODE, Buffer.alloc(100)));
  }

  #nextXid(): number {
    this.#xid += 1;
    return this.#xid;
  }
}

/**
 * One connection of the Node generator: keeps `window` requests without a reply, checks every
 * reply against the script, and does one write per read.
 */
import { connect, type Socket } from 'node:net';
import { FrameSplitter } from './frame-splitter.ts';
import { closeSessionFrame, connectFrame } from './frames.ts';
import type { LoadArguments } from './load-job.ts';
import type { LoadWindow } from './node-load-window.ts';
import type { Script } from './script.ts';

const INPUT_BYTES = 256 * 1024;
const REPLY_HEADER_BYTES = 16;
const SESSION_TIMEOUT_MS = 30_000;

export interface LoadConnectionOptions {
  readonly script: Script;
  /** Place in the ring of the first request. */
  readonly startAt: number;
  readonly port: number;
  readonly job: LoadArguments;
  readonly window: LoadWindow;
}

export class LoadConnection {
  readonly #options: LoadConnectionOptions;
  readonly #splitter = new FrameSplitter();
  readonly #requests: Buffer;
  readonly #offsets: Uint32Array;
  readonly #sentAt: Float64Array;
  #socket: Socket | undefined;
  #hasSession = false;
  #next: number;
  #awaited: number;
  #sent = 0;
  #received = 0;
  #now = 0;
  #opened: () => void = () => {};
  #drained: () => void = () => {};

  constructor(options: LoadConnectionOptions) {
    const { script, job, startAt } = options;
    this.#options = options;
    this.#next = startAt;
    this.#awaited = startAt;
    this.#sentAt = new Float64Array(job.window);
    // The head once more at the end, so that any `window` requests in a row are contiguous.
    const repeated = Array.from({ length: job.window }, (_, i) => script[i % script.length]!);
    const requests = [...script, ...repeated].map((entry) => entry.request);
    this.#requests = Buffer.concat(requests);
    this.#offsets = new Uint32Array(requests.length + 1);
    for (const [i, request] of requests.entries()) {
      this.#offsets[i + 1] = this.#offsets[i]! + request.length;
    }
  }

  /** Connects and waits for the session. */
  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#opened = resolve;
      const socket = connect({
        port: this.#options.port,
        host: '127.0.0.1',
        noDelay: true,
        onread: {
          // Its own buffer: a fresh one of 64 KiB per read is what plain 'data' events cost.
          buffer: Buffer.allocUnsafe(INPUT_BYTES),
          callback: (length, buffer) => this.#onChunk(Buffer.from(buffer.buffer, 0, length)),
        },
      });
      socket.on('error', reject);
      socket.on('connect', () => socket.write(connectFrame(SESSION_TIMEOUT_MS)));
      this.#socket = socket;
    });
  }

  begin(): void {
    this.#send(this.#options.job.window);
  }

  /** Once the window is over: settles when every request has its reply. */
  drain(): Promise<void> {
    if (this.#received === this.#sent) return Promise.resolve();
    return new Promise((resolve) => {
      this.#drained = resolve;
    });
  }

  /** Ends the session and waits until the server has closed too. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#socket?.on('close', () => resolve());
      this.#socket?.end(closeSessionFrame(0x7fff_ffff));
    });
  }

  #onChunk(chunk: Buffer): boolean {
    if (!this.#hasSession) {
      this.#splitter.push(chunk, this.#onHandshake);
      return true;
    }
    this.#now = performance.now();
    const replies = this.#splitter.push(chunk, this.#onReply);
    this.#options.window.noteReplies(replies);
    this.#send(replies);
    if (this.#received === this.#sent) this.#drained();
    return true;
  }

  readonly #onHandshake = (buffer: Buffer, start: number): void => {
    if (buffer.readInt32BE(start + 4) <= 0) throw new Error('the session was refused');
    this.#hasSession = true;
    this.#opened();
  };

  readonly #onReply = (buffer: Buffer, start: number, end: number): void => {
    const { script, job, window } = this.#options;
    // The reply to closeSession comes after everything else and is not counted.
    if (this.#received === this.#sent) return;
    const expected = script[this.#awaited]!;
    if (buffer.readInt32BE(start) !== this.#awaited + 1) throw new Error('replies out of order');
    const code = buffer.readInt32BE(start + 12);
    const bodyAt = start + REPLY_HEADER_BYTES;
    if (code !== 0) window.noteError(code);
    else if (end - bodyAt !== expected.bodyLength) throw new Error('a reply of the wrong length');
    else if (this.#received % job.stride === 0) checkPrefix(buffer, bodyAt, expected.prefix);
    window.noteLatency(this.#now - this.#sentAt[this.#received % job.window]!);
    this.#received++;
    this.#awaited = (this.#awaited + 1) % script.length;
  };

  #send(wanted: number): void {
    const { script, job, window } = this.#options;
    const count = window.allow(wanted);
    if (count === 0) return;
    const now = performance.now();
    for (let i = 0; i < count; i++) this.#sentAt[(this.#sent + i) % job.window] = now;
    const from = this.#offsets[this.#next]!;
    const to = this.#offsets[this.#next + count]!;
    this.#socket?.write(this.#requests.subarray(from, to));
    this.#sent += count;
    this.#next = (this.#next + count) % script.length;
  }
}

function checkPrefix(buffer: Buffer, at: number, prefix: Buffer): void {
  if (buffer.compare(prefix, 0, prefix.length, at, at + prefix.length) !== 0) {
    throw new Error('a reply carries the wrong data');
  }
}

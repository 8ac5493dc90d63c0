/**
 * A forwarder to one port. Each way has its own faults: bytes are held back while the connection
 * stays open, as when packets vanish, they are delayed, or the connection breaks amid them.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** What went into a connection and has not come out yet waits here, and then in the kernel. */
const WAITING_BYTES_MAX = 1 << 20;

/** One way of a wire, for all its connections. */
class Direction {
  delayMs = 0;
  isHeld = false;
  isTearing = false;
  readonly #streams = new Set<Stream>();

  add(stream: Stream): void {
    this.#streams.add(stream);
  }

  remove(stream: Stream): void {
    this.#streams.delete(stream);
  }

  hold(): void {
    this.isHeld = true;
  }

  tear(): void {
    this.isTearing = true;
  }

  mend(): void {
    this.delayMs = 0;
    this.isHeld = false;
    this.isTearing = false;
    for (const stream of this.#streams) stream.pump();
  }
}

/** One way of one connection. */
class Stream {
  readonly #direction: Direction;
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #waiting: { readonly bytes: Buffer; readonly atMs: number }[] = [];
  #waitingBytes = 0;
  #isFinished = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(direction: Direction, from: Socket, to: Socket) {
    this.#direction = direction;
    this.#from = from;
    this.#to = to;
    direction.add(this);
  }

  take(bytes: Buffer): void {
    this.#waiting.push({ bytes, atMs: performance.now() + this.#direction.delayMs });
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes > WAITING_BYTES_MAX) this.#from.pause();
    this.pump();
  }

  pump(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    while (!this.#direction.isHeld) {
      const [next] = this.#waiting;
      if (next === undefined) {
        if (this.#isFinished) this.#close();
        return;
      }
      const waitMs = this.#direction.delayMs === 0 ? 0 : next.atMs - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.pump(), waitMs);
        return;
      }
      this.#waiting.shift();
      this.#waitingBytes -= next.bytes.length;
      if (this.#from.isPaused() && this.#waitingBytes <= WAITING_BYTES_MAX) this.#from.resume();
      this.#deliver(next.bytes);
    }
  }

  /** Nothing more comes; the other end learns of it behind all that came before. */
  finish(): void {
    this.#isFinished = true;
    this.pump();
  }

  #close(): void {
    this.#direction.remove(this);
    this.#to.destroySoon();
  }

  #deliver(bytes: Buffer): void {
    if (!this.#direction.isTearing) {
      this.#to.write(bytes);
      return;
    }
    this.#direction.isTearing = false;
    this.#to.write(bytes.subarray(0, bytes.length >> 1), () => this.#to.resetAndDestroy());
    this.#from.resetAndDestroy();
  }
}

export class Wire {
  /** From who calls to who is called, and the other way. */
  readonly forth: Direction = new Direction();
  readonly back: Direction = new Direction();
  readonly #target: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #translation: readonly [said: string, meant: string] | null = null;

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer({ noDelay: true }, (near) => this.#onCall(near));
  }

  static async to(port: number): Promise<Wire> {
    const wire = new Wire(port);
    wire.#server.listen(0, '127.0.0.1');
    await once(wire.#server, 'listening');
    return wire;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Who calls says that it listens on one port, and is to be called on another. */
  translate(said: number, meant: number): void {
    this.#translation = [`127.0.0.1:${said}`, `127.0.0.1:${meant}`];
  }

  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  mend(): void {
    this.forth.mend();
    this.back.mend();
  }

  async close(): Promise<void> {
    this.mend();
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #onCall(near: Socket): void {
    const far = connect({ port: this.#target, host: '127.0.0.1', noDelay: true });
    const forth = new Stream(this.forth, near, far);
    const back = new Stream(this.back, far, near);
    let isFirst = true;
    near.on('data', (bytes: Buffer) => {
      forth.take(isFirst ? this.#translated(bytes) : bytes);
      isFirst = false;
    });
    far.on('data', (bytes: Buffer) => back.take(bytes));
    for (const [socket, stream] of [
      [near, forth],
      [far, back],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#sockets.delete(socket);
        stream.finish();
      });
    }
  }

  /** The first message of a call is short and comes whole; both ports have as many digits. */
  #translated(bytes: Buffer): Buffer {
    if (this.#translation === null) return bytes;
    const [said, meant] = this.#translation;
    const at = bytes.indexOf(said);
    if (at < 0 || said.length !== meant.length) return bytes;
    return Buffer.concat([
      bytes.subarray(0, at),
      Buffer.from(meant),
      bytes.subarray(at + said.length),
    ]);
  }
}

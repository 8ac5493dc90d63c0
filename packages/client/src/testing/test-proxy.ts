/**
 * What lies between a client and a server in tests: connections break here when they are told to,
 * fall silent, or are answered as an older server would answer.
 */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { FrameReader } from '@zabra/wire';

/** What becomes of a request: handed on, or answered by these bytes (null for none) and a hang-up. */
export type Judge = (opcode: number, xid: number) => { readonly answer: Uint8Array | null } | null;

export class TestProxy {
  /** New connections are taken; else they are hung up on. */
  isOpen = true;
  /** Bytes of the server are handed on. */
  isTalking = true;
  /** So many more bytes of the server, or of a client, come through until all connections break. */
  repliesLeft = Number.POSITIVE_INFINITY;
  requestsLeft = Number.POSITIVE_INFINITY;
  judge: Judge = () => null;
  /** How many requests have passed. */
  passed = 0;
  readonly #target: number;
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer((client) => this.#join(client));
  }

  static async start(target: number): Promise<TestProxy> {
    const proxy = new TestProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get connectString(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** All connections break. */
  cut(): void {
    this.repliesLeft = Number.POSITIVE_INFINITY;
    this.requestsLeft = Number.POSITIVE_INFINITY;
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(client: Socket): void {
    client.on('error', () => {});
    if (!this.isOpen) {
      client.destroy();
      return;
    }
    const server = connect(this.#target, 'localhost');
    const pair = [client, server] as const;
    this.#pairs.add(pair);
    server.on('error', () => {});
    client.on('close', () => {
      this.#pairs.delete(pair);
      server.destroy();
    });
    server.on('close', () => client.destroy());
    server.on('data', (chunk) => {
      if (!this.isTalking) return;
      const { repliesLeft } = this;
      client.write(chunk.subarray(0, repliesLeft));
      this.repliesLeft -= chunk.length;
      if (this.repliesLeft < 0) client.end(() => this.cut());
    });
    this.#watchRequests(client, server);
  }

  #watchRequests(client: Socket, server: Socket): void {
    const frames = new FrameReader();
    let isGreeting = true;
    client.on('data', (chunk) => {
      frames.push(chunk);
      for (let frame = frames.next(); frame !== null; frame = frames.next()) {
        const verdict = isGreeting ? null : this.#judgeFrame(frame);
        isGreeting = false;
        if (verdict === null) this.#handOn(server, framed(frame));
        else if (verdict.answer === null) client.destroy();
        else client.end(verdict.answer);
      }
    });
  }

  #handOn(server: Socket, bytes: Uint8Array): void {
    const { requestsLeft } = this;
    server.write(bytes.subarray(0, requestsLeft));
    this.requestsLeft -= bytes.length;
    if (this.requestsLeft < 0) server.end(() => this.cut());
  }

  #judgeFrame(frame: Uint8Array): ReturnType<Judge> {
    const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
    const verdict = this.judge(view.getInt32(4), view.getInt32(0));
    if (verdict === null) this.passed += 1;
    return verdict;
  }
}

/** A reply that is a header alone. */
export function replyHeader(xid: number, code: number): Uint8Array {
  const bytes = new Uint8Array(20);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, 16);
  view.setInt32(4, xid);
  view.setBigInt64(8, -1n);
  view.setInt32(16, code);
  return bytes;
}

function framed(frame: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + frame.length);
  new DataView(bytes.buffer).setInt32(0, frame.length);
  bytes.set(frame, 4);
  return bytes;
}

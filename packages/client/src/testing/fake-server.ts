/** A server that says what a test wants, where no server of ours would say it. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import {
  asSessionId,
  decodeConnectRequest,
  encodeConnectResponse,
  encodeFrame,
  FrameReader,
  JuteReader,
  JuteWriter,
  Opcode,
} from '@zabra/wire';

export interface FakeAnswer {
  readonly code?: number;
  /** The record behind the header. */
  readonly body?: (writer: JuteWriter) => void;
  /** The connection ends behind it. */
  readonly isLast?: boolean;
  /** The connection ends instead. */
  readonly isCut?: boolean;
}

export class FakeServer {
  /** Null leaves a request without an answer. */
  answer: (opcode: number, body: JuteReader) => FakeAnswer | null = () => ({});
  isReadOnly = false;
  /** Greets nobody. */
  isSilent = false;
  /** As it was sent, frame by frame. */
  readonly heard: Uint8Array[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #sessions = 0;

  private constructor() {
    this.#server = createServer((socket) => this.#join(socket));
  }

  static async start(host = '127.0.0.1'): Promise<FakeServer> {
    const server = new FakeServer();
    await new Promise<void>((resolve) => server.#server.listen(0, host, resolve));
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get connectString(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Bytes that nobody has asked for, to everybody. */
  say(bytes: Uint8Array): void {
    for (const socket of this.#sockets) socket.write(bytes);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(socket: Socket): void {
    const frames = new FrameReader();
    let isGreeted = false;
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('data', (chunk) => {
      frames.push(new Uint8Array(chunk));
      for (let frame = frames.next(); frame !== null; frame = frames.next()) {
        if (isGreeted) this.#reply(socket, frame);
        else if (!this.isSilent) this.#greet(socket, frame);
        isGreeted = true;
      }
    });
  }

  #greet(socket: Socket, frame: Uint8Array): void {
    const { sessionId, timeoutMs } = decodeConnectRequest(JuteReader.over(frame))!;
    this.#sessions += 1;
    send(socket, (writer) =>
      encodeConnectResponse(writer, {
        protocolVersion: 0,
        timeoutMs,
        sessionId: sessionId === 0n ? asSessionId(BigInt(this.#sessions)) : sessionId,
        password: new Uint8Array(16),
        readOnly: this.isReadOnly,
      }),
    );
  }

  #reply(socket: Socket, frame: Uint8Array): void {
    this.heard.push(frame);
    const reader = JuteReader.over(frame);
    const xid = reader.int();
    const opcode = reader.int();
    const answer = opcode === Opcode.Ping ? {} : this.answer(opcode, reader);
    if (answer === null) return;
    if (answer.isCut === true) {
      socket.destroy();
      return;
    }
    send(socket, (writer) => {
      writer.int(xid);
      writer.long(1n);
      writer.int(answer.code ?? 0);
      answer.body?.(writer);
    });
    if (answer.isLast === true) socket.end();
  }
}

function send(socket: Socket, encode: (writer: JuteWriter) => void): void {
  const writer = new JuteWriter();
  encodeFrame(writer, encode);
  socket.write(writer.finish());
}

/** A client of the plainest kind: a session, and requests one after the other. */
import { connect, type Socket } from 'node:net';
import { FrameReader, JuteReader, JuteWriter } from '@zabra/wire';

const FRAME_BYTES_MAX = 1 << 20;

export interface RawReply {
  readonly error: number;
  readonly body: JuteReader;
}

export class RawClient {
  readonly #socket: Socket;
  readonly #frames = new FrameReader(FRAME_BYTES_MAX);
  readonly #waiting: { resolve: (frame: JuteReader) => void; reject: (error: Error) => void }[] =
    [];
  #xid = 0;

  private constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1');
    this.#socket.on('data', (chunk) => this.#receive(chunk));
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => this.#end());
  }

  /** Rejects where no session is granted. */
  static async open(port: number): Promise<RawClient> {
    const client = new RawClient(port);
    await client.#exchange((writer) => {
      writer.int(0);
      writer.long(0n);
      writer.int(10_000);
      writer.long(0n);
      writer.buffer(new Uint8Array(16));
    });
    return client;
  }

  async request(opcode: number, body: (writer: JuteWriter) => void): Promise<RawReply> {
    this.#xid += 1;
    const xid = this.#xid;
    const reply = await this.#exchange((writer) => {
      writer.int(xid);
      writer.int(opcode);
      body(writer);
    });
    reply.int();
    reply.long();
    return { error: reply.int(), body: reply };
  }

  cut(): void {
    this.#socket.destroy();
  }

  #exchange(body: (writer: JuteWriter) => void): Promise<JuteReader> {
    const writer = new JuteWriter(64);
    writer.int(0);
    body(writer);
    writer.view.setInt32(0, writer.position - 4);
    this.#socket.write(writer.finish());
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  #receive(chunk: Uint8Array): void {
    this.#frames.push(chunk.slice());
    for (let next = this.#frames.next(); next !== null; next = this.#frames.next()) {
      this.#waiting.shift()?.resolve(JuteReader.over(next.slice()));
    }
  }

  #end(): void {
    for (const { reject } of this.#waiting.splice(0)) reject(new Error('the server hung up'));
  }
}

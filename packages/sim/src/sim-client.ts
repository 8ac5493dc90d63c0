/** One simulated client link: requests out, replies and events in, all as frames of real bytes. */
import { FrameReader, JuteReader, JuteWriter, Opcode } from '@zabra/wire';

export interface SimReply {
  readonly xid: number;
  readonly zxid: bigint;
  readonly error: number;
  /** Whatever follows the reply header. */
  readonly body: Uint8Array;
}

export interface SimSession {
  readonly id: bigint;
  readonly password: Uint8Array;
  readonly timeoutMs: number;
}

const NO_PASSWORD = new Uint8Array(16);
const FRAME_BYTES_MAX = 1 << 30;

export class SimClient {
  readonly id: number;
  readonly replies: SimReply[] = [];
  session: SimSession | null = null;
  isClosed = false;
  /** The server has answered the connect request. */
  isGreeted = false;
  /** The server does not read from it for now. */
  isPaused = false;
  readonly #frames = new FrameReader(FRAME_BYTES_MAX);
  #xid = 0;

  constructor(id: number) {
    this.id = id;
  }

  /** The bytes of a connect request. */
  connect(timeoutMs: number, session: SimSession | null): Uint8Array {
    return frame((writer) => {
      writer.int(0);
      writer.long(0n);
      writer.int(timeoutMs);
      writer.long(session?.id ?? 0n);
      writer.buffer(session?.password ?? NO_PASSWORD);
      writer.boolean(false);
    });
  }

  /** The bytes of a request, and the xid its reply will carry. */
  request(opcode: number, body: (writer: JuteWriter) => void): { xid: number; bytes: Uint8Array } {
    this.#xid += 1;
    const xid = this.#xid;
    const bytes = frame((writer) => {
      writer.int(xid);
      writer.int(opcode);
      body(writer);
    });
    return { xid, bytes };
  }

  close(): Uint8Array {
    return this.request(Opcode.CloseSession, () => {}).bytes;
  }

  receive(bytes: Uint8Array): void {
    this.#frames.push(bytes.slice());
    for (let next = this.#frames.next(); next !== null; next = this.#frames.next()) {
      this.#onFrame(JuteReader.over(next));
    }
  }

  #onFrame(reader: JuteReader): void {
    if (!this.isGreeted) {
      this.isGreeted = true;
      reader.int();
      const timeoutMs = reader.int();
      const id = reader.long();
      const password = reader.buffer() ?? NO_PASSWORD;
      if (timeoutMs > 0) this.session = { id, password, timeoutMs };
      return;
    }
    const xid = reader.int();
    const zxid = reader.long();
    const error = reader.int();
    this.replies.push({ xid, zxid, error, body: reader.bytes.slice(reader.position, reader.end) });
  }
}

function frame(body: (writer: JuteWriter) => void): Uint8Array {
  const writer = new JuteWriter(64);
  writer.int(0);
  body(writer);
  writer.view.setInt32(0, writer.position - 4);
  return writer.finish();
}

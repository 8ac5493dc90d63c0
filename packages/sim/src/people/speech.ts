/** What a client says and hears, as bytes: frames out, and frames in whatever way they were cut. */
import {
  asSessionId,
  asZxid,
  decodeConnectResponse,
  decodeWatcherEvent,
  encodeConnectRequest,
  encodeFrame,
  FrameReader,
  JuteReader,
  JuteWriter,
  Opcode,
  operations,
  Xid,
} from '@zabra/wire';
import type { Ask } from './journal.ts';

export interface Greeting {
  readonly timeoutMs: number;
  readonly session: bigint;
  readonly password: Uint8Array;
}

/** Who is spoken to. */
export interface Listener {
  onGreeting(greeting: Greeting): void;
  onReply(xid: number, zxid: bigint, error: number, body: Uint8Array): void;
  onEvent(type: number, path: string, zxid: bigint): void;
  onNonsense(): void;
}

const FRAME_BYTES_MAX = 1 << 26;

/** The ear for one connection. */
export class Ear {
  readonly #frames = new FrameReader(FRAME_BYTES_MAX);
  readonly #listener: Listener;
  #isGreeted = false;

  constructor(listener: Listener) {
    this.#listener = listener;
  }

  receive(bytes: Uint8Array): void {
    this.#frames.push(bytes.slice());
    for (let next = this.#frames.next(); next !== null; next = this.#frames.next()) {
      this.#onFrame(JuteReader.over(next));
    }
  }

  #onFrame(reader: JuteReader): void {
    if (!this.#isGreeted) {
      this.#isGreeted = true;
      const answer = decodeConnectResponse(reader);
      if (answer === null) this.#listener.onNonsense();
      else {
        const password = answer.password ?? new Uint8Array(0);
        const { timeoutMs, sessionId: session } = answer;
        this.#listener.onGreeting({ timeoutMs, session, password });
      }
      return;
    }
    const xid = reader.int();
    const zxid = reader.long();
    const error = reader.int();
    if (xid !== Xid.Notification) {
      const body = reader.bytes.slice(reader.position, reader.end);
      this.#listener.onReply(xid, zxid, error, body);
      return;
    }
    const event = decodeWatcherEvent(reader);
    if (event === null || reader.failed) this.#listener.onNonsense();
    else this.#listener.onEvent(event.type, event.path, zxid);
  }
}

export function sayHello(
  lastZxidSeen: bigint,
  timeoutMs: number,
  session: bigint,
  password: Uint8Array,
): Uint8Array {
  return framed((writer) =>
    encodeConnectRequest(writer, {
      protocolVersion: 0,
      lastZxidSeen: asZxid(lastZxidSeen),
      timeoutMs,
      sessionId: asSessionId(session),
      password,
      readOnly: false,
    }),
  );
}

export function say(xid: number, ask: Ask): Uint8Array {
  return framed((writer) => {
    writer.int(xid);
    writer.int(ask.type);
    encodeAsk(writer, ask);
  });
}

export function sayPing(): Uint8Array {
  return framed((writer) => {
    writer.int(Xid.Ping);
    writer.int(Opcode.Ping);
  });
}

function framed(body: (writer: JuteWriter) => void): Uint8Array {
  const writer = new JuteWriter(64);
  encodeFrame(writer, body);
  return writer.finish();
}

function encodeAsk(writer: JuteWriter, ask: Ask): void {
  switch (ask.type) {
    case Opcode.GetData:
    case Opcode.Exists:
    case Opcode.GetChildren2:
      operations[ask.type].encodeRequest(writer, ask.body);
      break;
    case Opcode.Multi:
      operations[Opcode.Multi].encodeRequest(writer, ask.body);
      break;
    case Opcode.Sync:
      operations[Opcode.Sync].encodeRequest(writer, ask.body);
      break;
    case Opcode.SetWatches:
      operations[Opcode.SetWatches].encodeRequest(writer, ask.body);
      break;
    case Opcode.SetData:
      operations[Opcode.SetData].encodeRequest(writer, ask.body);
      break;
    case Opcode.Delete:
      operations[Opcode.Delete].encodeRequest(writer, ask.body);
      break;
    case Opcode.Create:
      operations[Opcode.Create].encodeRequest(writer, ask.body);
      break;
    default:
      break;
  }
}

/**
 * The ears on one connection of a client, both ways: it writes down what passes, where the bytes
 * pass, and asks nobody. It knows the frames of the protocol and which answer is due next.
 */
import { FrameReader, JuteReader, Opcode, Xid } from '@zabra/wire';
import type { RecordWriter } from './record.ts';

const FRAME_BYTES_MAX = 1 << 26;
const LENGTH_BYTES = 4;
const REQUEST_HEADER_BYTES = 8;

export class Tap {
  readonly #record: RecordWriter;
  readonly #client: number;
  readonly #connection: number;
  readonly #product: string;
  readonly #frames = new FrameReader(FRAME_BYTES_MAX);
  #hasSaidHello = false;
  #isGreeted = false;
  /** The xids that were sent and not answered. */
  readonly #waiting: number[] = [];
  readonly #pingsMs: number[] = [];

  constructor(record: RecordWriter, client: number, connection: number, product: string) {
    this.#record = record;
    this.#product = product;
    this.#client = client;
    this.#connection = connection;
  }

  /** Whole frames, as they leave. */
  said(bytes: Uint8Array, atMs: number): void {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at < buffer.length; ) {
      const end = at + LENGTH_BYTES + buffer.readInt32BE(at);
      this.#onSaid(buffer.subarray(at + LENGTH_BYTES, end), atMs);
      at = end;
    }
  }

  /** A chunk as it came; it stays unchanged. */
  heard(chunk: Uint8Array): void {
    this.#frames.push(chunk);
    for (let frame = this.#frames.next(); frame !== null; frame = this.#frames.next()) {
      if (this.#isGreeted) this.#onHeard(frame);
      else this.#onGreeting(JuteReader.over(frame));
    }
  }

  #onSaid(frame: Buffer, atMs: number): void {
    const { client, connection } = this.#place;
    if (!this.#hasSaidHello) {
      this.#hasSaidHello = true;
      this.#record.note({ kind: 'hello', client, connection, product: this.#product });
      return;
    }
    const xid = frame.readInt32BE(0);
    const opcode = frame.readInt32BE(4);
    if (opcode === Opcode.Ping) {
      this.#pingsMs.push(atMs);
      return;
    }
    this.#waiting.push(xid);
    const body = frame.subarray(REQUEST_HEADER_BYTES).toString('base64');
    this.#record.note({ kind: 'asked', client, connection, xid, opcode, body });
  }

  #onGreeting(reader: JuteReader): void {
    const { client, connection } = this.#place;
    this.#isGreeted = true;
    reader.int();
    const timeoutMs = reader.int();
    const session = BigInt.asUintN(64, reader.long()).toString(16);
    this.#record.note({ kind: 'greeted', client, connection, session, timeoutMs });
  }

  #onHeard(frame: Uint8Array): void {
    const { client, connection } = this.#place;
    const reader = JuteReader.over(frame);
    const xid = reader.int();
    const zxid = `${reader.long()}`;
    const error = reader.int();
    const body = Buffer.from(frame.subarray(reader.position)).toString('base64');
    if (xid === Xid.Notification) {
      this.#record.note({ kind: 'event', client, connection, zxid, body });
    } else if (xid === Xid.Ping) {
      const sentMs = this.#pingsMs.shift() ?? 0;
      this.#record.note({ kind: 'pinged', client, connection, sentMs });
    } else {
      const due = this.#waiting.shift();
      if (due !== xid) {
        const what = `was answered ${xid} and waited for ${due ?? 'nothing'}`;
        this.#record.note({ kind: 'nonsense', client, what });
      }
      this.#record.note({ kind: 'answered', client, connection, xid, zxid, error, body });
    }
  }

  get #place(): { readonly client: number; readonly connection: number } {
    return { client: this.#client, connection: this.#connection };
  }
}

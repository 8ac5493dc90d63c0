/**
 * Everything that left a server, condensed: each byte to a client, each order and its bytes, in the
 * order in which they left. Two runs are the same if their transcripts are.
 */
import type { Database, DiskOrder, Order } from '@zabra/replica';
import {
  ADLER32_START,
  adler32,
  CRC32_START,
  crc32Extend,
  crc32Finish,
  encodeUtf8,
} from '@zabra/wire';
import type { WorldObserver } from './world.ts';

export class Transcript implements WorldObserver {
  #crc = CRC32_START;
  #adler = ADLER32_START;
  #count = 0;
  /** What each connection was sent, if it is asked for. */
  readonly streams: Map<number, Uint8Array[]> = new Map();

  onRecovered({ lastZxid, tree }: Database): void {
    this.#note(`recovered ${lastZxid} ${tree.digest.toBigInt()}`);
  }

  onDisk(order: DiskOrder): void {
    const { kind } = order;
    const zxid = kind === 'append' ? order.firstZxid : kind === 'snapshotBegin' ? order.zxid : '';
    this.#note(`${kind} ${zxid}`);
    if (kind === 'append' || kind === 'snapshotSlice') this.#add(order.bytes);
  }

  onOutput(connection: number, bytes: Uint8Array): void {
    this.#note(`to ${connection}`);
    this.#add(bytes);
    const stream = this.streams.get(connection) ?? [];
    this.streams.set(connection, stream);
    stream.push(bytes.slice());
  }

  onOrder(order: Order): void {
    this.#note(JSON.stringify(order));
  }

  /** Sixty-four bits over all of it, and how many things it was. */
  get hash(): string {
    return `${crc32Finish(this.#crc).toString(16)}.${this.#adler.toString(16)}.${this.#count}`;
  }

  /** All bytes that a connection was sent. */
  streamOf(connection: number): Uint8Array {
    const pieces = this.streams.get(connection) ?? [];
    const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
    let position = 0;
    for (const piece of pieces) {
      all.set(piece, position);
      position += piece.length;
    }
    return all;
  }

  #note(text: string): void {
    this.#count += 1;
    this.#add(encodeUtf8(text));
  }

  #add(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#crc = crc32Extend(this.#crc, view, 0, bytes.length);
    this.#adler = adler32(this.#adler, bytes, 0, bytes.length);
  }
}

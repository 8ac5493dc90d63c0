/**
 * The frames of an election connection, both ways.
 *
 *     frame = int length 1..524288, length bytes of Notification
 *
 * Unlike a client's frames these come in chunks that are only lent, so what is incomplete is copied.
 */
import { JuteReader } from '../jute/reader.ts';
import type { JuteWriter } from '../jute/writer.ts';
import { LentBytes } from './lent-bytes.ts';
import {
  decodeNotification,
  encodeNotification,
  type Notification,
  type NotificationOutcome,
} from './notification.ts';

export const NOTIFICATION_BYTES_MAX: number = 512 * 1024;

const LENGTH_BYTES = 4;
/** What is kept between messages. */
const KEPT_BYTES_MAX = 64 * 1024;

const EMPTY = new Uint8Array(0);

export function appendNotificationFrame(writer: JuteWriter, notification: Notification): void {
  const start = writer.position;
  writer.int(0);
  encodeNotification(writer, notification);
  writer.view.setInt32(start, writer.position - start - LENGTH_BYTES);
}

/** The connection must be closed. */
export interface BadNotificationFrame {
  readonly kind: 'bad-length';
  readonly length: number;
}

/** Push a chunk, then call `next` until it says null; until then the chunk is borrowed. */
export class NotificationFrames {
  readonly #reader = new JuteReader();
  #lent = new LentBytes();
  #chunk: Uint8Array = EMPTY;
  #chunkStart = 0;
  #bad: BadNotificationFrame | null = null;

  push(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#chunkStart = 0;
  }

  next(): NotificationOutcome | BadNotificationFrame | null {
    if (this.#bad !== null) return this.#bad;
    if (!this.#gather(LENGTH_BYTES)) return null;
    const length = this.#lent.view.getInt32(0);
    if (length < 1 || length > NOTIFICATION_BYTES_MAX) {
      this.#bad = { kind: 'bad-length', length };
      this.#lent = new LentBytes();
      return this.#bad;
    }
    const end = LENGTH_BYTES + length;
    if (!this.#gather(end)) return null;
    const { bytes, view } = this.#lent;
    const outcome = decodeNotification(this.#reader.reset(bytes, view, LENGTH_BYTES, end));
    if (bytes.length > KEPT_BYTES_MAX) this.#lent = new LentBytes();
    else this.#lent.clear();
    return outcome;
  }

  #gather(byteCount: number): boolean {
    this.#chunkStart += this.#lent.fill(this.#chunk, this.#chunkStart, byteCount);
    return this.#lent.length >= byteCount;
  }
}

/**
 * How much output waits for clients to take it, of all connections together. While it is much, who
 * has some is not read; when it is too much, whoever does not take theirs is let go.
 */
import type { Connection } from './connection.ts';

/** Output a connection may have waiting before its requests wait as well. */
export const UNSENT_BYTES_MAX: number = 1024 * 1024;
/** The same for all together, beyond which each may have only a little. */
const OWED_BYTES_MAX = 8 * 1024 * 1024;
const LITTLE_BYTES = 64 * 1024;
/** At this much it no longer matters whether they are only slow. */
export const OWED_BYTES_DEADLY: number = 12 * 1024 * 1024;
/** A client that has taken something this recently is slow, not gone. */
const PATIENCE_MS = 1000;

export class Owed {
  /** Written for clients and not handed to the body yet. */
  #gathered = 0;
  /** With the body. */
  #sending = 0;

  get bytes(): number {
    return this.#gathered + this.#sending;
  }

  gather(byteCount: number): void {
    this.#gathered += byteCount;
  }

  /** The body has taken what was gathered, but for so many bytes. */
  taken(takenBytes: number, leftBytes: number): void {
    this.#sending += takenBytes;
    this.#gathered = leftBytes;
  }

  sent(byteCount: number): void {
    this.#sending -= byteCount;
  }

  /** Whether a connection may be given more. */
  hasRoomFor(connection: Connection): boolean {
    const { owedBytes } = connection;
    if (owedBytes > UNSENT_BYTES_MAX) return false;
    return owedBytes <= LITTLE_BYTES || this.bytes <= OWED_BYTES_MAX;
  }

  /** Whoever has to be let go so that what is owed is within bounds again, the largest first. */
  nonReaders(connections: Iterable<Connection>, nowMs: number): readonly Connection[] {
    let { bytes } = this;
    if (bytes <= OWED_BYTES_MAX) return [];
    const isDeadly = bytes > OWED_BYTES_DEADLY;
    const leaving: Connection[] = [];
    const owing = [...connections].filter(({ unsentBytes }) => unsentBytes > 0);
    for (const connection of owing.sort((a, b) => b.owedBytes - a.owedBytes)) {
      if (bytes <= OWED_BYTES_MAX) break;
      const isReading = nowMs - connection.sentAtMs < PATIENCE_MS;
      if (isReading && !isDeadly) continue;
      bytes -= connection.owedBytes;
      leaving.push(connection);
    }
    return leaving;
  }
}

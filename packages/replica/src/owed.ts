/**
 * How much output waits for clients to take it, of all connections together. While it is much, large
 * answers wait; where it does not become less, whoever takes nothing is let go. Nobody is who takes
 * what they are sent, however slowly, unless events pile up for them beyond all measure.
 */
import { type Connection, UNSEEN } from './connection.ts';

/** Output a connection may have waiting before its requests wait as well. */
const UNSENT_BYTES_MAX = 1024 * 1024;
/** What a connection may have waiting, or be answered, while all together have too much. */
export const LITTLE_BYTES: number = 64 * 1024;
/** All together: beyond it, large answers wait, and who takes nothing for a while is let go. */
const OWED_BYTES_MAX = 8 * 1024 * 1024;
const PATIENCE_MS = 1000;
/** Then so many go that large answers which wait find room. */
const OWED_BYTES_CALM = OWED_BYTES_MAX / 2;
/** Beyond it, the while is a short one. */
const OWED_BYTES_TIGHT = 12 * 1024 * 1024;
const TIGHT_PATIENCE_MS = 100;
/** Beyond it, those go for whom most has piled up that they could not be sent yet. */
const OWED_BYTES_DEADLY = 24 * 1024 * 1024;
/** A connection's own, ahead of the answer to a write. */
const OWN_BYTES_DEADLY = 8 * 1024 * 1024;

export class Owed {
  /** Written for clients and not handed to the body yet. */
  #gathered = 0;
  /** With the body. */
  #sending = 0;

  get bytes(): number {
    return this.#gathered + this.#sending;
  }

  /** Whether large answers have to wait. */
  get isMuch(): boolean {
    return this.bytes > OWED_BYTES_MAX;
  }

  onWritten(byteCount: number): void {
    this.#gathered += byteCount;
  }

  /** The body has taken what was gathered, but for so many bytes. */
  onTaken(takenBytes: number, leftBytes: number): void {
    this.#sending += takenBytes;
    this.#gathered = leftBytes;
  }

  onSent(byteCount: number): void {
    this.#sending -= byteCount;
  }

  /** Whether a connection may be given more. */
  hasRoomFor({ owedBytes }: Connection): boolean {
    if (owedBytes > UNSENT_BYTES_MAX) return false;
    return owedBytes <= LITTLE_BYTES || !this.isMuch;
  }

  /** The same where a write's answer waits behind the reads that are asked for. */
  hasUrgentRoomFor({ owedBytes }: Connection): boolean {
    if (owedBytes > OWN_BYTES_DEADLY) return false;
    return owedBytes <= UNSENT_BYTES_MAX || this.bytes <= OWED_BYTES_DEADLY;
  }

  /** When somebody may have to be let go. */
  nextDueMs(nowMs: number): number {
    return this.isMuch ? nowMs + TIGHT_PATIENCE_MS : Number.POSITIVE_INFINITY;
  }

  /** Whoever has to be let go so that what is owed is within bounds again. */
  leavers(connections: Iterable<Connection>, nowMs: number): readonly Connection[] {
    if (!this.isMuch) return [];
    let { bytes } = this;
    const owing: Connection[] = [];
    for (const connection of connections) {
      if (connection.isCut) bytes -= connection.owedBytes;
      else if (connection.unsentBytes > 0) owing.push(connection);
      if (connection.sentAtMs === UNSEEN) connection.sentAtMs = nowMs;
    }
    const leaving: Connection[] = [];
    const patienceMs = bytes > OWED_BYTES_TIGHT ? TIGHT_PATIENCE_MS : PATIENCE_MS;
    const silent = owing.filter(({ sentAtMs }) => nowMs - sentAtMs >= patienceMs);
    for (const connection of silent.sort((a, b) => b.owedBytes - a.owedBytes)) {
      if (bytes <= OWED_BYTES_CALM) return leaving;
      bytes -= connection.owedBytes;
      leaving.push(connection);
    }
    for (const connection of owing.sort((a, b) => b.pendingBytes - a.pendingBytes)) {
      if (bytes <= OWED_BYTES_DEADLY || connection.pendingBytes === 0) return leaving;
      if (leaving.includes(connection)) continue;
      bytes -= connection.owedBytes;
      leaving.push(connection);
    }
    return leaving;
  }
}

/** Whether it is for the server's own sake that a connection is not read. */
export function isHeldBack(connection: Connection): boolean {
  return connection.isPaused && connection.owedBytes <= UNSENT_BYTES_MAX;
}

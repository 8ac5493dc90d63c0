/**
 * Writes on their way to the disk together: their log records, back to back, and who waits for each.
 * The bytes stay where they are until every one of them has been applied.
 *
 * Record: checksum long (Adler-32 of the payload), length int, payload, the byte 0x42.
 */
import { ADLER32_START, adler32, JuteWriter } from '@zabra/wire';
import type { Connection } from './connection.ts';

export const RECORD_HEAD_BYTES = 12;
const RECORD_END = 0x42;
const FIRST_BYTES = 4096;
const KEPT_BYTES_MAX = 4 * 1024 * 1024;

export class Batch {
  log: JuteWriter = new JuteWriter(FIRST_BYTES);
  readonly authors: (Connection | null)[] = [];
  ticket = 0;
  /** Of the last record. */
  lastHigh = 0;
  lastLow = 0;
  /** The disk has it. */
  isSafe = false;
  /** Records behind so many were cut off and are not to be applied. */
  keptCount: number = Number.POSITIVE_INFINITY;
  /** Of large requests. */
  largeBytes = 0;
  /** How far applying has come. */
  appliedCount = 0;
  appliedBytes = 0;

  get count(): number {
    return this.authors.length;
  }

  /** Whether nothing of it is to be applied any more. */
  get isApplied(): boolean {
    return this.appliedCount >= Math.min(this.count, this.keptCount);
  }

  /** Completes the record that starts at `start`, whose payload ends where the log does now. */
  seal(start: number): void {
    const { log } = this;
    const payloadStart = start + RECORD_HEAD_BYTES;
    const end = log.position;
    log.view.setInt32(start, 0);
    log.view.setUint32(start + 4, adler32(ADLER32_START, log.bytes, payloadStart, end));
    log.view.setInt32(start + 8, end - payloadStart);
    log.byte(RECORD_END);
  }

  reset(): void {
    this.authors.length = 0;
    this.isSafe = false;
    this.keptCount = Number.POSITIVE_INFINITY;
    this.largeBytes = 0;
    this.appliedCount = 0;
    this.appliedBytes = 0;
    this.log.position = 0;
    if (this.log.bytes.length > KEPT_BYTES_MAX) this.log = new JuteWriter(FIRST_BYTES);
  }
}

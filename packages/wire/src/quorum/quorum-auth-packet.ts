/**
 * The steps of a SASL exchange between servers: on the quorum port before the first packet, on the
 * election port behind the initial message. A step has no outer length, and a peer that does not
 * authenticate is told by its first long not being the magic.
 *
 *     QuorumAuthPacket = long magic, int status, buffer token
 */
import { assert } from '../assert.ts';
import { JuteReader } from '../jute/reader.ts';
import type { JuteWriter } from '../jute/writer.ts';
import { LentBytes } from './lent-bytes.ts';

export const QUORUM_AUTH_MAGIC: bigint = 0x5f2435013501edccn;

export const QuorumAuthStatus = { InProgress: 0, Success: 1, Error: -1 } as const;

/** The longest token that is read; those of the mechanisms in use take a few kilobytes. */
export const QUORUM_AUTH_TOKEN_BYTES_MAX: number = 64 * 1024;

const MAGIC_BYTES = 8;
const HEAD_BYTES = 16;
const LENGTH_OFFSET = 12;

export interface QuorumAuthPacket {
  readonly status: number;
  readonly token: Uint8Array | null;
}

export type QuorumAuthOutcome =
  | { readonly kind: 'packet'; readonly packet: QuorumAuthPacket }
  /** The peer does not authenticate: `bytes` and whatever follows them are something else. */
  | { readonly kind: 'other'; readonly bytes: Uint8Array }
  /** The connection must be closed. */
  | { readonly kind: 'bad-length'; readonly length: number };

export function encodeQuorumAuthPacket(writer: JuteWriter, packet: QuorumAuthPacket): void {
  writer.long(QUORUM_AUTH_MAGIC);
  writer.int(packet.status);
  writer.buffer(packet.token);
}

/** Null when it is none, or not whole. */
export function decodeQuorumAuthPacket(reader: JuteReader): QuorumAuthPacket | null {
  if (reader.long() !== QUORUM_AUTH_MAGIC) reader.fail();
  const packet: QuorumAuthPacket = { status: reader.int(), token: reader.buffer() };
  return reader.failed ? null : packet;
}

/** Reads one step after the other out of chunks; what follows a step stays with the caller. */
export class QuorumAuthScanner {
  readonly #lent = new LentBytes();
  #outcome: QuorumAuthOutcome | null = null;

  /** Takes what belongs to the next step, copying it; how many bytes of the chunk that were. */
  push(chunk: Uint8Array): number {
    let taken = 0;
    let needed = MAGIC_BYTES;
    while (this.#outcome === null) {
      taken += this.#lent.fill(chunk, taken, needed);
      if (this.#lent.length < needed) break;
      needed = this.#walk(needed);
    }
    return taken;
  }

  /** What the pushed bytes made, once; null while bytes are missing. Then the next step begins. */
  take(): QuorumAuthOutcome | null {
    const outcome = this.#outcome;
    if (outcome === null) return null;
    this.#outcome = null;
    this.#lent.clear();
    return outcome;
  }

  /** With `byteCount` bytes here: settles the outcome, or tells how many it takes to go on. */
  #walk(byteCount: number): number {
    const { bytes, view } = this.#lent;
    if (byteCount === MAGIC_BYTES) {
      if (view.getBigInt64(0) !== QUORUM_AUTH_MAGIC) {
        this.#outcome = { kind: 'other', bytes: bytes.slice(0, MAGIC_BYTES) };
      }
      return HEAD_BYTES;
    }
    const length = view.getInt32(LENGTH_OFFSET);
    const end = HEAD_BYTES + Math.max(0, length);
    if (length < -1 || length > QUORUM_AUTH_TOKEN_BYTES_MAX) {
      this.#outcome = { kind: 'bad-length', length };
    } else if (byteCount === end) {
      const packet = decodeQuorumAuthPacket(JuteReader.over(bytes.subarray(0, end)));
      assert(packet !== null, 'a step whose lengths were checked can be read');
      this.#outcome = { kind: 'packet', packet };
    }
    return end;
  }
}

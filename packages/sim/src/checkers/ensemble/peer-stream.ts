/**
 * What one side of a connection between a learner and a leader says, cut into packets. A snapshot
 * goes by uncounted, up to the words behind it.
 */
import {
  decodeAckEpoch,
  JuteReader,
  PacketType,
  type PacketView,
  QuorumPacketScanner,
} from '@zabra/wire';
import type { Packet } from './facts.ts';

/** What a sender is told that its reader has heard. */
export interface SentPacket {
  readonly packet: Packet;
  /** How many bytes of the stream lead to its end. */
  readonly endsAt: number;
}

const PACKET_BYTES_MAX = 64 * 1024 * 1024;
/** The length and the words that stand behind a snapshot. */
const SIGNATURE = [0, 0, 0, 10, ...'BenWasHere'].map((byte) =>
  typeof byte === 'number' ? byte : byte.charCodeAt(0),
);
const SERVER_ID_BYTES = 8;
const NOTHING = new Uint8Array(0);

export class PeerStream {
  readonly #scanner = new QuorumPacketScanner(PACKET_BYTES_MAX);
  readonly #reader = new JuteReader();
  /** Of a snapshot, what may be the beginning of the words behind it; null outside of one. */
  #held: Uint8Array | null = null;
  #byteCount = 0;
  /** It was no stream of packets. */
  isBad = false;

  /** `onPacket` gets records that are lent; `onPiece` is told of pieces of snapshots. */
  push(
    chunk: Uint8Array,
    onPacket: (sent: SentPacket) => void,
    onPiece: (endsAt: number) => void,
  ): void {
    const scanner = this.#scanner;
    const lent = this.#held === null ? chunk : this.#skipSnapshot(chunk, onPiece);
    if (lent === null || this.isBad) return;
    if (this.#held === null) scanner.push(lent);
    else {
      this.#held = null;
      scanner.push(lent);
      scanner.next();
      scanner.endSnapshot(0);
      this.#byteCount += SIGNATURE.length;
    }
    for (let step = scanner.next(); step !== 'more'; step = scanner.next()) {
      if (step === 'snapshot') {
        if (!this.#beginSnapshot(scanner.piece, onPiece)) return;
      } else if (step === 'packet') this.#onPacket(scanner.packet, onPacket);
      else {
        this.isBad = true;
        return;
      }
    }
  }

  /** Whether the snapshot ends in this first piece of it. */
  #beginSnapshot(piece: Uint8Array, onPiece: (endsAt: number) => void): boolean {
    const at = signatureIn(piece);
    if (at < 0) {
      this.#hold(piece);
      onPiece(this.#byteCount);
      return false;
    }
    this.#scanner.endSnapshot(at);
    this.#byteCount += at + SIGNATURE.length;
    onPiece(this.#byteCount);
    return true;
  }

  /** What is no snapshot any more; null where all of the chunk is. */
  #skipSnapshot(chunk: Uint8Array, onPiece: (endsAt: number) => void): Uint8Array | null {
    const held = this.#held ?? NOTHING;
    const whole = new Uint8Array(held.length + chunk.length);
    whole.set(held);
    whole.set(chunk, held.length);
    const at = signatureIn(whole);
    if (at < 0) this.#hold(whole);
    else this.#byteCount += at;
    onPiece(this.#byteCount);
    return at < 0 ? null : whole.subarray(at);
  }

  #hold(bytes: Uint8Array): void {
    const kept = Math.min(bytes.length, SIGNATURE.length - 1);
    this.#held = bytes.slice(bytes.length - kept);
    this.#byteCount += bytes.length - kept;
  }

  #onPacket(view: PacketView, onPacket: (sent: SentPacket) => void): void {
    this.#byteCount += view.end - view.start;
    onPacket({ packet: this.#packetOf(view), endsAt: this.#byteCount });
    if (view.type !== PacketType.Snap) return;
    this.#scanner.beginSnapshot();
    this.#held = null;
  }

  #packetOf(view: PacketView): Packet {
    const { type, zxid } = view;
    const ack = type === PacketType.AckEpoch ? decodeAckEpoch(view.read(this.#reader)) : null;
    return { type, zxid, record: recordIn(view), currentEpoch: ack?.currentEpoch ?? null };
  }
}

function recordIn({ type, bytes, dataStart, dataLength }: PacketView): Uint8Array | null {
  const isActivation = type === PacketType.InformAndActivate;
  if (type !== PacketType.Proposal && type !== PacketType.Inform && !isActivation) return null;
  const start = dataStart + (isActivation ? SERVER_ID_BYTES : 0);
  return bytes.subarray(start, dataStart + Math.max(dataLength, 0));
}

function signatureIn(bytes: Uint8Array): number {
  const last = bytes.length - SIGNATURE.length;
  for (let at = 0; at <= last; at += 1) {
    if (bytes[at] === 0 && SIGNATURE.every((byte, i) => bytes[at + i] === byte)) return at;
  }
  return -1;
}

/**
 * A learner's answer to LEADERINFO; its last zxid is the packet's.
 *
 *     AckEpoch = int currentEpoch
 */
import type { JuteReader } from '../jute/reader.ts';
import type { JuteWriter } from '../jute/writer.ts';

/** Says that this epoch was accepted before: the answer is no new promise and does not count. */
export const NO_NEW_PROMISE = -1;

export interface AckEpoch {
  /** The learner's current epoch before this one, or `NO_NEW_PROMISE`. */
  readonly currentEpoch: number;
}

export function encodeAckEpoch(writer: JuteWriter, ack: AckEpoch): void {
  writer.int(ack.currentEpoch);
}

export function decodeAckEpoch(reader: JuteReader): AckEpoch | null {
  const currentEpoch = reader.int();
  return reader.failed ? null : { currentEpoch };
}

/**
 * What servers tell each other during an election: a vote, the sender's state, and the configuration
 * it has committed.
 *
 *     Notification = int state, long leader, long zxid, long electionEpoch, long peerEpoch,
 *                    int version, int configLength, configLength bytes of text
 *
 * Old servers send less, and the length alone tells which: 28 bytes end before peerEpoch, 40 before
 * configLength, and 36, from 3.4.0 to 3.4.5, have been unreadable since 3.5.
 */
import type { JuteReader } from '../jute/reader.ts';
import type { JuteWriter } from '../jute/writer.ts';
import { decodeUtf8 } from '../utf8.ts';
import { asZxid, type Zxid, zxidEpoch } from '../zxid.ts';
import { asServerId, type ServerId } from './server-id.ts';

export const PeerState = { Looking: 0, Following: 1, Leading: 2, Observing: 3 } as const;

export type PeerState = (typeof PeerState)[keyof typeof PeerState];

/** What we send: with a configuration. */
export const NOTIFICATION_VERSION = 2;

/** The lengths that tell old forms. */
const BYTES_WITHOUT_PEER_EPOCH = 28;
const BYTES_WITHOUT_CONFIG = 40;

/** The first version with a configuration in it. */
const VERSION_WITH_CONFIG = 2;

export interface Notification {
  /** Of the sender. */
  readonly state: PeerState;
  /** Whom the sender votes for or follows. */
  readonly leader: ServerId;
  /** The last zxid of that server, or of the vote that elected it. */
  readonly zxid: Zxid;
  /** The round of elections that the vote belongs to. */
  readonly electionEpoch: bigint;
  /** The current epoch of the one voted for. */
  readonly peerEpoch: bigint;
  /** Of the format; 0 where it was too old to say. */
  readonly version: number;
  /** The text as it came; null where the format has none. */
  readonly config: string | null;
}

/** A notification that cannot be used is left out; the connection lives on. */
export type NotificationOutcome =
  | { readonly kind: 'notification'; readonly notification: Notification }
  | { readonly kind: 'skipped'; readonly reason: NotificationSkipped };

export type NotificationSkipped = 'too-short' | 'unreadable-length' | 'bad-config' | 'bad-state';

/** A configuration is written if, and only if, the version has one; null then writes an empty one. */
export function encodeNotification(writer: JuteWriter, notification: Notification): void {
  writer.int(notification.state);
  writer.long(notification.leader);
  writer.long(notification.zxid);
  writer.long(notification.electionEpoch);
  writer.long(notification.peerEpoch);
  writer.int(notification.version);
  if (notification.version >= VERSION_WITH_CONFIG) writer.string(notification.config ?? '');
}

/** Takes everything that remains in the reader for one message. */
export function decodeNotification(reader: JuteReader): NotificationOutcome {
  const byteCount = reader.remaining;
  if (byteCount < BYTES_WITHOUT_PEER_EPOCH) return skipped('too-short');
  if (byteCount !== BYTES_WITHOUT_PEER_EPOCH && byteCount < BYTES_WITHOUT_CONFIG) {
    return skipped('unreadable-length');
  }
  const state = reader.int();
  const leader = asServerId(reader.long());
  const zxid = asZxid(reader.long());
  const electionEpoch = reader.long();
  const hasPeerEpoch = byteCount > BYTES_WITHOUT_PEER_EPOCH;
  const peerEpoch = hasPeerEpoch ? reader.long() : BigInt(zxidEpoch(zxid));
  const version = byteCount > BYTES_WITHOUT_CONFIG ? reader.int() : 0;
  let config: string | null = null;
  if (version >= VERSION_WITH_CONFIG) {
    if (reader.span() < 0) return skipped('bad-config');
    config = decodeUtf8(reader.bytes.subarray(reader.spanStart, reader.position));
  }
  if (!isPeerState(state)) return skipped('bad-state');
  const vote = { leader, zxid, electionEpoch, peerEpoch };
  return { kind: 'notification', notification: { state, ...vote, version, config } };
}

function isPeerState(state: number): state is PeerState {
  return state >= PeerState.Looking && state <= PeerState.Observing;
}

function skipped(reason: NotificationSkipped): NotificationOutcome {
  return { kind: 'skipped', reason };
}

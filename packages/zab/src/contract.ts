/**
 * The seam between this room and whoever keeps the log and the state, as a rule a replica. It hands
 * in what arrived and calls the three interfaces below as little as it likes to be called: each call
 * is made at once, in the order in which things must happen, and returns nothing it has to wait for.
 *
 * `Journal` is what must become durable, `Archive` what is read back for others, `Service` what is
 * done with agreed records. A record is opaque here: bytes behind a zxid.
 */
import type {
  Ensemble,
  JuteWriter,
  PacketView,
  PeerAddress,
  RevalidateAnswer,
  RevalidateAsk,
  ServerId,
  SessionTouchSink,
  Zxid,
} from '@zabra/wire';

export type EpochName = 'accepted' | 'current';

/** What became of a piece of a snapshot: taken whole, not to be believed, or where it ended. */
export type InstallStep = 'more' | 'refused' | { readonly byteCount: number };

/**
 * What must be on disk, in the order in which it must get there.
 *
 * **Nothing is begun before all that was told earlier is durable**; appends among themselves may
 * share one sync. On that alone rests that no epoch is stored before the history it stands for. What
 * is told here is never taken back, and a disk that fails ends the server.
 */
export interface Journal {
  /**
   * Bytes of records that were told here and are not on the disk, or are not in the state though
   * `Service.historyReached` would let them be.
   */
  readonly backlogBytes: number;
  /**
   * Adds a record behind the last one; the bytes are borrowed. `Peer.logged` answers. A leader's own
   * records are not told here: whoever calls `Peer.propose` has them already.
   */
  append(
    zxidHigh: number,
    zxidLow: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    byteCount: number,
  ): void;
  /** Answered by `Peer.epochStored`. */
  storeEpoch(name: EpochName, epoch: number): void;
  /**
   * Null forgets the next configuration. A next one may get to the disk ahead of records that were
   * told before it, never behind the one told after it.
   */
  storeConfiguration(name: 'committed' | 'next', ensemble: Ensemble | null): void;
  /** Whether state and log can be cut back to this zxid: something on disk reaches no further. */
  canTruncate(zxid: Zxid): boolean;
  /**
   * Removes every record and every snapshot above the zxid, and whatever came of them in memory.
   * `Peer.logged` answers with the zxid.
   */
  truncate(zxid: Zxid): void;
  /** A snapshot of this zxid comes in pieces. Nothing on disk changes before `finishInstall`. */
  beginInstall(zxid: Zxid): void;
  /** The next piece, borrowed. */
  install(piece: Uint8Array): InstallStep;
  /**
   * The snapshot becomes all there is: durable, and nothing above its zxid survives. Where there are
   * records above it, those go first, for no crash may leave them behind to be replayed on top of it;
   * everything else stays until the snapshot is safe. `Peer.logged` answers with the zxid.
   */
  finishInstall(): void;
  /** Forget it; what is on disk counts again, and memory is made from that. */
  abandonInstall(): void;
}

/** How a reading goes on; `gone`: the log does not reach back, or a snapshot would be shorter. */
export type LogReading = 'more' | 'end' | 'gone';

/**
 * Reads back what a learner is to be sent. A reader is a number that is never used twice. Readings
 * are pulled, so a slow learner holds nothing but its place.
 */
export interface Archive {
  /**
   * The log from the last record at or below the zxid on, or from its first one where it has none
   * such; `gone` where records above the zxid are not in it any more.
   */
  openLog(reader: number, from: Zxid): void;
  /** A snapshot of at least this zxid, and behind which the log goes on. */
  openSnapshot(reader: number, atLeast: Zxid): void;
  /** About so many bytes more, by `Peer.logRecord` and `logPulled`, or by `snapshotPulled`. */
  pull(reader: number, byteCount: number): void;
  close(reader: number): void;
}

/** What a server is doing, told whenever it changes. */
export type Standpoint =
  | { readonly role: 'looking' }
  | { readonly role: 'leading'; readonly epoch: number; readonly isServing: boolean }
  | {
      readonly role: 'following' | 'observing';
      readonly leader: ServerId;
      readonly epoch: number;
      readonly isServing: boolean;
    };

/** Whose request it was: the link of a learner, or this server's own. */
export const OWN_ORIGIN = 0;

export interface Service extends SessionTouchSink {
  /** Everything up to this record is agreed and may be applied, in order. */
  commit(zxidHigh: number, zxidLow: number): void;
  /**
   * Learning, and not in step yet: by the leader's word everything up to this record is committed.
   * It is agreed when the leader calls this server up to date, and no sooner. Where room gets short
   * it may be applied before: a server that starts applies all that it has logged, too.
   */
  historyReached(zxidHigh: number, zxidLow: number): void;
  /** The configuration that this record proposes, null as a rule. */
  configurationIn(view: DataView, start: number, byteCount: number): Ensemble | null;
  standpointChanged(standpoint: Standpoint): void;
  /** Everything logged is to be in the state: answered by `Peer.readyToLead`. */
  prepareToLead(): void;
  /** A new configuration rules; everything up to the record that made it was committed before. */
  activate(ensemble: Ensemble): void;

  /** Leading: a write, or a sync, of a learner's client. The packet is borrowed. */
  request(learner: number, packet: PacketView): void;
  /** Leading: a session has come to this learner; answered by `Peer.answerRevalidation`. */
  revalidate(learner: number, ask: RevalidateAsk): void;
  /** Leading: nothing more comes from this learner. */
  learnerLeft(learner: number): void;

  /** Learning: the sessions that gave a sign of life, by `appendSessionTouch`. */
  writeTouches(out: JuteWriter): void;
  /** Learning: what the leader says of a session. */
  revalidated(answer: RevalidateAnswer): void;

  /** The oldest sync that has not been answered may be: all it waited for has been committed. */
  synced(): void;
}

/** What the body does on the quorum port, in order, after it has taken the bytes. */
export type QuorumOrder =
  /** Bind the quorum port and accept; `Peer.listenFailed` where that cannot be. */
  | { readonly kind: 'listen' }
  | { readonly kind: 'stopListening' }
  /** The same at the port for observers; where that cannot be, it is tried until it can. */
  | { readonly kind: 'listenToObservers' }
  | { readonly kind: 'stopListeningToObservers' }
  /** Call a leader at all its addresses; answered by `Peer.dialed` or `dialFailed`. */
  | {
      readonly kind: 'dial';
      readonly dial: number;
      readonly id: ServerId;
      readonly addresses: readonly PeerAddress[];
      readonly timeoutMs: number;
    }
  /** Give up a call that has not been answered. */
  | { readonly kind: 'hangUp'; readonly dial: number }
  /** Read nothing from this link, so that the other side has to wait; and read again. */
  | { readonly kind: 'pause' | 'resume'; readonly link: number }
  /** Send what was taken for it, then close, read or not; nothing is owed for it any more. */
  | { readonly kind: 'close'; readonly link: number };

/** Bytes for one link, in order; it belongs to the body until `Peer.recycle`. */
export interface QuorumOutput {
  readonly link: number;
  readonly pieces: readonly Uint8Array[];
  readonly byteCount: number;
}

/** What the disk and the files say when a server starts. */
export interface Recovered {
  readonly acceptedEpoch: number;
  readonly currentEpoch: number;
  /** The last record of the log, or the snapshot's zxid where no record is above it; synced. */
  readonly lastZxid: Zxid;
  readonly committed: Ensemble;
  /** A configuration that was proposed and not known to be committed. */
  readonly next: Ensemble | null;
}

/** One learner of a leader, as an operator sees it. */
export interface LearnerStatus {
  readonly id: ServerId;
  readonly link: number;
  readonly isObserver: boolean;
  readonly isVoter: boolean;
  readonly isInStep: boolean;
  /** Proposals that it has still to acknowledge; 0 for an observer. */
  readonly lag: number;
  /** Bytes that it has not been sent. */
  readonly queuedBytes: number;
}

export interface PeerStatus {
  readonly standpoint: Standpoint;
  readonly acceptedEpoch: number;
  readonly currentEpoch: number;
  readonly lastZxid: Zxid;
  /** Leading only. */
  readonly outstanding: number;
  /** Leading only: syncs that wait to be answered. */
  readonly pendingSyncs: number;
  /** Of a leader, or of a follower that feeds observers; else null. */
  readonly learners: readonly LearnerStatus[] | null;
  /** Learning only: whom it has called, which is a follower where that feeds observers. */
  readonly learnsFrom: ServerId | null;
}

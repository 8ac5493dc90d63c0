/**
 * What a member's disk has to do, as the agreement wants it: everything in the order in which it was
 * told, nothing begun before all before it is durable. What is cut off or replaced on the disk leaves
 * memory at once; where memory holds more than the disk will, it is made anew from the disk.
 */
import { TXN_HEADER_BYTES, TxnField } from '@zabra/tree';
import { assert, type Ensemble, type Zxid } from '@zabra/wire';
import type { EpochName, InstallStep, Journal, Peer } from '@zabra/zab';
import type { MemberData } from '../contract.ts';
import type { Duty } from '../duty.ts';
import type { Pipeline } from '../pipeline.ts';
import type { Database } from '../recovery.ts';
import type { Snapshots } from '../snapshots.ts';
import type { ServerState } from '../state.ts';
import { SnapshotIntake } from './snapshot-intake.ts';

export class MemberJournal implements Journal {
  readonly #state: ServerState;
  readonly #pipeline: Pipeline;
  readonly #snapshots: Snapshots;
  /** Puts another database in the place of the one there is. */
  readonly #adopt: (database: Database) => void;
  /** Where the peer's answers go; there is one once everything is put together. */
  peer!: Peer;
  #oldestSnapshotZxid: bigint | null;
  /** No record behind this is missing in the log. */
  logFromZxid: bigint;
  #incoming: SnapshotIntake | null = null;
  /** The snapshot that replaces everything, while it is on its way to the disk. */
  #installing: Duty | null = null;
  #isRebuilding = false;
  #rebuildZxid = 0n;

  constructor(
    state: ServerState,
    pipeline: Pipeline,
    snapshots: Snapshots,
    data: MemberData,
    adopt: (database: Database) => void,
  ) {
    this.#state = state;
    this.#pipeline = pipeline;
    this.#snapshots = snapshots;
    this.#adopt = adopt;
    this.#oldestSnapshotZxid = data.oldestSnapshotZxid;
    this.logFromZxid = data.logFromZxid;
  }

  /** Whether memory waits to be made from the disk. */
  get isRebuilding(): boolean {
    return this.#isRebuilding;
  }

  get backlogBytes(): number {
    return this.#pipeline.backlogBytes;
  }

  // For the peer.

  append(
    zxidHigh: number,
    zxidLow: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    byteCount: number,
  ): void {
    assert(byteCount >= TXN_HEADER_BYTES, 'a record of a leader begins with a header');
    const at = start + TxnField.Zxid;
    const isItsOwn = view.getInt32(at) === zxidHigh && view.getInt32(at + 4) === zxidLow;
    assert(isItsOwn, 'a record has the zxid under which its leader proposed it');
    const { part, figures } = this.#state;
    if (part.mode === 'follower') this.#state.measureAge(view, start, figures.proposalTime);
    this.#pipeline.append(zxidHigh, zxidLow, bytes, view, start, byteCount);
  }

  storeEpoch(name: EpochName, epoch: number): void {
    // With a leader's history taken over, the tree is what every record behind it was made for.
    if (name === 'current') this.#pipeline.endTolerance();
    const ticket = this.#state.nextTicket();
    this.#pipeline.order({ ticket, order: { kind: 'storeEpoch', ticket, name, epoch } });
  }

  storeConfiguration(name: 'committed' | 'next', ensemble: Ensemble | null): void {
    const ticket = this.#state.nextTicket();
    const order = { kind: 'storeConfiguration', ticket, name, ensemble } as const;
    // A leader has gathered the record that proposes it already.
    if (name === 'next' && ensemble !== null) this.#pipeline.orderAhead({ ticket, order });
    else this.#pipeline.order({ ticket, order });
  }

  canTruncate(zxid: Zxid): boolean {
    const oldest = this.#oldestSnapshotZxid;
    return oldest !== null && oldest <= zxid && this.logFromZxid <= zxid;
  }

  truncate(zxid: Zxid): void {
    this.#orderCut(zxid);
    if (zxid >= this.#state.appliedZxid) {
      const isThere = this.#pipeline.cutAbove(highOf(zxid), lowOf(zxid));
      assert(isThere, 'a log is cut behind a record that it holds');
      return;
    }
    // The tree holds what is cut off. Nothing is applied to it any more.
    this.#isRebuilding = true;
    this.#rebuildZxid = zxid;
    this.#pipeline.startOver(highOf(zxid), lowOf(zxid));
    const ticket = this.#state.nextTicket();
    this.#pipeline.order({ ticket, order: { kind: 'rebuild', ticket } });
  }

  beginInstall(zxid: Zxid): void {
    this.#incoming = new SnapshotIntake(this.#state.settings, zxid);
  }

  install(piece: Uint8Array): InstallStep {
    return this.#incoming!.take(piece);
  }

  finishInstall(): void {
    const database = this.#incoming!.finish();
    const { lastZxid } = database;
    const { lastHigh, lastLow } = this.#pipeline;
    const endsAbove = zxidOf(lastHigh, lastLow) > lastZxid;
    this.#incoming = null;
    this.#snapshots.drop();
    this.#pipeline.startOver(highOf(lastZxid), lowOf(lastZxid));
    this.#adopt(database);
    // Its own snapshot is the first that counts.
    this.#pipeline.isHeld = false;
    // Replayed on top of it, what is above would be believed; all else stays until it is safe.
    if (endsAbove) this.#orderCut(lastZxid);
    this.#installing = { ticket: this.#state.nextTicket(), snapshotZxid: lastZxid };
    this.#pipeline.order(this.#installing);
  }

  abandonInstall(): void {
    this.#incoming = null;
  }

  // For the disk.

  onLogged(zxidHigh: number, zxidLow: number): void {
    this.peer.logged(zxidHigh, zxidLow);
  }

  onDutyDue(): void {
    const hasBegun = this.#snapshots.start();
    assert(hasBegun, 'no other snapshot is taken of a database that has just come');
  }

  /** The snapshot that was being written is on the disk. */
  onSnapshotDone(zxid: bigint): void {
    this.#oldestSnapshotZxid ??= zxid;
    const duty = this.#installing;
    if (duty !== null) this.#pipeline.onDurable(duty.ticket);
  }

  onDutyDone(duty: Duty): void {
    if ('snapshotZxid' in duty) {
      this.#installing = null;
      this.logFromZxid = duty.snapshotZxid;
      this.#oldestSnapshotZxid = duty.snapshotZxid;
      this.#tellLogged(duty.snapshotZxid);
    } else if (duty.order.kind === 'storeEpoch') {
      this.peer.epochStored(duty.order.name, duty.order.epoch);
    } else if (duty.order.kind === 'truncate' && this.#installing === null) {
      if (!this.#isRebuilding) this.#tellLogged(duty.order.zxid);
    }
  }

  /** Memory is what the disk holds again. */
  onRebuilt(ticket: number, database: Database): void {
    assert(database.lastZxid === this.#rebuildZxid, 'a log that was cut ends where it was cut');
    this.#isRebuilding = false;
    this.#adopt(database);
    this.#pipeline.onDurable(ticket);
    this.#tellLogged(database.lastZxid);
  }

  /** Of the log, what begins before the oldest snapshot may be gone too. */
  onPurged(oldestZxid: bigint): void {
    this.#oldestSnapshotZxid = oldestZxid;
    if (oldestZxid > this.logFromZxid) this.logFromZxid = oldestZxid;
  }

  #orderCut(zxid: bigint): void {
    const ticket = this.#state.nextTicket();
    this.#pipeline.order({ ticket, order: { kind: 'truncate', ticket, zxid } });
  }

  #tellLogged(zxid: bigint): void {
    this.peer.logged(highOf(zxid), lowOf(zxid));
  }
}

function zxidOf(high: number, low: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low >>> 0);
}

function highOf(zxid: bigint): number {
  return Number(zxid >> 32n) | 0;
}

function lowOf(zxid: bigint): number {
  return Number(zxid & 0xffffffffn) | 0;
}

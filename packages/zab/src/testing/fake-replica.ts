/**
 * In place of a replica around a peer: a log on a simulated disk, a state that is the list of agreed
 * records, and clients that write and sync. What it is told it passes on to a witness, who checks.
 */
import {
  appendSessionTouch,
  decodeUtf8,
  type Ensemble,
  encodeUtf8,
  ForwardedRequestView,
  formatEnsemble,
  type JuteWriter,
  type PacketView,
  parseEnsemble,
  type RevalidateAnswer,
  type RevalidateAsk,
  type ServerId,
  type Zxid,
} from '@zabra/wire';
import {
  type Archive,
  type EpochName,
  type InstallStep,
  type Journal,
  OWN_ORIGIN,
  type Service,
  type Standpoint,
} from '../contract.ts';
import { Peer } from '../peer.ts';
import type { PeerSettings } from '../settings.ts';
import { highOf, lowOf, zxidOfHalves } from '../zxid-halves.ts';
import type { Chance } from './chance.ts';
import { FakeDisk, type Image, lastZxid, type StoredRecord } from './fake-disk.ts';
import { encodeSnapshotRecords, SnapshotTaker } from './fake-snapshot.ts';

/** Hears what happens to a server's log and state. */
export interface ReplicaWitness {
  proposed(replica: FakeReplica, record: StoredRecord): void;
  committed(replica: FakeReplica, zxid: Zxid): void;
  standpoint(replica: FakeReplica, standpoint: Standpoint): void;
  synced(replica: FakeReplica, askedAt: number): void;
}

const CONFIGURATION = 1;
const PLAIN = 0;
const SYNC_OP = 9;
const WRITE_OP = 1;
const NO_AUTHINFO = new Uint8Array([0xff, 0xff, 0xff, 0xff]);

interface OpenReading {
  readonly kind: 'log' | 'snapshot';
  readonly asked: Zxid;
  position: number;
  /** Of a snapshot. */
  bytes: Uint8Array | null;
}

export class FakeReplica implements Journal, Archive, Service {
  readonly id: ServerId;
  readonly disk: FakeDisk;
  readonly peer: Peer;
  readonly #chance: Chance;
  readonly #witness: ReplicaWitness;
  /** Answers that the peer is owed, to be given one by one. */
  readonly answers: (() => void)[] = [];
  readonly #readings = new Map<number, OpenReading>();
  readonly #request = new ForwardedRequestView();
  #taker: SnapshotTaker | null = null;
  #takenZxid!: Zxid;
  /** The last record that is in the state. */
  applied: Zxid;
  standpoint: Standpoint = { role: 'looking' };
  /** What was agreed when each unanswered sync was asked. */
  readonly #syncs: number[] = [];
  readonly #agreed: () => number;

  constructor(
    settings: PeerSettings,
    image: Image,
    chance: Chance,
    witness: ReplicaWitness,
    agreed: () => number,
  ) {
    this.id = settings.id;
    this.disk = new FakeDisk(image);
    this.#chance = chance;
    this.#witness = witness;
    this.#agreed = agreed;
    this.applied = image.snapshots.at(-1)?.zxid ?? (0n as Zxid);
    const { accepted, current, committed, next } = image;
    const recovered = {
      acceptedEpoch: accepted,
      currentEpoch: current,
      lastZxid: lastZxid(image),
      committed,
      next,
    };
    const surroundings = { journal: this, archive: this, service: this };
    this.peer = new Peer(settings, surroundings, recovered);
  }

  /** The history as far as it was told, durable or not. */
  get records(): readonly StoredRecord[] {
    return this.disk.told.records;
  }

  /** Its state has no use for what is not agreed. */
  historyReached(): void {}

  get backlogBytes(): number {
    return this.disk.backlogBytes;
  }

  // What its clients do.

  /** A write, here or through the leader; false where it cannot be taken. */
  write(payload: Uint8Array): boolean {
    const { peer } = this;
    if (peer.canPropose) this.#propose(payload, null);
    else if (peer.canForward) this.#forward(WRITE_OP, payload);
    else return false;
    return true;
  }

  sync(): boolean {
    const { peer } = this;
    const agreed = this.#agreed();
    if (peer.canPropose) {
      if (!peer.sync(OWN_ORIGIN)) return false;
    } else if (peer.canForward) this.#forward(SYNC_OP, new Uint8Array(0));
    else return false;
    this.#syncs.push(agreed);
    return true;
  }

  /** Makes others the members, if it leads and they can agree to that. */
  reconfigure(members: Ensemble): boolean {
    const { peer } = this;
    const isChanging = peer.configurations.next !== null;
    if (!peer.canPropose || isChanging || !peer.hasQuorumOf(members)) return false;
    const version = zxidOfHalves(peer.nextZxidHigh, peer.nextZxidLow);
    const ensemble = { ...members, version };
    this.#propose(encodeUtf8(formatEnsemble(ensemble)), ensemble);
    return true;
  }

  #forward(op: number, body: Uint8Array): void {
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    this.peer.forward(1, 2, 3, op, body, view, 0, body.length, NO_AUTHINFO);
  }

  #propose(payload: Uint8Array, ensemble: Ensemble | null): void {
    const { peer } = this;
    const zxid = zxidOfHalves(peer.nextZxidHigh, peer.nextZxidLow);
    const bytes = new Uint8Array(1 + payload.length);
    bytes[0] = ensemble === null ? PLAIN : CONFIGURATION;
    bytes.set(payload, 1);
    const record = { zxid, bytes };
    this.#witness.proposed(this, record);
    peer.propose(bytes, new DataView(bytes.buffer), 0, bytes.length, ensemble);
    this.disk.tell({ kind: 'append', record });
  }

  // The disk.

  /** Does the next thing on disk and answers for it; false where there is nothing to do. */
  stepDisk(): boolean {
    const op = this.disk.step(this.#chance);
    if (op === null) return false;
    if (op.kind === 'append') this.#logged(op.record.zxid);
    else if (op.kind === 'truncate' || op.kind === 'install') this.#logged(op.zxid);
    else if (op.kind === 'epoch') this.peer.epochStored(op.name, op.epoch);
    return true;
  }

  #logged(zxid: Zxid): void {
    this.peer.logged(highOf(zxid), lowOf(zxid));
  }

  // As a journal.

  append(
    zxidHigh: number,
    zxidLow: number,
    bytes: Uint8Array,
    _view: DataView,
    start: number,
    byteCount: number,
  ): void {
    const zxid = zxidOfHalves(zxidHigh, zxidLow);
    const copy = new Uint8Array(bytes.subarray(start, start + byteCount));
    this.disk.tell({ kind: 'append', record: { zxid, bytes: copy } });
  }

  storeEpoch(name: EpochName, epoch: number): void {
    this.disk.tell({ kind: 'epoch', name, epoch });
  }

  storeConfiguration(name: 'committed' | 'next', ensemble: Ensemble | null): void {
    this.disk.tell({ kind: 'configuration', name, ensemble });
  }

  canTruncate(zxid: Zxid): boolean {
    const { logStart, snapshots } = this.disk.told;
    return logStart === 0 || snapshots.some((snapshot) => snapshot.zxid <= zxid);
  }

  truncate(zxid: Zxid): void {
    this.disk.tell({ kind: 'truncate', zxid });
    if (this.applied > zxid) this.applied = zxid;
  }

  beginInstall(zxid: Zxid): void {
    this.#taker = new SnapshotTaker();
    this.#takenZxid = zxid;
  }

  install(piece: Uint8Array): InstallStep {
    return this.#taker!.take(piece);
  }

  finishInstall(): void {
    this.disk.tell({ kind: 'install', zxid: this.#takenZxid, records: this.#taker!.records });
    this.applied = this.#takenZxid;
    this.#taker = null;
  }

  abandonInstall(): void {
    this.#taker = null;
  }

  // As an archive.

  openLog(reader: number, from: Zxid): void {
    const { records, logStart } = this.disk.image;
    let position = records.findLastIndex((record) => record.zxid <= from);
    // What is above must be in the log; the one itself need not.
    const isGone = position + 1 < logStart;
    if (position < logStart) position = logStart;
    this.#readings.set(reader, {
      kind: 'log',
      asked: from,
      position: isGone ? -1 : position,
      bytes: null,
    });
  }

  openSnapshot(reader: number, atLeast: Zxid): void {
    const reading: OpenReading = { kind: 'snapshot', asked: atLeast, position: 0, bytes: null };
    this.#readings.set(reader, reading);
    this.#later(reader, () => {
      const { snapshots, logStart } = this.disk.image;
      const stored = snapshots.filter(({ zxid, count }) => zxid >= atLeast && count >= logStart);
      const old = stored.length > 0 && this.#chance.happens(0.5) ? this.#chance.pick(stored) : null;
      const zxid = old?.zxid ?? this.applied;
      const records = this.records.filter((record) => record.zxid <= zxid);
      reading.bytes = encodeSnapshotRecords(records);
      this.peer.snapshotOpened(reader, zxid);
    });
  }

  pull(reader: number): void {
    this.#later(reader, () => {
      const reading = this.#readings.get(reader)!;
      if (reading.kind === 'log') this.#readLog(reader, reading);
      else this.#readSnapshot(reader, reading);
    });
  }

  close(reader: number): void {
    this.#readings.delete(reader);
  }

  #readLog(reader: number, reading: OpenReading): void {
    if (reading.position < 0) {
      this.peer.logPulled(reader, 'gone');
      return;
    }
    const { records } = this.disk.image;
    const end = Math.min(records.length, reading.position + 1 + this.#chance.below(40));
    for (let i = reading.position; i < end; i += 1) {
      const { zxid, bytes } = records[i]!;
      const view = new DataView(bytes.buffer);
      this.peer.logRecord(reader, highOf(zxid), lowOf(zxid), bytes, view, 0, bytes.length);
    }
    reading.position = end;
    this.peer.logPulled(reader, end === records.length ? 'end' : 'more');
  }

  #readSnapshot(reader: number, reading: OpenReading): void {
    const bytes = reading.bytes!;
    const end = Math.min(bytes.length, reading.position + 1 + this.#chance.below(5000));
    const piece = bytes.subarray(reading.position, end);
    reading.position = end;
    this.peer.snapshotPulled(reader, piece, end === bytes.length);
  }

  #later(reader: number, act: () => void): void {
    this.answers.push(() => {
      if (this.#readings.has(reader)) act();
    });
  }

  // As a service.

  commit(zxidHigh: number, zxidLow: number): void {
    const zxid = zxidOfHalves(zxidHigh, zxidLow);
    if (zxid > this.applied) this.applied = zxid;
    this.#witness.committed(this, zxid);
  }

  configurationIn(view: DataView, start: number, byteCount: number): Ensemble | null {
    if (view.getUint8(start) !== CONFIGURATION) return null;
    const bytes = new Uint8Array(view.buffer, view.byteOffset + start + 1, byteCount - 1);
    const outcome = parseEnsemble(decodeUtf8(bytes));
    return outcome.kind === 'ensemble' ? outcome.ensemble : null;
  }

  standpointChanged(standpoint: Standpoint): void {
    this.standpoint = standpoint;
    if (standpoint.role === 'looking') this.#syncs.length = 0;
    this.#witness.standpoint(this, standpoint);
  }

  prepareToLead(): void {
    this.answers.push(() => {
      this.applied = lastZxid(this.disk.told);
      this.peer.readyToLead();
    });
  }

  activate(): void {}

  request(learner: number, packet: PacketView): void {
    const request = this.#request;
    if (!request.reset(packet)) throw new Error('a request is whole');
    if (request.op === SYNC_OP) {
      this.peer.sync(learner);
      return;
    }
    const { bodyStart, bodyLength } = request;
    this.#propose(new Uint8Array(packet.bytes.subarray(bodyStart, bodyStart + bodyLength)), null);
  }

  revalidate(learner: number, { sessionHigh, sessionLow }: RevalidateAsk): void {
    this.peer.answerRevalidation(learner, { sessionHigh, sessionLow, valid: true });
  }

  learnerLeft(): void {}

  touchSession(): void {}

  writeTouches(out: JuteWriter): void {
    if (this.#chance.happens(0.3)) appendSessionTouch(out, 1, 2, 1000);
  }

  revalidated(_answer: RevalidateAnswer): void {}

  synced(): void {
    const askedAt = this.#syncs.shift();
    if (askedAt === undefined) throw new Error('a sync that is answered was asked');
    this.#witness.synced(this, askedAt);
  }
}

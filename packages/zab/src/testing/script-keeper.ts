/**
 * What surrounds the peer of a script: a disk whose work is done when the script says so, records
 * that are plain text, and a state that only says what it is told. A record `members 1 2 3` proposes
 * a configuration.
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
  type RevalidateAnswer,
  type RevalidateAsk,
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
import type { Peer } from '../peer.ts';
import { highOf, lowOf, zxidOfHalves } from '../zxid-halves.ts';
import { ensembleOf } from './ensembles.ts';
import { type DiskOp, FakeDisk, type Image, type StoredRecord } from './fake-disk.ts';
import { encodeSnapshotRecords, SnapshotTaker } from './fake-snapshot.ts';
import { sayMembers, sayZxid } from './peer-packets.ts';

const MEMBERS = 'members ';
const SYNC_OP = 9;

export class ScriptKeeper implements Journal, Archive, Service {
  readonly disk: FakeDisk;
  peer!: Peer;
  readonly said: string[] = [];
  isDiskHeld = false;
  /** Whether nothing is read back for learners. */
  isArchiveHeld = false;
  isReadyHeld = false;
  applied: Zxid;
  #touches = 0;
  #taker: SnapshotTaker | null = null;
  #takenZxid!: Zxid;
  /** What the peer is owed from the archive. */
  readonly #answers: (() => void)[] = [];
  readonly #logs = new Map<number, Zxid>();
  readonly #snapshots = new Map<number, { readonly bytes: Uint8Array; position: number }>();

  constructor(image: Image) {
    this.disk = new FakeDisk(image);
    this.applied = image.records.at(-1)?.zxid ?? (0n as Zxid);
  }

  /** Does what can be done without being told. */
  settle(): boolean {
    const answer = this.isArchiveHeld ? undefined : this.#answers.shift();
    if (answer !== undefined) {
      answer();
      return true;
    }
    return !this.isDiskHeld && this.doDisk(1) > 0;
  }

  /** Does so many things on disk, and says for each that it is done; how many there were. */
  doDisk(count: number): number {
    let done = 0;
    for (let op = this.#next(count); op !== undefined; op = this.#next(count - done)) {
      done += 1;
      this.disk.doNext();
      if (op.kind === 'append') this.#logged(op.record.zxid);
      else if (op.kind === 'truncate' || op.kind === 'install') this.#logged(op.zxid);
      else if (op.kind === 'epoch') this.peer.epochStored(op.name, op.epoch);
    }
    return done;
  }

  #next(count: number): DiskOp | undefined {
    return count > 0 ? this.disk.queue[0] : undefined;
  }

  #logged(zxid: Zxid): void {
    this.peer.logged(highOf(zxid), lowOf(zxid));
  }

  #tell(op: DiskOp, what: string): void {
    this.disk.tell(op);
    this.said.push(`disk <- ${what}`);
  }

  touch(count: number): void {
    this.#touches = count;
  }

  propose(text: string): void {
    const { peer } = this;
    const zxid = zxidOfHalves(peer.nextZxidHigh, peer.nextZxidLow);
    const isMembers = text.startsWith(MEMBERS);
    const bytes = encodeUtf8(isMembers ? `${text} version=${zxid.toString(16)}` : text);
    const view = new DataView(bytes.buffer);
    const ensemble = this.configurationIn(view, 0, bytes.length);
    peer.propose(bytes, view, 0, bytes.length, ensemble);
    this.#tell({ kind: 'append', record: { zxid, bytes } }, `append ${sayZxid(zxid)}`);
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
    const record: StoredRecord = { zxid, bytes: bytes.slice(start, start + byteCount) };
    this.#tell({ kind: 'append', record }, `append ${sayZxid(zxid)} ${decodeUtf8(record.bytes)}`);
  }

  storeEpoch(name: EpochName, epoch: number): void {
    this.#tell({ kind: 'epoch', name, epoch }, `${name} epoch ${epoch}`);
  }

  storeConfiguration(name: 'committed' | 'next', ensemble: Ensemble | null): void {
    const members = ensemble === null ? 'none' : sayMembers(formatEnsemble(ensemble));
    this.#tell({ kind: 'configuration', name, ensemble }, `${name} configuration ${members}`);
  }

  canTruncate(zxid: Zxid): boolean {
    const { logStart, snapshots } = this.disk.told;
    return logStart === 0 || snapshots.some((snapshot) => snapshot.zxid <= zxid);
  }

  truncate(zxid: Zxid): void {
    this.#tell({ kind: 'truncate', zxid }, `cut above ${sayZxid(zxid)}`);
  }

  beginInstall(zxid: Zxid): void {
    this.#taker = new SnapshotTaker();
    this.#takenZxid = zxid;
    this.said.push(`state <- a snapshot of ${sayZxid(zxid)} begins`);
  }

  install(piece: Uint8Array): InstallStep {
    return this.#taker!.take(piece);
  }

  finishInstall(): void {
    const zxid = this.#takenZxid;
    const { records } = this.#taker!;
    const what = `install ${sayZxid(zxid)} with ${records.length} records`;
    this.#tell({ kind: 'install', zxid, records }, what);
    this.#taker = null;
  }

  abandonInstall(): void {
    this.#taker = null;
    this.said.push('state <- the snapshot is given up');
  }

  // As an archive.

  openLog(reader: number, from: Zxid): void {
    this.#logs.set(reader, from);
    this.said.push(`archive <- the log from ${sayZxid(from)}`);
  }

  openSnapshot(reader: number, atLeast: Zxid): void {
    this.said.push(`archive <- a snapshot of at least ${sayZxid(atLeast)}`);
    this.#answers.push(() => {
      const records = this.disk.told.records.filter(({ zxid }) => zxid <= this.applied);
      this.#snapshots.set(reader, { bytes: encodeSnapshotRecords(records), position: 0 });
      this.peer.snapshotOpened(reader, this.applied);
    });
  }

  pull(reader: number, byteCount: number): void {
    this.#answers.push(() => {
      const from = this.#logs.get(reader);
      if (from !== undefined) this.#readLog(reader, from);
      else this.#readSnapshot(reader, byteCount);
    });
  }

  close(reader: number): void {
    this.#logs.delete(reader);
    this.#snapshots.delete(reader);
  }

  #readLog(reader: number, from: Zxid): void {
    const { records, logStart } = this.disk.image;
    const first = records.findLastIndex((record) => record.zxid <= from);
    if (first + 1 < logStart) {
      this.peer.logPulled(reader, 'gone');
      return;
    }
    for (const { zxid, bytes } of records.slice(Math.max(first, logStart))) {
      const view = new DataView(bytes.buffer);
      this.peer.logRecord(reader, highOf(zxid), lowOf(zxid), bytes, view, 0, bytes.length);
    }
    this.peer.logPulled(reader, 'end');
  }

  #readSnapshot(reader: number, byteCount: number): void {
    const reading = this.#snapshots.get(reader);
    if (reading === undefined) return;
    const { bytes, position } = reading;
    const piece = bytes.subarray(position, position + byteCount);
    reading.position += piece.length;
    this.peer.snapshotPulled(reader, piece, reading.position === bytes.length);
  }

  // As a service.

  commit(zxidHigh: number, zxidLow: number): void {
    const zxid = zxidOfHalves(zxidHigh, zxidLow);
    if (zxid > this.applied) this.applied = zxid;
    this.said.push(`state <- committed up to ${sayZxid(zxid)}`);
  }

  /** Nothing is applied here. */
  historyReached(): void {}

  get backlogBytes(): number {
    return this.disk.backlogBytes;
  }

  configurationIn(view: DataView, start: number, byteCount: number): Ensemble | null {
    const text = decodeUtf8(new Uint8Array(view.buffer, view.byteOffset + start, byteCount));
    return text.startsWith(MEMBERS) ? ensembleOf(text.slice(MEMBERS.length)) : null;
  }

  standpointChanged(standpoint: Standpoint): void {
    this.said.push(`state <- ${sayStandpoint(standpoint)}`);
  }

  prepareToLead(): void {
    if (this.isReadyHeld) return;
    this.#answers.push(() => this.peer.readyToLead());
  }

  activate(ensemble: Ensemble): void {
    this.said.push(`state <- members are ${sayMembers(formatEnsemble(ensemble))}`);
  }

  request(learner: number, packet: PacketView): void {
    const request = new ForwardedRequestView();
    request.reset(packet);
    const { bodyStart, bodyLength, op } = request;
    const text = decodeUtf8(packet.bytes.subarray(bodyStart, bodyStart + bodyLength));
    this.said.push(`state <- a request: ${text}`);
    if (op === SYNC_OP) this.peer.sync(learner);
    else this.propose(text);
  }

  revalidate(learner: number, { sessionHigh, sessionLow }: RevalidateAsk): void {
    this.said.push(`state <- session ${sessionLow} is asked for`);
    this.peer.answerRevalidation(learner, { sessionHigh, sessionLow, valid: sessionLow < 100 });
  }

  learnerLeft(): void {
    this.said.push('state <- a learner has left');
  }

  touchSession(_high: number, low: number): void {
    this.said.push(`state <- session ${low} lives`);
  }

  writeTouches(out: JuteWriter): void {
    for (let session = 1; session <= this.#touches; session += 1) {
      appendSessionTouch(out, 0, session, 1000);
    }
    this.#touches = 0;
  }

  revalidated({ sessionLow, valid }: RevalidateAnswer): void {
    this.said.push(`state <- session ${sessionLow} is ${valid ? 'valid' : 'gone'}`);
  }

  synced(): void {
    this.said.push('state <- a sync is answered');
  }

  sync(): void {
    this.said.push(this.peer.sync(OWN_ORIGIN) ? 'asked' : 'refused');
  }
}

export function sayStandpoint(standpoint: Standpoint): string {
  if (standpoint.role === 'looking') return 'looking';
  const { role, epoch, isServing } = standpoint;
  const whom = role === 'leading' ? '' : ` ${standpoint.leader}`;
  return `${role}${whom}${epoch > 0 ? ` in epoch ${epoch}` : ''}${isServing ? ', serving' : ''}`;
}

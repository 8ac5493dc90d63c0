/**
 * One server's life on the quorum port, in the recordings of Apache's servers: what the others sent
 * it is handed to a peer, and what that says on each connection is kept beside what was recorded. What
 * only its clients could have caused, a proposal or a request, is caused when the recording has it.
 *
 * Conversations are kept by kinds of packets: in which order a ping and an acknowledgement left was
 * for Apache's threads to decide.
 */
import {
  asServerId,
  asZxid,
  type Ensemble,
  ForwardedRequestView,
  JuteWriter,
  PacketType,
  type PacketView,
  packetTypeName,
  parseEnsemble,
  QuorumPacketScanner,
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
} from '../contract.ts';
import { Peer } from '../peer.ts';
import { PEER_DEFAULTS } from '../settings.ts';
import { highOf, lowOf, zxidOfHalves } from '../zxid-halves.ts';
import { FakeDisk, type Image, lastZxid, type StoredRecord } from './fake-disk.ts';
import type { Oracle } from './oracle-voting.ts';

export interface QuorumMessage {
  readonly tMs: number;
  readonly conn: string;
  readonly from: number;
  readonly to: number;
  readonly kind: string;
  readonly hex: string;
}

export interface LifeStart {
  readonly id: number;
  readonly config: string;
  readonly accepted?: number;
  readonly current?: number;
  readonly last?: bigint;
  /** Where its log begins, with records of the last epoch; behind its end where it has none. */
  readonly logFrom?: bigint;
  readonly reconfigEnabled?: boolean;
  /** Whom each of its elections finds. */
  readonly finds: readonly number[];
}

/** What was said on a connection, by kinds, in hexadecimal. */
interface Said {
  readonly ours: Map<string, string[]>;
  readonly recorded: Map<string, string[]>;
}

const STREAM = 'SNAPSHOT-STREAM';
const SIGNATURE_BYTES = 14;
const SYNC_OP = 9;
const TICK_MS = 500;
const REQUEST_HEAD_BYTES = 32;
const RECONFIG_TYPE = 16;
const HEADER_BYTES = 32;
const CHAPTER_MS = 100_000;

interface Conversation extends Said {
  readonly link: number;
  readonly scanner: QuorumPacketScanner;
}

export class GoldenLife implements Journal, Archive, Service, Oracle {
  readonly peer: Peer;
  readonly conversations: Map<string, Conversation> = new Map();
  readonly #id: number;
  readonly #disk: FakeDisk;
  readonly #finds: number[];
  #chapterMs = 0;
  #nowMs = 0;
  #dial = -1;
  #links = 0;
  readonly #request = new ForwardedRequestView();
  /** To come on the connection that is read, so far as this server says it of itself. */
  #touches: string[] = [];
  #streams: string[] = [];
  #taken = 0;
  #streamBytes = 0;
  #takenZxid!: Zxid;
  readonly #answers: (() => void)[] = [];
  readonly #logs = new Map<number, Zxid>();

  constructor(start: LifeStart) {
    const { id, config, accepted = 0, current = 0, last = 0n, reconfigEnabled = false } = start;
    this.#id = id;
    this.#finds = [...start.finds];
    const { logFrom = last + 1n } = start;
    const snapshots = last === 0n ? [] : [{ zxid: asZxid(logFrom - 1n), count: 0 }];
    const records: StoredRecord[] = [];
    for (let zxid = logFrom; zxid <= last; zxid += 1n) {
      records.push({ zxid: asZxid(zxid), bytes: new Uint8Array(HEADER_BYTES) });
    }
    const committed = ensembleOfText(config);
    const image: Image = {
      records,
      logStart: 0,
      snapshots,
      accepted,
      current,
      committed,
      next: null,
    };
    this.#disk = new FakeDisk(image);
    this.peer = new Peer(
      {
        ...PEER_DEFAULTS,
        id: asServerId(BigInt(id)),
        tickMs: TICK_MS,
        // Nobody is lost between recordings.
        initLimitTicks: 10_000,
        syncLimitTicks: 10_000,
        connectLimitTicks: 10_000,
        truncatesLearners: true,
        provesLeadershipAtSync: false,
        reconfigEnabled,
        links: { addresses: [], form: 'v1', greetingMs: 1000 },
      },
      { journal: this, archive: this, service: this },
      {
        acceptedEpoch: accepted,
        currentEpoch: current,
        lastZxid: lastZxid(image),
        committed,
        next: null,
      },
    );
  }

  leaderFor(): { leader: ServerId; waitMs: number } | null {
    const found = this.#finds.shift();
    return found === undefined ? null : { leader: asServerId(BigInt(found)), waitMs: 0 };
  }

  /** Lives through a recording; of connections in `lost` the other end is gone when it begins. */
  play(
    messages: readonly QuorumMessage[],
    lost: readonly string[] = [],
    untilMs: number = Number.POSITIVE_INFINITY,
  ): void {
    this.#chapterMs += CHAPTER_MS;
    this.#nowMs = this.#chapterMs;
    for (const conn of lost) this.#act(() => this.peer.quorumClosed(this.#linkOf(conn)));
    const own = messages.filter(({ from, to, conn }) => {
      return conn.startsWith('q') && (from === this.#id || to === this.#id);
    });
    this.#touches = own
      .filter(({ from, kind }) => from === this.#id && kind === 'PING')
      .map(({ hex }) => dataOf(hex));
    this.#streams = own.filter(({ kind }) => kind === STREAM).map(({ hex }) => hex);
    for (const message of own) {
      if (message.tMs >= untilMs) return;
      this.#nowMs = this.#chapterMs + message.tMs;
      this.#idle();
      if (message.from === this.#id) this.#say(message);
      else this.#hear(message);
    }
  }

  #linkOf(conn: string): number {
    return this.conversations.get(conn)!.link;
  }

  // The recording.

  #hear({ conn, hex, kind }: QuorumMessage): void {
    let conversation = this.conversations.get(conn);
    if (conversation === undefined) {
      conversation = this.#converse(conn);
      const { link } = conversation;
      this.#act(() => this.peer.quorumOpened(link));
    }
    if (kind === STREAM) this.#streamBytes = hex.length / 2 - SIGNATURE_BYTES;
    const { link } = conversation;
    this.#act(() => this.peer.quorumReceived(link, bytesOf(hex)));
  }

  /** What the recorded server said; ours may only now have cause to. */
  #say({ conn, hex, kind }: QuorumMessage): void {
    const conversation = this.conversations.get(conn) ?? this.#answerDial(conn);
    push(conversation.recorded, kind, hex);
    if (kind === 'PROPOSAL') this.#propose(hex);
    else if (kind === 'REQUEST') this.#forward(hex);
    else if (kind === 'REVALIDATE' && hex.length === 64) this.#revalidate(hex);
  }

  #answerDial(conn: string): Conversation {
    const conversation = this.#converse(conn);
    this.#act(() => this.peer.dialed(this.#dial, conversation.link));
    return conversation;
  }

  #converse(conn: string): Conversation {
    this.#links += 1;
    const conversation: Conversation = {
      link: this.#links,
      scanner: new QuorumPacketScanner(),
      ours: new Map(),
      recorded: new Map(),
    };
    this.conversations.set(conn, conversation);
    return conversation;
  }

  #propose(hex: string): void {
    const bytes = bytesOf(dataOf(hex));
    const view = new DataView(bytes.buffer);
    const zxid = zxidOfHex(hex);
    if (zxid <= lastZxid(this.#disk.told) || !this.peer.canPropose) return;
    this.#act(() => {
      this.peer.propose(bytes, view, 0, bytes.length, this.configurationIn(view, 0, bytes.length));
      this.#disk.tell({ kind: 'append', record: { zxid, bytes } });
    });
  }

  #forward(hex: string): void {
    const data = bytesOf(dataOf(hex));
    const view = new DataView(data.buffer);
    const authinfo = bytesOf(hex.slice(REQUEST_HEAD_BYTES + 2 * data.length));
    this.#act(() => {
      const session = [view.getInt32(0), view.getInt32(4)] as const;
      const [cxid, op] = [view.getInt32(8), view.getInt32(12)];
      this.peer.forward(...session, cxid, op, data, view, 16, data.length - 16, authinfo);
    });
  }

  #revalidate(hex: string): void {
    const view = new DataView(bytesOf(dataOf(hex)).buffer);
    this.#act(() => {
      const [sessionHigh, sessionLow] = [view.getInt32(0), view.getInt32(4)];
      this.peer.revalidate({ sessionHigh, sessionLow, timeoutMs: view.getInt32(8) });
    });
  }

  // The body.

  /** Until it has done what it can do by itself, as finding a leader. */
  #idle(): void {
    for (let turns = 3; turns > 0; turns -= 1) this.#act(() => {});
  }

  #act(act: () => void): void {
    this.peer.begin(this.#nowMs);
    act();
    do {
      this.peer.begin(this.#nowMs);
      this.peer.turn();
      for (const output of this.peer.takeQuorum()) {
        for (const piece of output.pieces) this.#hearOurs(output.link, piece);
        this.peer.recycle(output);
      }
      for (const order of this.peer.takeQuorumOrders()) {
        if (order.kind === 'dial') this.#dial = order.dial;
      }
    } while (this.#settle());
  }

  #settle(): boolean {
    const answer = this.#answers.shift();
    if (answer !== undefined) {
      answer();
      return true;
    }
    const op = this.#disk.queue[0];
    if (op === undefined) return false;
    this.#disk.doNext();
    if (op.kind === 'append') this.#logged(op.record.zxid);
    else if (op.kind === 'truncate' || op.kind === 'install') this.#logged(op.zxid);
    else if (op.kind === 'epoch') this.peer.epochStored(op.name, op.epoch);
    return true;
  }

  #logged(zxid: Zxid): void {
    this.peer.logged(highOf(zxid), lowOf(zxid));
  }

  #hearOurs(link: number, piece: Uint8Array): void {
    const conversation = [...this.conversations.values()].find((one) => one.link === link)!;
    const { scanner, ours } = conversation;
    scanner.push(piece);
    for (let step = scanner.next(); step !== 'more'; step = scanner.next()) {
      if (step === 'snapshot') {
        // It is handed out whole.
        const byteCount = this.#streamBytes;
        const stream = scanner.piece.subarray(0, byteCount + SIGNATURE_BYTES);
        push(ours, STREAM, hexOf(stream));
        scanner.endSnapshot(byteCount);
        continue;
      }
      const { packet } = scanner;
      push(
        ours,
        packetTypeName(packet.type),
        hexOf(packet.bytes.subarray(packet.start, packet.end)),
      );
      if (packet.type === PacketType.Snap) scanner.beginSnapshot();
    }
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
    const record = { zxid, bytes: new Uint8Array(bytes.subarray(start, start + byteCount)) };
    this.#disk.tell({ kind: 'append', record });
  }

  storeEpoch(name: EpochName, epoch: number): void {
    this.#disk.tell({ kind: 'epoch', name, epoch });
  }

  storeConfiguration(name: 'committed' | 'next', ensemble: Ensemble | null): void {
    this.#disk.tell({ kind: 'configuration', name, ensemble });
  }

  canTruncate(): boolean {
    return true;
  }

  truncate(zxid: Zxid): void {
    this.#disk.tell({ kind: 'truncate', zxid });
  }

  beginInstall(zxid: Zxid): void {
    this.#takenZxid = zxid;
    this.#taken = 0;
  }

  install(piece: Uint8Array): InstallStep {
    this.#taken += piece.length;
    const excess = this.#taken - this.#streamBytes;
    return excess < 0 ? 'more' : { byteCount: piece.length - excess };
  }

  finishInstall(): void {
    this.#disk.tell({ kind: 'install', zxid: this.#takenZxid, records: [] });
  }

  abandonInstall(): void {}

  // As an archive.

  openLog(reader: number, from: Zxid): void {
    this.#logs.set(reader, from);
  }

  /** The recorded one. */
  openSnapshot(reader: number): void {
    this.#answers.push(() => this.peer.snapshotOpened(reader, lastZxid(this.#disk.told)));
  }

  pull(reader: number): void {
    this.#answers.push(() => {
      const from = this.#logs.get(reader);
      if (from === undefined) this.#readSnapshot(reader);
      else this.#readLog(reader, from);
    });
  }

  #readSnapshot(reader: number): void {
    const stream = bytesOf(this.#streams.shift()!);
    this.#streamBytes = stream.length - SIGNATURE_BYTES;
    this.peer.snapshotPulled(reader, stream.subarray(0, this.#streamBytes), true);
  }

  #readLog(reader: number, from: Zxid): void {
    const { records } = this.#disk.image;
    const first = Math.max(
      0,
      records.findLastIndex((record) => record.zxid <= from),
    );
    for (const { zxid, bytes } of records.slice(first)) {
      const view = new DataView(bytes.buffer);
      this.peer.logRecord(reader, highOf(zxid), lowOf(zxid), bytes, view, 0, bytes.length);
    }
    this.peer.logPulled(reader, 'end');
  }

  close(reader: number): void {
    this.#logs.delete(reader);
  }

  // As a service.

  commit(): void {}

  /** A header of 32 bytes with the type at its end, then path and text. */
  /** Nothing is applied here. */
  historyReached(): void {}

  get backlogBytes(): number {
    return this.#disk.backlogBytes;
  }

  configurationIn(view: DataView, start: number, byteCount: number): Ensemble | null {
    if (view.getInt32(start + HEADER_BYTES - 4) !== RECONFIG_TYPE) return null;
    const pathLength = view.getInt32(start + HEADER_BYTES);
    const textAt = start + HEADER_BYTES + 4 + pathLength;
    const textLength = view.getInt32(textAt);
    const bytes = new Uint8Array(view.buffer, view.byteOffset + textAt + 4, textLength);
    return byteCount > 0 ? ensembleOfText(new TextDecoder().decode(bytes)) : null;
  }

  standpointChanged(): void {}

  prepareToLead(): void {
    this.#answers.push(() => this.peer.readyToLead());
  }

  activate(): void {}

  request(learner: number, packet: PacketView): void {
    if (this.#request.reset(packet) && this.#request.op === SYNC_OP) this.peer.sync(learner);
  }

  revalidate(learner: number, { sessionHigh, sessionLow }: RevalidateAsk): void {
    this.peer.answerRevalidation(learner, { sessionHigh, sessionLow, valid: true });
  }

  learnerLeft(): void {}

  touchSession(): void {}

  writeTouches(out: JuteWriter): void {
    const bytes = bytesOf(this.#touches.shift() ?? '');
    out.raw(bytes, new DataView(bytes.buffer), 0, bytes.length);
  }

  revalidated(_answer: RevalidateAnswer): void {}

  synced(): void {}

  /** For the clients of a server that leads. */
  sync(): void {
    this.peer.sync(OWN_ORIGIN);
  }
}

function dataOf(hex: string): string {
  const length = Number.parseInt(hex.slice(24, 32), 16) | 0;
  return length <= 0 ? '' : hex.slice(32, 32 + 2 * length);
}

export function zxidOfHex(hex: string): Zxid {
  return asZxid(BigInt(`0x${hex.slice(8, 24)}`));
}

function bytesOf(hex: string): Uint8Array {
  const writer = new JuteWriter(hex.length / 2);
  for (let i = 0; i < hex.length; i += 2) writer.byte(Number.parseInt(hex.slice(i, i + 2), 16));
  return writer.finish();
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function push(map: Map<string, string[]>, key: string, value: string): void {
  map.set(key, [...(map.get(key) ?? []), value]);
}

function ensembleOfText(text: string): Ensemble {
  const outcome = parseEnsemble(text);
  if (outcome.kind === 'problem') throw new Error(outcome.problem);
  return outcome.ensemble;
}

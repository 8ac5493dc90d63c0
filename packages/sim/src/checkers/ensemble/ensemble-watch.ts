/**
 * Makes facts of what can be seen of the machines of an ensemble: it takes the bytes of their links
 * and disk orders apart and reads what their disks would still have after a power cut.
 */
import type { DiskOrder } from '@zabra/replica';
import {
  decodeUtf8,
  type Ensemble,
  LOG_RECORD_EXTRA_BYTES,
  LOG_RECORD_HEAD_BYTES,
  parseEnsemble,
} from '@zabra/wire';
import { syncs } from '../../disk/steps.ts';
import type { DiskStep, SimDisk } from '../../disk.ts';
import { Port, type Standing } from '../../process/actor.ts';
import type { Onlooker } from '../../process/onlooker.ts';
import { type Chain, int32At } from './chain.ts';
import { type Listener, type Packet, PIECE, type Stand, type Survivor } from './facts.ts';
import { PeerStream, type SentPacket } from './peer-stream.ts';
import { SurvivorReader } from './survivor-reader.ts';
import { VoteStream } from './vote-stream.ts';

/** What the world knows of its machines. */
export interface Surroundings {
  readonly chain: Chain;
  /** The id of the server on a machine. */
  idOf(host: number): number;
  hostOf(link: number): number;
  monotonicMs(host: number): number;
}

/** One direction of a link between a learner and a leader. */
interface Direction {
  readonly stream: PeerStream;
  /** Sent, and not received yet. */
  readonly underway: SentPacket[];
  receivedBytes: number;
  onPacket(sent: SentPacket): void;
  onPiece(endsAt: number): void;
}

interface Watched {
  readonly reader: SurvivorReader;
  disk: Survivor | null;
  stand: Stand | null;
  appliedZxid: bigint;
}

export class EnsembleWatch implements Onlooker {
  readonly #listener: Listener;
  readonly #surroundings: Surroundings;
  readonly #hosts = new Map<number, Watched>();
  /** By the link of the end that speaks. */
  readonly #directions = new Map<number, Direction>();
  readonly #votes = new Map<number, VoteStream>();
  readonly #clients = new Set<number>();

  constructor(listener: Listener, surroundings: Surroundings) {
    this.#listener = listener;
    this.#surroundings = surroundings;
  }

  started(host: number, _life: number, disk: SimDisk): void {
    const isFounding = !this.#hosts.has(host);
    const watched = this.#watched(host);
    watched.reader.forget();
    watched.stand = null;
    watched.appliedZxid = -1n;
    watched.disk = watched.reader.read(disk.remains, isFounding);
    const server = this.#id(host);
    this.#listener.hear({ kind: 'started', server, disk: watched.disk });
    this.#listener.hear({ kind: 'configured', server, ensemble: rulingOn(disk.remains) });
  }

  died(host: number): void {
    this.#listener.hear({ kind: 'died', server: this.#id(host) });
  }

  forgot(host: number): void {
    this.#listener.hear({ kind: 'forgot', server: this.#id(host) });
  }

  diskFailed(host: number): void {
    this.#listener.hear({ kind: 'diskFailed', server: this.#id(host) });
  }

  /** Whoever has called has the even number of the two. */
  opened(_host: number, link: number, port: number): void {
    const caller = link & ~1;
    if (port === Port.Client) this.#clients.add(link);
    if (port === Port.Election && !this.#votes.has(caller)) {
      this.#votes.set(caller, new VoteStream(true));
      this.#votes.set(caller + 1, new VoteStream(false));
    } else if (port === Port.Quorum && !this.#directions.has(caller)) {
      this.#directions.set(caller, this.#direction(caller));
      this.#directions.set(caller + 1, this.#direction(caller + 1));
      this.#listener.hear({
        kind: 'connected',
        connection: caller,
        learner: this.#id(this.#surroundings.hostOf(caller)),
        leader: this.#id(this.#surroundings.hostOf(caller + 1)),
      });
    }
  }

  sent(host: number, link: number, bytes: Uint8Array, byteCount: number): void {
    const direction = this.#directions.get(link);
    const whole = byteCount === bytes.length ? bytes : bytes.subarray(0, byteCount);
    if (direction !== undefined) {
      direction.stream.push(whole, direction.onPacket, direction.onPiece);
      return;
    }
    const server = this.#id(host);
    if (this.#clients.has(link)) this.#listener.hear({ kind: 'replied', server });
    this.#votes.get(link)?.push(whole, (vote) => {
      this.#listener.hear({ kind: 'voted', server, vote });
    });
  }

  /** What was sent is known already; this tells how much of it has come. */
  received(_host: number, link: number, bytes: Uint8Array): void {
    const speaker = link ^ 1;
    const direction = this.#directions.get(speaker);
    if (direction === undefined) return;
    direction.receivedBytes += bytes.length;
    const { underway } = direction;
    for (let next = underway[0]; next !== undefined; next = underway[0]) {
      if (next.endsAt > direction.receivedBytes) return;
      underway.shift();
      this.#hearPacket('received', speaker, next);
    }
  }

  closed(_host: number, link: number): void {
    // Of a link that is gone at one end, bytes may still come at the other.
    this.#votes.delete(link);
    this.#clients.delete(link);
    if (!this.#directions.has(link)) return;
    const connection = link & ~1;
    this.#listener.hear({ kind: 'closed', connection, isLeaders: link !== connection });
  }

  ordered(host: number, order: DiskOrder): void {
    const server = this.#id(host);
    if (order.kind === 'append') {
      for (const record of recordsIn(order.bytes)) {
        this.#listener.hear({ kind: 'logged', server, record });
      }
    } else if (order.kind === 'storeEpoch' || order.kind === 'storeConfiguration') {
      this.#listener.hear({ kind: 'asked', server, what: order.name });
      if (order.kind === 'storeConfiguration' && order.name === 'committed') {
        this.#listener.hear({ kind: 'configured', server, ensemble: order.ensemble });
      }
    } else if (order.kind === 'pullLog') {
      this.#listener.hear({ kind: 'asked', server, what: 'read' });
    } else if (order.kind === 'truncate') {
      this.#listener.hear({ kind: 'asked', server, what: 'cut' });
      this.#listener.hear({ kind: 'cut', server, zxid: order.zxid });
    } else if (order.kind === 'snapshotBegin') {
      this.#listener.hear({ kind: 'snapshot', server, zxid: order.zxid });
    }
  }

  /** Nothing becomes safe but by a sync. */
  stepped(host: number, step: DiskStep, disk: SimDisk): void {
    if (!syncs.has(step)) return;
    const watched = this.#watched(host);
    const survivor = watched.reader.read(disk.remains);
    if (watched.disk !== null && isSame(survivor, watched.disk)) return;
    watched.disk = survivor;
    this.#listener.hear({ kind: 'stored', server: this.#id(host), disk: survivor });
  }

  decided(host: number, standing: Standing): void {
    const watched = this.#watched(host);
    const server = this.#id(host);
    const isNews = watched.stand === null || !isSameStand(standing, watched.stand);
    if (isNews) {
      const stand = standOf(standing);
      watched.stand = stand;
      this.#listener.hear({ kind: 'stands', server, stand });
    }
    const { appliedZxid: zxid, digest } = standing;
    if (!isNews && zxid === watched.appliedZxid) return;
    watched.appliedZxid = zxid;
    this.#listener.hear({ kind: 'applied', server, zxid, digest });
  }

  turned(host: number): void {
    const monotonicMs = this.#surroundings.monotonicMs(host);
    this.#listener.hear({ kind: 'turned', server: this.#id(host), monotonicMs });
  }

  #direction(link: number): Direction {
    const underway: SentPacket[] = [];
    return {
      stream: new PeerStream(),
      underway,
      receivedBytes: 0,
      onPacket: (sent) => {
        underway.push(withoutRecord(sent));
        this.#hearPacket('sent', link, sent);
      },
      onPiece: (endsAt) => {
        const sent = { packet: piece, endsAt };
        underway.push(sent);
        this.#hearPacket('sent', link, sent);
      },
    };
  }

  #hearPacket(kind: 'sent' | 'received', speaker: number, { packet }: SentPacket): void {
    const connection = speaker & ~1;
    this.#listener.hear({ kind, connection, isLeaders: speaker !== connection, packet });
  }

  #watched(host: number): Watched {
    let watched = this.#hosts.get(host);
    if (watched === undefined) {
      const reader = new SurvivorReader(this.#surroundings.chain);
      watched = { reader, disk: null, stand: null, appliedZxid: -1n };
      this.#hosts.set(host, watched);
    }
    return watched;
  }

  #id(host: number): number {
    return this.#surroundings.idOf(host);
  }
}

const piece: Packet = { type: PIECE, zxid: -1n, record: null, currentEpoch: null };

/** It is lent, and nobody needs it when the packet comes. */
function withoutRecord(sent: SentPacket): SentPacket {
  const { packet, endsAt } = sent;
  return packet.record === null ? sent : { packet: { ...packet, record: null }, endsAt };
}

/** The configuration that a disk says rules. */
function rulingOn(remains: SimDisk['remains']): Ensemble | null {
  const text = remains.get('configuration.committed');
  const outcome = text === undefined ? null : parseEnsemble(decodeUtf8(text));
  return outcome?.kind === 'ensemble' ? outcome.ensemble : null;
}

function isSame(one: Survivor, other: Survivor): boolean {
  return (
    one.end === other.end &&
    one.acceptedEpoch === other.acceptedEpoch &&
    one.currentEpoch === other.currentEpoch &&
    one.problem === other.problem
  );
}

function standOf({ role, epoch, leader, isServing }: Standing): Stand {
  return { role: shownRole(role), epoch, leader, isServing };
}

function isSameStand({ role, epoch, leader, isServing }: Standing, stand: Stand): boolean {
  const isSamePlace = shownRole(role) === stand.role && leader === stand.leader;
  return isSamePlace && epoch === stand.epoch && isServing === stand.isServing;
}

/** Whoever serves alone is none of an ensemble. */
function shownRole(role: Standing['role']): Stand['role'] {
  return role === 'alone' ? 'looking' : role;
}

function* recordsIn(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; ) {
    const start = at + LOG_RECORD_HEAD_BYTES;
    const length = int32At(bytes, start - 4);
    yield bytes.subarray(start, start + length);
    at += length + LOG_RECORD_EXTRA_BYTES;
  }
}

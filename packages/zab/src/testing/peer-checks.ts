/**
 * What must hold in a simulated world of peers, whatever fails: looked at when it happens, from
 * outside, with sight of every disk and every packet. The numbers are those of the invariants in the
 * README. Whoever breaks one gets an error with a sentence.
 */
import {
  decodeAckEpoch,
  type Ensemble,
  formatZxid,
  JuteReader,
  PacketType,
  type PacketView,
  QuorumPacketScanner,
  type ServerId,
  type Zxid,
  zxidCounter,
  zxidEpoch,
  zxidOf,
} from '@zabra/wire';
import type { Standpoint } from '../contract.ts';
import { quorumOf } from '../quorum/ensemble-quorum.ts';
import { highOf, isSuccessor, lowOf } from '../zxid-halves.ts';
import { type Image, lastZxid, type StoredRecord } from './fake-disk.ts';
import type { FakeReplica, ReplicaWitness } from './fake-replica.ts';
import { SnapshotTaker } from './fake-snapshot.ts';
import type { PeerServer, WireWitness } from './peer-server.ts';

/** A connection between a learner and who it takes for its leader. */
interface Connection {
  readonly learner: PeerServer;
  readonly leader: PeerServer;
  readonly fromLearner: QuorumPacketScanner;
  readonly fromLeader: QuorumPacketScanner;
  taker: SnapshotTaker | null;
  epoch: number;
  /** The last zxid that the learner says it has. */
  claimed: Zxid;
  readonly proposed: Set<Zxid>;
  /** Of those, what stood before NEWLEADER. */
  history: readonly Zxid[] | null;
  hasSworn: boolean;
}

/** A proposal as it was made, and whose quorums it needs. */
interface Proposed {
  readonly record: StoredRecord;
  readonly ensembles: readonly Ensemble[];
}

const PACKET_BYTES_MAX = 1 << 20;

export class PeerChecks implements ReplicaWitness, WireWitness {
  /** Everything that was ever delivered, in order. */
  readonly agreed: StoredRecord[] = [];
  readonly lines: string[] = [];
  reigns = 0;
  joins = 0;
  syncs = 0;
  readonly ways: Record<string, number> = {};
  readonly #servers: () => Iterable<PeerServer>;
  readonly #disks: () => Iterable<readonly [id: ServerId, image: Image]>;
  readonly #proposed = new Map<Zxid, Proposed>();
  readonly #leaders = new Map<number, string>();
  readonly #delivered = new Map<FakeReplica, number>();
  readonly #stored = new Map<PeerServer, Image>();
  readonly #connections = new Map<string, Connection>();
  readonly #reader = new JuteReader();

  constructor(
    servers: () => Iterable<PeerServer>,
    disks: () => Iterable<readonly [id: ServerId, image: Image]>,
  ) {
    this.#servers = servers;
    this.#disks = disks;
  }

  trace(line: string): void {
    this.lines.push(line);
  }

  // Logs and states.

  proposed(replica: FakeReplica, record: StoredRecord): void {
    const known = this.#proposed.get(record.zxid);
    check(known === undefined, `I1: ${formatZxid(record.zxid)} is proposed twice`);
    const { committed, next } = replica.disk.told;
    const isJoint = next !== null && next.version > committed.version;
    this.#proposed.set(record.zxid, {
      record,
      ensembles: isJoint ? [committed, next] : [committed],
    });
  }

  /** I3 to I8: one list of delivered records, of which every server has a first part. */
  committed(replica: FakeReplica, zxid: Zxid): void {
    const { records } = replica;
    let count = this.#delivered.get(replica) ?? 0;
    for (; count < records.length && records[count]!.zxid <= zxid; count += 1) {
      const record = records[count]!;
      if (count === this.agreed.length) this.#agree(replica, record);
      check(isSame(record, this.agreed[count]!), () => {
        const [one, other] = [formatZxid(record.zxid), formatZxid(this.agreed[count]!.zxid)];
        return `I3: server ${replica.id} delivers ${one}, another has delivered ${other}`;
      });
    }
    this.#delivered.set(replica, count);
  }

  /** I13 and I18: by quorums of those configurations that are not replaced by now. */
  #agree(replica: FakeReplica, record: StoredRecord): void {
    const made = this.#proposed.get(record.zxid);
    check(made !== undefined && isSame(made.record, record), () => {
      return `I4: ${formatZxid(record.zxid)} is delivered as nobody proposed it`;
    });
    const having = new Set<ServerId>();
    for (const [id, image] of this.#disks()) {
      const stored = image.records[this.agreed.length];
      if (stored !== undefined && isSame(stored, record)) having.add(id);
    }
    const { committed } = replica.disk.told;
    const ruling = made.ensembles.filter(({ version }) => version >= committed.version);
    for (const ensemble of ruling.length === 0 ? [committed] : ruling) {
      check(quorumOf(ensemble).contains(having), () => {
        return `I13: ${formatZxid(record.zxid)} is committed, and on the disks of ${[...having]} only`;
      });
    }
    this.agreed.push(record);
  }

  standpoint(replica: FakeReplica, standpoint: Standpoint): void {
    if (standpoint.role === 'looking' || !standpoint.isServing) return;
    if (standpoint.role === 'leading') this.#checkReign(replica, standpoint.epoch);
    else this.#checkJoin(replica, standpoint.leader, standpoint.epoch);
  }

  #checkReign(replica: FakeReplica, epoch: number): void {
    this.reigns += 1;
    const known = this.#leaders.get(epoch);
    check(known === undefined, `I1: ${replica.id} leads in epoch ${epoch}, as ${known} did`);
    this.#leaders.set(epoch, `${replica.id}`);
    for (const [i, record] of this.agreed.entries()) {
      const own = replica.records[i];
      check(own !== undefined && isSame(own, record), () => {
        return `I9: ${replica.id} leads in epoch ${epoch} without ${formatZxid(record.zxid)}`;
      });
    }
  }

  #checkJoin(replica: FakeReplica, leader: ServerId, epoch: number): void {
    this.joins += 1;
    for (const server of this.#servers()) {
      const { standpoint, records } = server.replica;
      if (server.sid !== leader || standpoint.role !== 'leading') continue;
      if (standpoint.epoch !== epoch) continue;
      for (const [i, { zxid }] of replica.records.entries()) {
        check(records[i]?.zxid === zxid, () => {
          return `I16: ${replica.id} follows ${leader} with ${formatZxid(zxid)} of its own`;
        });
      }
    }
  }

  synced(replica: FakeReplica, askedAt: number): void {
    this.syncs += 1;
    const delivered = this.#delivered.get(replica) ?? 0;
    check(delivered >= askedAt, () => {
      return `S-24: a sync of ${replica.id} is answered after ${delivered} records of ${askedAt}`;
    });
  }

  /** I10 and I11, on disk, at every instant. */
  stored(server: PeerServer): void {
    const { image } = server.replica.disk;
    const before = this.#stored.get(server);
    this.#stored.set(server, image);
    const { id } = server;
    check(image.accepted >= image.current, `I10: ${id} has adopted an epoch it has not accepted`);
    const last = lastZxid(image);
    check(
      image.accepted >= zxidEpoch(last),
      `I10: ${id} has records of an epoch it never accepted`,
    );
    const [one, other] = image.records.slice(-2);
    if (one !== undefined && other !== undefined) {
      const isNext = isSuccessor(
        highOf(one.zxid),
        lowOf(one.zxid),
        highOf(other.zxid),
        lowOf(other.zxid),
      );
      check(
        isNext,
        () => `I11: ${id} has ${formatZxid(other.zxid)} behind ${formatZxid(one.zxid)}`,
      );
    }
    if (before === undefined) return;
    check(image.accepted >= before.accepted, `I11: an accepted epoch of ${id} falls`);
    check(image.current >= before.current, `I11: a current epoch of ${id} falls`);
  }

  // Packets.

  connected(learner: PeerServer, link: number, leader: PeerServer, leaderLink: number): void {
    const connection: Connection = {
      learner,
      leader,
      fromLearner: new QuorumPacketScanner(PACKET_BYTES_MAX),
      fromLeader: new QuorumPacketScanner(PACKET_BYTES_MAX),
      taker: null,
      epoch: 0,
      claimed: 0n as Zxid,
      proposed: new Set(),
      history: null,
      hasSworn: false,
    };
    this.#connections.set(keyOf(learner, link), connection);
    this.#connections.set(keyOf(leader, leaderLink), connection);
  }

  sent(server: PeerServer, link: number, pieces: readonly Uint8Array[]): void {
    const connection = this.#connections.get(keyOf(server, link));
    if (connection === undefined) return;
    const isLeader = connection.leader === server;
    const scanner = isLeader ? connection.fromLeader : connection.fromLearner;
    for (const piece of pieces) {
      scanner.push(piece);
      for (let step = scanner.next(); step !== 'more'; step = scanner.next()) {
        check(step !== 'bad', `${server.id} sends what is no packet`);
        if (step === 'snapshot') this.#onPiece(connection);
        else if (isLeader) this.#onLeaderPacket(connection, scanner.packet);
        else this.#onLearnerPacket(connection, scanner.packet);
      }
    }
  }

  #onPiece(connection: Connection): void {
    const { fromLeader } = connection;
    const step = connection.taker!.take(fromLeader.piece);
    if (typeof step === 'object') fromLeader.endSnapshot(step.byteCount);
  }

  #onLeaderPacket(connection: Connection, packet: PacketView): void {
    const { leader, proposed } = connection;
    const { image } = leader.replica.disk;
    const { zxid } = packet;
    switch (packet.type) {
      case PacketType.LeaderInfo:
        connection.epoch = packet.zxidHigh;
        check(image.accepted >= packet.zxidHigh, `I12: ${leader.id} names an epoch it may forget`);
        return;
      case PacketType.Diff:
        this.#count('diff');
        return;
      case PacketType.Trunc:
        this.#count('trunc');
        return;
      case PacketType.Snap:
        this.#count('snap');
        check(zxid > connection.claimed, () => {
          return `12.3: ${leader.id} sends a snapshot of ${formatZxid(zxid)} to who has more`;
        });
        connection.taker = new SnapshotTaker();
        connection.fromLeader.beginSnapshot();
        return;
      case PacketType.Proposal:
      case PacketType.Inform:
      case PacketType.InformAndActivate:
        proposed.add(zxid);
        return;
      case PacketType.Commit:
      case PacketType.CommitAndActivate:
        check(proposed.has(zxid), `I15: ${leader.id} commits what it has not proposed`);
        return;
      case PacketType.NewLeader:
        connection.history = [...proposed];
        check(image.current >= packet.zxidHigh, `I12: ${leader.id} may forget that it leads`);
        return;
      case PacketType.UpToDate:
        check(this.#mayCallUpToDate(leader, connection.epoch), () => {
          return `I2: ${leader.id} calls a learner up to date too early`;
        });
        return;
      default:
    }
  }

  /** A follower that feeds observers says so after its leader has. */
  #mayCallUpToDate({ id, peer }: PeerServer, epoch: number): boolean {
    const leader = this.#leaders.get(epoch);
    return peer.standpoint.role === 'following' ? leader !== undefined : leader === `${id}`;
  }

  /** I12: what a learner says it has is on its disk at that moment. */
  #onLearnerPacket(connection: Connection, packet: PacketView): void {
    const { learner } = connection;
    const { image } = learner.replica.disk;
    const { zxid } = packet;
    switch (packet.type) {
      case PacketType.FollowerInfo:
      case PacketType.ObserverInfo:
        check(packet.zxidHigh <= image.accepted, `I12: ${learner.id} may forget what it accepted`);
        return;
      case PacketType.AckEpoch: {
        const ack = decodeAckEpoch(packet.read(this.#reader))!;
        connection.claimed = zxid;
        check(image.accepted >= connection.epoch, `I12: ${learner.id} may forget its promise`);
        check(lastZxid(image) >= zxid, `S-14: ${learner.id} has not got what it says it has`);
        check(ack.currentEpoch <= image.current, `I12: ${learner.id} says it is further`);
        return;
      }
      case PacketType.Ack:
        if (zxidCounter(zxid) !== 0) this.#checkAck(learner, zxid);
        else this.#checkOath(connection, zxid);
        return;
      default:
    }
  }

  #checkAck(learner: PeerServer, zxid: Zxid): void {
    const { records } = learner.replica.disk.image;
    check(
      records.some((record) => record.zxid === zxid),
      () => {
        return `I12: ${learner.id} acknowledges ${formatZxid(zxid)}, which is not on its disk`;
      },
    );
  }

  #checkOath(connection: Connection, zxid: Zxid): void {
    const { learner, history } = connection;
    const { image } = learner.replica.disk;
    check(zxid === zxidOf(connection.epoch, 0), `${learner.id} swears to another epoch`);
    check(history !== null, `${learner.id} swears before it is asked`);
    check(image.current >= connection.epoch, `I12: ${learner.id} may forget whom it swore to`);
    const stored = new Set(image.records.map((record) => record.zxid));
    const missing = connection.hasSworn ? undefined : history.find((one) => !stored.has(one));
    connection.hasSworn = true;
    check(missing === undefined, () => {
      return `I12: ${learner.id} swears without ${formatZxid(missing!)} on its disk`;
    });
  }

  #count(way: string): void {
    this.ways[way] = (this.ways[way] ?? 0) + 1;
  }
}

function keyOf(server: PeerServer, link: number): string {
  return `${server.id}/${server.life}:${link}`;
}

function isSame(one: StoredRecord, other: StoredRecord): boolean {
  if (one.zxid !== other.zxid || one.bytes.length !== other.bytes.length) return false;
  return one.bytes.every((byte, i) => byte === other.bytes[i]);
}

function check(holds: boolean, sentence: string | (() => string)): asserts holds {
  if (!holds) throw new Error(typeof sentence === 'string' ? sentence : sentence());
}

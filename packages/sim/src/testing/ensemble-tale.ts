/**
 * Histories of an ensemble that nobody has lived, told fact by fact to those who judge. Every method
 * tells what good servers do; a test that wants one to be bad tells something else in between.
 */
import {
  asServerId,
  asZxid,
  type Ensemble,
  encodeTransaction,
  encodeUtf8,
  formatEnsemble,
  JuteWriter,
  Opcode,
  PacketType,
  zxidOf,
} from '@zabra/wire';
import { EnsembleJudge } from '../checkers/ensemble/ensemble-judge.ts';
import type { Packet, Stand, Survivor } from '../checkers/ensemble/facts.ts';

export interface TaleOptions {
  readonly voters?: readonly number[];
  readonly observers?: readonly number[];
}

const TICK_MS = 1000;
const SYNC_LIMIT_TICKS = 5;
const NOTHING: Survivor = { acceptedEpoch: 0, currentEpoch: 0, end: 0n, problem: null };

export class EnsembleTale {
  readonly judge: EnsembleJudge;
  readonly disks: Map<number, Survivor> = new Map();
  readonly #records = new Map<bigint, Uint8Array>();
  #connections = 0;

  constructor({ voters = [1, 2, 3], observers = [] }: TaleOptions = {}) {
    const limits = { tickMs: TICK_MS, syncLimitTicks: SYNC_LIMIT_TICKS };
    this.judge = new EnsembleJudge(ensembleOf(voters, observers), limits);
    for (const server of [...voters, ...observers]) this.start(server);
  }

  get violations(): readonly string[] {
    return this.judge.violations;
  }

  // One fact each.

  start(server: number): void {
    const disk = this.disks.get(server) ?? NOTHING;
    this.disks.set(server, disk);
    this.judge.hear({ kind: 'started', server, disk });
  }

  die(server: number): void {
    this.judge.hear({ kind: 'died', server });
  }

  /** Its disk is empty from now on. */
  forget(server: number): void {
    this.lose(server, NOTHING);
  }

  /** Its disk is another from now on, and what it has promised is not certain. */
  lose(server: number, what: Partial<Survivor>): void {
    this.die(server);
    this.disks.set(server, { ...this.disks.get(server)!, ...what });
    this.judge.hear({ kind: 'forgot', server });
    this.start(server);
  }

  failDisk(server: number): void {
    this.judge.hear({ kind: 'diskFailed', server });
  }

  store(server: number, what: Partial<Survivor>): void {
    const before = this.disks.get(server)!;
    const disk = { ...before, ...what };
    if (disk.acceptedEpoch !== before.acceptedEpoch) this.#ask(server, 'accepted');
    if (disk.currentEpoch !== before.currentEpoch) this.#ask(server, 'current');
    this.disks.set(server, disk);
    this.judge.hear({ kind: 'stored', server, disk });
  }

  stand(server: number, stand: Partial<Stand> & Pick<Stand, 'role'>): void {
    const whole = { epoch: 0, leader: -1, isServing: false, ...stand };
    this.judge.hear({ kind: 'stands', server, stand: whole });
  }

  connect(learner: number, leader: number): number {
    this.#connections += 1;
    const connection = this.#connections;
    this.judge.hear({ kind: 'connected', connection, learner, leader });
    return connection;
  }

  send(connection: number, isLeaders: boolean, packet: Partial<Packet>): void {
    this.judge.hear({ kind: 'sent', connection, isLeaders, packet: whole(packet) });
  }

  receive(connection: number, isLeaders: boolean, packet: Partial<Packet>): void {
    this.judge.hear({ kind: 'received', connection, isLeaders, packet: whole(packet) });
  }

  /** Sent, and received at once. */
  say(connection: number, isLeaders: boolean, packet: Partial<Packet>): void {
    this.send(connection, isLeaders, packet);
    this.receive(connection, isLeaders, packet);
  }

  /** Its disk is told that this configuration rules. */
  configure(server: number, ensemble: Ensemble): void {
    this.judge.hear({ kind: 'configured', server, ensemble });
  }

  vote(server: number, zxid: bigint, peerEpoch: number, leader: number = server): void {
    const vote = { isLooking: true, leader, zxid, round: 1n, peerEpoch: BigInt(peerEpoch) };
    this.judge.hear({ kind: 'voted', server, vote });
  }

  log(server: number, zxid: bigint, record: Uint8Array = this.record(zxid)): void {
    this.judge.hear({ kind: 'logged', server, record });
  }

  cut(server: number, zxid: bigint): void {
    this.judge.hear({ kind: 'cut', server, zxid });
    this.store(server, { end: zxid });
  }

  apply(server: number, zxid: bigint, digest: bigint = zxid): void {
    this.judge.hear({ kind: 'applied', server, zxid, digest });
  }

  turn(server: number, monotonicMs: number): void {
    this.judge.hear({ kind: 'turned', server, monotonicMs });
  }

  // What good servers do.

  /** An epoch is found and promised; the connections of the followers. */
  discover(epoch: number, leader: number, followers: readonly number[]): number[] {
    this.stand(leader, { role: 'leading' });
    const connections = followers.map((follower) => this.introduce(follower, leader));
    this.store(leader, { acceptedEpoch: epoch });
    this.stand(leader, { role: 'leading', epoch });
    for (const [i, connection] of connections.entries()) {
      this.promise(connection, followers[i]!, leader, epoch);
    }
    return connections;
  }

  introduce(follower: number, leader: number): number {
    this.stand(follower, { role: 'following', leader });
    const connection = this.connect(follower, leader);
    const { acceptedEpoch } = this.disks.get(follower)!;
    this.say(connection, false, { type: PacketType.FollowerInfo, zxid: zxidOf(acceptedEpoch, 0) });
    return connection;
  }

  promise(connection: number, follower: number, leader: number, epoch: number): void {
    const { end, currentEpoch } = this.disks.get(follower)!;
    this.say(connection, true, { type: PacketType.LeaderInfo, zxid: zxidOf(epoch, 0) });
    this.store(follower, { acceptedEpoch: epoch });
    this.stand(follower, { role: 'following', leader, epoch });
    this.say(connection, false, { type: PacketType.AckEpoch, zxid: end, currentEpoch });
  }

  /** Everybody gets what they lack, from this record on, and swears. */
  unite(
    connections: readonly number[],
    epoch: number,
    leader: number,
    followers: readonly number[],
    lacking: readonly bigint[] = [],
  ): void {
    this.store(leader, { currentEpoch: epoch });
    for (const [i, connection] of connections.entries()) {
      this.say(connection, true, { type: PacketType.Diff, zxid: this.disks.get(leader)!.end });
      for (const zxid of lacking) this.propose(connection, zxid, followers[i]!);
      this.say(connection, true, { type: PacketType.NewLeader, zxid: zxidOf(epoch, 0) });
      this.store(followers[i]!, { currentEpoch: epoch });
      this.say(connection, false, { type: PacketType.Ack, zxid: zxidOf(epoch, 0) });
    }
  }

  serve(
    connections: readonly number[],
    epoch: number,
    leader: number,
    followers: readonly number[],
  ): void {
    this.stand(leader, { role: 'leading', epoch, isServing: true });
    for (const [i, connection] of connections.entries()) {
      this.say(connection, true, { type: PacketType.UpToDate, zxid: -1n });
      this.stand(followers[i]!, { role: 'following', leader, epoch, isServing: true });
    }
  }

  /** From an election to a term that serves. */
  reign(epoch: number, leader: number, followers: readonly number[]): number[] {
    const connections = this.discover(epoch, leader, followers);
    this.unite(connections, epoch, leader, followers);
    this.serve(connections, epoch, leader, followers);
    return connections;
  }

  /** A leader's own part of a proposal. */
  begin(leader: number, zxid: bigint, isDurable = true): void {
    this.log(leader, zxid);
    if (isDurable) this.store(leader, { end: zxid });
  }

  /** A follower is sent a record and puts it on its disk. */
  propose(connection: number, zxid: bigint, follower: number): void {
    this.say(connection, true, { type: PacketType.Proposal, zxid, record: this.record(zxid) });
    this.log(follower, zxid);
    this.store(follower, { end: zxid });
  }

  acknowledge(connection: number, zxid: bigint): void {
    this.say(connection, false, { type: PacketType.Ack, zxid });
  }

  commit(connection: number, zxid: bigint): void {
    this.say(connection, true, { type: PacketType.Commit, zxid });
  }

  /** A record from its proposal to its delivery by the leader and these followers. */
  agree(
    zxid: bigint,
    leader: number,
    connections: readonly number[],
    followers: readonly number[],
  ): void {
    this.begin(leader, zxid);
    for (const [i, connection] of connections.entries()) {
      this.propose(connection, zxid, followers[i]!);
      this.acknowledge(connection, zxid);
    }
    for (const connection of connections) this.commit(connection, zxid);
    for (const server of [leader, ...followers]) this.apply(server, zxid);
  }

  #ask(server: number, what: 'accepted' | 'current'): void {
    this.judge.hear({ kind: 'asked', server, what });
  }

  /** The record of this zxid makes these the voters, and nobody else a member. */
  changeMembers(zxid: bigint, voters: readonly number[]): Ensemble {
    const ensemble = ensembleOf(voters, [], zxid);
    const data = encodeUtf8(formatEnsemble(ensemble));
    const writer = new JuteWriter(256);
    encodeTransaction(writer, {
      header: { clientId: 1n as never, cxid: 1, zxid: asZxid(zxid), time: 0n },
      record: { type: Opcode.Reconfig, body: { path: '/zookeeper/config', data, version: -1 } },
      digest: null,
    });
    this.#records.set(zxid, writer.finish());
    return ensemble;
  }

  /** The record of a zxid; another one by another name. */
  record(zxid: bigint, path = `/${zxid}`): Uint8Array {
    const known = this.#records.get(zxid);
    if (known !== undefined && path === `/${zxid}`) return known;
    const writer = new JuteWriter(64);
    encodeTransaction(writer, {
      header: { clientId: 1n as never, cxid: 1, zxid: asZxid(zxid), time: 0n },
      record: { type: Opcode.Delete, body: { path } },
      digest: null,
    });
    const bytes = writer.finish();
    if (path === `/${zxid}`) this.#records.set(zxid, bytes);
    return bytes;
  }
}

function whole(packet: Partial<Packet>): Packet {
  return { type: 0, zxid: -1n, record: null, currentEpoch: null, ...packet };
}

export function ensembleOf(
  voters: readonly number[],
  observers: readonly number[] = [],
  version = 0n,
): Ensemble {
  const member = (id: number, role: 'participant' | 'observer'): Ensemble['members'][number] => ({
    id: asServerId(BigInt(id)),
    role,
    addresses: [{ host: `m${id}`, quorumPort: 2888, electionPort: 3888 }],
    client: null,
    secureClient: null,
  });
  return {
    members: [
      ...voters.map((id) => member(id, 'participant')),
      ...observers.map((id) => member(id, 'observer')),
    ],
    groups: [],
    weights: [],
    version,
  };
}

/**
 * What follows from the facts so far: what each server's log and disk hold, which terms there were
 * and who has sworn to them, what was said on each connection, and what is agreed. It takes every
 * fact as it is and judges nothing; whoever judges looks at it before the fact is taken in.
 */
import { type Ensemble, PacketType } from '@zabra/wire';
import { Chain, type Entry, isWithin, upTo, zxidOfRecord } from './chain.ts';
import type { Fact, Said, Stand, Survivor, Vote } from './facts.ts';

export interface ServerView {
  readonly id: number;
  isAlive: boolean;
  stand: Stand;
  /** What its log ends with once its disk has done all it was told. */
  told: Entry;
  /** The snapshot that its leader sends it instead of a log. */
  installs: bigint | null;
  /** What would survive, and the history in it. */
  disk: Survivor;
  durable: Entry;
  /** What it has promised may be lost, and nobody has filled it anew. */
  isForgetful: boolean;
  /** What it had promised when that befell it. */
  promisedEpoch: number;
  hasFailedDisk: boolean;
  /** Which configuration rules, as far as it knows; null for the one of its own files. */
  ruling: Ensemble | null;
  /** What it has served last, in this life. */
  delivered: Entry | null;
  /** With what it has voted in this life. */
  ballots: Set<string>;
}

interface Pledge {
  readonly zxid: bigint;
  readonly currentEpoch: number;
  /** Whoever made it may have forgotten an earlier one. */
  readonly isHollow: boolean;
}

/** An epoch under one leader, from the moment on at which it has given it a name. */
export interface Term {
  readonly epoch: number;
  readonly leader: number;
  readonly historyEnd: Entry;
  /** Of the leader, when it began. */
  readonly formerEpoch: number;
  /** Those who have answered the epoch with something new. */
  readonly promises: Map<number, Pledge>;
  readonly sworn: Set<number>;
  /** The last counter that each has acknowledged. */
  readonly acknowledged: Map<number, number>;
  isDeclared: boolean;
  isEstablished: boolean;
  /** A proposal may leave before the leader's own disk is told of it. */
  proposed: Entry;
  committed: Entry;
  /** The last that any learner was told is committed. */
  told: Entry;
}

/** A configuration that has ruled from the beginning of a term on. */
export interface Upheld {
  readonly epoch: number;
  readonly ensemble: Ensemble;
}

/** What was said on a connection. */
export interface Talk {
  readonly learner: number;
  readonly leader: number;
  /** That of LEADERINFO; 0 before. */
  epoch: number;
  /** What the learner says it has, null before. */
  claimed: bigint | null;
  /** Whether it may have forgotten an earlier promise when it gave this one. */
  isPromiseHollow: boolean;
  /** The last record that the learner has or was sent; null before its leader has said how. */
  sent: Entry | null;
  /** What stood before NEWLEADER. */
  history: Entry | null;
  /** The last record that it was told is committed. */
  committed: Entry | null;
}

const LOOKING: Stand = { role: 'looking', epoch: 0, leader: -1, isServing: false };
const NO_PROMISE = -1;
const NO_DISK: Survivor = { acceptedEpoch: 0, currentEpoch: 0, end: 0n, problem: null };

export class Known {
  readonly chain: Chain;
  readonly servers: Map<number, ServerView> = new Map();
  readonly talks: Map<number, Talk> = new Map();
  readonly terms: Term[] = [];
  /** Configurations whose records are lost, and that leaders have brought to rule all the same. */
  readonly upheld: Upheld[] = [];
  /** What has been decided; every history of a later leader begins with it. */
  agreed: Entry;

  constructor(ensemble: Ensemble) {
    this.chain = new Chain(ensemble);
    this.agreed = this.chain.root;
  }

  server(id: number): ServerView {
    let server = this.servers.get(id);
    if (server === undefined) {
      const { root } = this.chain;
      server = {
        id,
        isAlive: false,
        stand: LOOKING,
        told: root,
        installs: null,
        disk: NO_DISK,
        durable: root,
        isForgetful: false,
        promisedEpoch: 0,
        hasFailedDisk: false,
        ruling: null,
        delivered: null,
        ballots: new Set(),
      };
      this.servers.set(id, server);
    }
    return server;
  }

  termOf(epoch: number, leader: number): Term | undefined {
    return this.terms.findLast((term) => term.epoch === epoch && term.leader === leader);
  }

  /** The last term of a server, over or not. */
  lastTermOf(id: number): Term | undefined {
    return this.terms.findLast(({ leader }) => leader === id);
  }

  /** Whether a configuration rules or has ruled; the first version is but a name for the first one. */
  hasRuled({ version }: Ensemble): boolean {
    if (isBeginning(version)) return true;
    if (this.upheld.some(({ ensemble }) => ensemble.version === version)) return true;
    const entry = this.chain.entryOf(version);
    return entry !== undefined && isWithin(entry, this.agreed);
  }

  /** Whether a leader cannot have it from its history, but from its disk alone. */
  isUpheld({ version }: Ensemble, term: Term): boolean {
    const entry = this.chain.entryOf(version);
    if (entry === undefined) return true;
    return entry.epoch < term.epoch && !isWithin(entry, term.historyEnd);
  }

  /** The term in which a server leads now. */
  reignOf(id: number): Term | undefined {
    const { stand } = this.server(id);
    return stand.role === 'leading' ? this.termOf(stand.epoch, id) : undefined;
  }

  /** Those of a term who have sworn, and have this record on their disks as they have said. */
  holders(term: Term, entry: Entry): Set<number> {
    const counter = entry.epoch === term.epoch ? entry.counter : 0;
    const those = new Set<number>();
    for (const id of term.sworn) {
      if ((term.acknowledged.get(id) ?? 0) < counter) continue;
      const { durable, isForgetful } = this.server(id);
      if (isForgetful || isWithin(entry, durable)) those.add(id);
    }
    const own = this.server(term.leader);
    if (own.disk.currentEpoch >= term.epoch && isWithin(entry, own.durable)) those.add(term.leader);
    return those;
  }

  learn(fact: Fact): void {
    switch (fact.kind) {
      case 'started':
        this.#learnStart(fact.server, fact.disk);
        break;
      case 'died':
        this.#learnDeath(this.server(fact.server));
        break;
      case 'forgot':
        this.server(fact.server).isForgetful = true;
        this.server(fact.server).promisedEpoch = this.server(fact.server).disk.acceptedEpoch;
        break;
      case 'diskFailed':
        this.server(fact.server).hasFailedDisk = true;
        break;
      case 'configured':
        this.#learnConfigured(this.server(fact.server), fact.ensemble);
        break;
      case 'connected':
        this.#learnTalk(fact.connection, fact.learner, fact.leader);
        break;
      case 'sent':
        if (fact.isLeaders) this.#learnLeadersWord(fact);
        else this.#learnLearnersWord(fact);
        break;
      case 'received':
        if (fact.isLeaders) this.#learnArrivalAtLearner(fact);
        else this.#learnArrival(fact);
        break;
      case 'logged':
        this.#learnLogged(this.server(fact.server), fact.record);
        break;
      case 'cut':
        this.server(fact.server).told = upTo(this.server(fact.server).told, fact.zxid);
        break;
      case 'snapshot':
        this.#learnSnapshot(this.server(fact.server), fact.zxid);
        break;
      case 'stored':
        this.#learnStored(this.server(fact.server), fact.disk);
        break;
      case 'stands':
        this.#learnStand(this.server(fact.server), fact.stand);
        break;
      case 'applied':
        this.#learnApplied(this.server(fact.server), fact.zxid, fact.digest);
        break;
      case 'voted':
        this.server(fact.server).ballots.add(ballotOf(fact.vote));
        break;
      default:
    }
  }

  // Inside: servers.

  #learnStart(id: number, disk: Survivor): void {
    const server = this.server(id);
    server.isAlive = true;
    server.stand = LOOKING;
    server.hasFailedDisk = false;
    server.installs = null;
    server.delivered = null;
    server.ballots = new Set();
    const before = { ...server };
    this.#learnDisk(server, disk);
    server.told = server.durable;
    // Not all that befalls a disk takes what matters.
    if (hasAll(server, before)) server.isForgetful = false;
  }

  #learnDeath(server: ServerView): void {
    server.isAlive = false;
    server.stand = LOOKING;
  }

  /** Who is the first to go by a configuration has decided on it. */
  #learnConfigured(server: ServerView, ensemble: Ensemble | null): void {
    server.ruling = ensemble;
    const term = this.lastTermOf(server.id);
    if (ensemble === null || term === undefined || this.hasRuled(ensemble)) return;
    this.#establish(term);
    if (this.isUpheld(ensemble, term)) {
      const { historyEnd, epoch } = term;
      this.upheld.push({ epoch, ensemble });
      const previous = historyEnd.configuration;
      historyEnd.configuration = { ensemble, entry: historyEnd, previous };
    } else this.#commit(term, this.chain.entryOf(ensemble.version)!);
  }

  #learnStored(server: ServerView, disk: Survivor): void {
    // It has all of a history that a quorum without it has chosen.
    if (disk.currentEpoch > server.disk.currentEpoch) server.isForgetful = false;
    this.#learnDisk(server, disk);
  }

  #learnDisk(server: ServerView, disk: Survivor): void {
    server.disk = disk;
    server.durable = this.chain.entryOf(disk.end) ?? server.durable;
  }

  #learnLogged(server: ServerView, record: Uint8Array): void {
    const zxid = zxidOfRecord(record);
    const entry = this.chain.entryOf(zxid);
    if (entry !== undefined) {
      server.told = entry;
      return;
    }
    const term = this.termOf(Number(zxid >> 32n), server.id);
    if (term === undefined) server.told = this.chain.add(record, server.told);
    else server.told = this.#propose(term, record);
  }

  /** One that a leader has sent replaces the log; any other is of what the server has itself. */
  #learnSnapshot(server: ServerView, zxid: bigint): void {
    if (server.installs !== zxid) return;
    server.installs = null;
    server.told = this.chain.entryOf(zxid) ?? server.told;
  }

  #learnStand(server: ServerView, stand: Stand): void {
    server.stand = stand;
    if (stand.role !== 'leading' || stand.epoch === 0) return;
    const term = this.termOf(stand.epoch, server.id) ?? this.#beginTerm(server, stand.epoch);
    if (stand.isServing) this.#establish(term);
  }

  #establish(term: Term): void {
    if (term.isEstablished) return;
    term.isEstablished = true;
    this.#agree(term.historyEnd);
  }

  #beginTerm(server: ServerView, epoch: number): Term {
    const term: Term = {
      epoch,
      leader: server.id,
      historyEnd: server.told,
      formerEpoch: server.disk.currentEpoch,
      promises: new Map(),
      sworn: new Set(),
      acknowledged: new Map(),
      isDeclared: false,
      isEstablished: false,
      proposed: server.told,
      committed: server.told,
      told: server.told,
    };
    this.terms.push(term);
    if (this.chain.entryOf(BigInt(epoch) << 32n) === undefined) {
      this.chain.beginEpoch(epoch, server.told);
    }
    return term;
  }

  #learnApplied(server: ServerView, zxid: bigint, digest: bigint): void {
    const entry = this.chain.entryOf(zxid);
    if (entry === undefined) return;
    // The tree behind a hole in a log is nobody's.
    if (server.disk.problem === null || server.stand.isServing) entry.digest ??= digest;
    if (!server.stand.isServing) return;
    server.delivered = entry;
    const term = this.reignOf(server.id);
    if (term !== undefined) this.#commit(term, entry);
  }

  // Inside: connections.

  #learnTalk(connection: number, learner: number, leader: number): void {
    this.talks.set(connection, {
      learner,
      leader,
      epoch: 0,
      claimed: null,
      isPromiseHollow: false,
      sent: null,
      history: null,
      committed: null,
    });
  }

  #learnLeadersWord({ connection, packet }: Said): void {
    const talk = this.talks.get(connection);
    if (talk === undefined) return;
    const { zxid } = packet;
    const term = this.termOf(talk.epoch, talk.leader);
    switch (packet.type) {
      case PacketType.LeaderInfo:
        talk.epoch = Number(zxid >> 32n);
        if (this.termOf(talk.epoch, talk.leader) === undefined) {
          this.#beginTerm(this.server(talk.leader), talk.epoch);
        }
        break;
      case PacketType.Diff:
        talk.sent = this.chain.entryOf(talk.claimed ?? 0n) ?? null;
        break;
      case PacketType.Trunc:
      case PacketType.Snap:
        if (term !== undefined) this.chain.beginEpoch(term.epoch, term.historyEnd);
        talk.sent = this.chain.entryOf(zxid) ?? null;
        break;
      case PacketType.Proposal:
        talk.sent = this.#recordSent(term, packet.record) ?? talk.sent;
        break;
      case PacketType.Inform:
      case PacketType.InformAndActivate:
        talk.sent = this.#recordSent(term, packet.record) ?? talk.sent;
        talk.committed = talk.sent;
        if (term !== undefined && talk.sent !== null) this.#commit(term, talk.sent);
        break;
      case PacketType.Commit:
      case PacketType.CommitAndActivate:
        talk.committed = this.chain.entryOf(zxid) ?? talk.committed;
        if (term !== undefined && talk.committed !== null) this.#tell(term, talk.committed);
        break;
      case PacketType.UpToDate:
        if (term !== undefined) this.#establish(term);
        break;
      case PacketType.NewLeader:
        talk.history = talk.sent;
        if (term !== undefined) term.isDeclared = true;
        break;
      default:
    }
  }

  #recordSent(term: Term | undefined, record: Uint8Array | null): Entry | null {
    if (record === null) return null;
    const known = this.chain.entryOf(zxidOfRecord(record));
    if (known !== undefined || term === undefined) return known ?? null;
    return this.#propose(term, record);
  }

  #propose(term: Term, record: Uint8Array): Entry {
    term.proposed = this.chain.add(record, term.proposed);
    return term.proposed;
  }

  #learnLearnersWord({ connection, packet }: Said): void {
    const talk = this.talks.get(connection);
    if (talk === undefined) return;
    const learner = this.server(talk.learner);
    if (packet.type === PacketType.AckEpoch) {
      talk.claimed = packet.zxid;
      talk.isPromiseHollow = learner.isForgetful;
    } else if (packet.type === PacketType.Ack && isBeginning(packet.zxid)) {
      if (isFilled(learner, talk)) learner.isForgetful = false;
    }
  }

  #learnArrivalAtLearner({ connection, packet }: Said): void {
    const talk = this.talks.get(connection);
    if (talk === undefined || packet.type !== PacketType.Snap) return;
    this.server(talk.learner).installs = packet.zxid;
  }

  #learnArrival({ connection, packet }: Said): void {
    if (packet.type !== PacketType.AckEpoch && packet.type !== PacketType.Ack) return;
    const talk = this.talks.get(connection);
    const term = talk === undefined ? undefined : this.termOf(talk.epoch, talk.leader);
    if (talk === undefined || term === undefined) return;
    const { zxid, currentEpoch } = packet;
    if (packet.type === PacketType.AckEpoch) {
      if (currentEpoch !== null && currentEpoch !== NO_PROMISE && zxid !== -1n) {
        term.promises.set(talk.learner, { zxid, currentEpoch, isHollow: talk.isPromiseHollow });
      }
    } else if (Number(zxid >> 32n) === term.epoch) {
      if (isBeginning(zxid)) term.sworn.add(talk.learner);
      const counter = Number(zxid & 0xffffffffn);
      const before = term.acknowledged.get(talk.learner) ?? 0;
      if (counter > before) term.acknowledged.set(talk.learner, counter);
    }
  }

  // Inside: what is agreed.

  #tell(term: Term, entry: Entry): void {
    if (isWithin(term.told, entry)) term.told = entry;
    this.#commit(term, entry);
  }

  #commit(term: Term, entry: Entry): void {
    // What stands in the history of a leader that does not serve is agreed when it does.
    if (!term.isEstablished || !isWithin(term.committed, entry)) return;
    term.committed = entry;
    this.#agree(entry);
  }

  #agree(entry: Entry): void {
    if (isWithin(this.agreed, entry)) this.agreed = entry;
  }
}

/**
 * Whether a disk has all that its leader has, who lacks nothing that was agreed, and the promise that
 * was given before: be it in the epoch in which something was lost.
 */
function isFilled({ disk, durable, promisedEpoch }: ServerView, { history }: Talk): boolean {
  if (history === null || disk.problem !== null) return false;
  return disk.acceptedEpoch >= promisedEpoch && isWithin(history, durable);
}

/** Whether a disk has whatever it had before. */
function hasAll(now: ServerView, before: ServerView): boolean {
  const { acceptedEpoch, currentEpoch } = before.disk;
  if (now.disk.acceptedEpoch < acceptedEpoch || now.disk.currentEpoch < currentEpoch) return false;
  return now.disk.problem === null && isWithin(before.durable, now.durable);
}

export function ballotOf({ round, zxid, peerEpoch }: Vote): string {
  return `${round} ${zxid} ${peerEpoch}`;
}

/** Whether a zxid is that of the beginning of an epoch: acknowledged, it is an oath. */
export function isBeginning(zxid: bigint): boolean {
  return (zxid & 0xffffffffn) === 0n;
}

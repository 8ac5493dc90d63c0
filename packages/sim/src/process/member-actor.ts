/**
 * The replica that ships, as a machine's mind and a member of an ensemble: besides the door for
 * clients it has one for learners, open while it leads, and one for votes. It does what the body on
 * Node does, in the same order.
 */
import {
  type Database,
  type EnsembleDoor,
  type Membership,
  Recovery,
  Replica,
  type ReplicaSettings,
} from '@zabra/replica';
import { asServerId, assert, type Ensemble, type ServerId } from '@zabra/wire';
import type { DiskAnswer } from '../disk.ts';
import { type Actor, type Begetter, type Outlet, Port, type Standing } from './actor.ts';
import { ReplicaActor } from './replica-actor.ts';
import { StandpointStory } from './standpoint-story.ts';

type QuorumOutput = ReturnType<EnsembleDoor['takeQuorum']>[number];
type QuorumOrder = ReturnType<EnsembleDoor['takeQuorumOrders']>[number];
type ElectionOrder = ReturnType<EnsembleDoor['takeElectionOrders']>[number];

/** How a server takes part, but for what its own files and its place say. */
export interface MemberPlan {
  /** Who a machine's own files say the members are. */
  committedOf(host: number): Ensemble;
  readonly peer: Omit<Membership['peer'], 'id' | 'links'>;
  readonly leaderServes: boolean;
  /** Whether a machine serves readers while it has no leader. */
  servesReaders(host: number): boolean;
}

/** A call that has not been answered: to a leader, by the mind's number, or to a voter. */
type Call = { readonly dial: number } | { readonly to: ServerId };

const ELECTION_CALL_MS = 5000;
const GREETING_MS = 5000;

/** The machine of a member, and the member of a machine; a member's name says where it runs. */
export const memberName = (host: number): string => `m${host}`;
const hostOf = (name: string): number => Number(name.slice(1));

export function memberActors(
  settings: ReplicaSettings,
  plan: MemberPlan,
  idOf: (host: number) => number,
): Begetter {
  return ({ disk, monotonicMs, wallMs, host, life }) => {
    const { tree, hashKey, tickMs } = settings;
    const createRecovery = (): Recovery => new Recovery({ tree, hashKey, tickMs });
    const recovery = createRecovery();
    const data = disk.recoverMember(recovery, plan.committedOf(host));
    if (typeof data === 'string') return data;
    const database = recovery.finish();
    if (typeof database === 'string') return database;
    disk.onRebuild(createRecovery);
    const serverId = idOf(host);
    const id = asServerId(BigInt(serverId));
    const addresses = [{ host: memberName(host), port: 3888 }];
    const links = { addresses, form: 'v1', greetingMs: GREETING_MS } as const;
    const membership = {
      data,
      peer: { ...plan.peer, id, links },
      leaderServes: plan.leaderServes,
    };
    const seed = settings.seed + host * 1000 + life;
    const own = { seed, serverId, readOnlyMode: plan.servesReaders(host) };
    const replica = new Replica({ ...settings, ...own }, database, membership);
    replica.begin(monotonicMs, wallMs);
    replica.start(database.replayed > 0);
    return new MemberActor(replica);
  };
}

class MemberActor implements Actor {
  readonly #replica: Replica;
  readonly #door: EnsembleDoor;
  /** What it does for clients. */
  readonly #serving: ReplicaActor;
  readonly #story = new StandpointStory();
  /** Of the links to other servers, which door they are at. */
  readonly #ports = new Map<number, Port>();
  readonly #unsent = new Map<number, QuorumOutput[]>();
  readonly #calls = new Map<number, Call>();
  #nextCall = 1;
  /** Whose pieces are being handed out: it is not flushed before the last of them. */
  #sending = -1;
  /** The other side has ended, and so does this one. */
  #ended: number[] = [];
  #isListening = false;

  constructor(replica: Replica) {
    assert(replica.ensemble !== null, 'only a member has an ensemble');
    this.#replica = replica;
    this.#door = replica.ensemble;
    this.#serving = new ReplicaActor(replica);
  }

  begin(monotonicMs: number, wallMs: number): void {
    this.#replica.begin(monotonicMs, wallMs);
  }

  accepted(link: number, port: number, caller: number): void {
    if (port === Port.Client) {
      this.#serving.accepted(link, port, caller);
      return;
    }
    this.#ports.set(link, port as Port);
    if (port === Port.Quorum) this.#door.quorumOpened(link);
    else this.#door.electionOpened(link, null);
  }

  dialed(number: number, link: number): void {
    const call = this.#takeCall(number);
    if ('to' in call) {
      this.#ports.set(link, Port.Election);
      this.#door.electionOpened(link, call.to);
    } else {
      this.#ports.set(link, Port.Quorum);
      this.#door.dialed(call.dial, link);
    }
  }

  dialFailed(number: number): void {
    const call = this.#takeCall(number);
    if ('to' in call) this.#door.electionDialFailed(call.to);
    else this.#door.dialFailed(call.dial);
  }

  received(link: number, bytes: Uint8Array): void {
    const port = this.#ports.get(link);
    if (port === undefined) this.#serving.received(link, bytes);
    else if (port === Port.Quorum) this.#door.quorumReceived(link, bytes);
    else this.#door.electionReceived(link, bytes);
  }

  /** Servers never close one side only: who sends nothing more has gone. */
  ended(link: number): void {
    if (!this.#ports.has(link)) {
      this.#serving.ended(link);
      return;
    }
    this.#ended.push(link);
    this.closed(link);
  }

  closed(link: number): void {
    const port = this.#ports.get(link);
    if (port === undefined) {
      this.#serving.closed(link);
      return;
    }
    this.#forget(link);
    if (port === Port.Quorum) this.#door.quorumClosed(link);
    else this.#door.electionClosed(link);
  }

  flushed(link: number): void {
    if (link === this.#sending) return;
    const port = this.#ports.get(link);
    if (port === undefined) this.#serving.flushed(link);
    else if (port === Port.Election) this.#door.electionFlushed(link);
    else this.#recycle(link);
  }

  diskAnswered(answer: DiskAnswer): void {
    switch (answer.kind) {
      case 'done':
        this.#replica.diskDone(answer.ticket);
        break;
      case 'read':
        this.#door.logRead(answer.reader, answer.piece, answer.end);
        break;
      case 'purged':
        this.#door.snapshotsPurged(answer.oldestZxid);
        break;
      case 'rebuilt': {
        const database: Database | string = answer.recovery.finish();
        if (typeof database === 'string') this.#replica.diskFailed(database);
        else this.#door.rebuilt(answer.ticket, database);
        break;
      }
    }
  }

  diskFailed(what: string): void {
    this.#replica.diskFailed(what);
  }

  drain(): void {
    this.#replica.drain();
  }

  turn(): void {
    this.#replica.turn();
  }

  take(outlet: Outlet): void {
    const door = this.#door;
    if (!this.#isListening) outlet.listen(Port.Election, true);
    this.#isListening = true;
    if (this.#ended.length > 0) for (const link of this.#ended.splice(0)) outlet.cut(link);
    this.#serving.takeOutput(outlet);
    for (const output of door.takeQuorum()) this.#send(output, outlet);
    for (const order of door.takeQuorumOrders()) this.#performQuorum(order, outlet);
    for (const { link, bytes } of door.takeElection()) {
      if (this.#ports.has(link)) outlet.send(link, bytes, bytes.length);
      else door.electionFlushed(link);
    }
    for (const order of door.takeElectionOrders()) this.#performElection(order, outlet);
    const line = this.#story.next(door.standpoint);
    if (line !== null) outlet.notice(line);
    this.#serving.takeOrders(outlet);
  }

  wakeAt(): number {
    return this.#replica.wakeAt();
  }

  get standing(): Standing {
    const { standpoint } = this.#door;
    const { role } = standpoint;
    const { lastZxid: appliedZxid, digest } = this.#replica;
    if (role === 'looking') {
      return { role, isServing: false, epoch: 0, leader: -1, appliedZxid, digest };
    }
    const { epoch, isServing } = standpoint;
    const leader = role === 'leading' ? -1 : Number(standpoint.leader);
    return { role, isServing, epoch, leader, appliedZxid, digest };
  }

  #send(output: QuorumOutput, outlet: Outlet): void {
    const { link, pieces } = output;
    if (!this.#ports.has(link)) {
      this.#door.recycleQuorum(output);
      return;
    }
    const unsent = this.#unsent.get(link);
    if (unsent === undefined) this.#unsent.set(link, [output]);
    else unsent.push(output);
    this.#sending = link;
    for (const [i, piece] of pieces.entries()) {
      if (i === pieces.length - 1) this.#sending = -1;
      outlet.send(link, piece, piece.length);
    }
    this.#sending = -1;
  }

  #recycle(link: number): void {
    const outputs = this.#unsent.get(link);
    if (outputs === undefined) return;
    this.#unsent.delete(link);
    for (const output of outputs) this.#door.recycleQuorum(output);
  }

  #forget(link: number): void {
    this.#ports.delete(link);
    this.#recycle(link);
  }

  #performQuorum(order: QuorumOrder, outlet: Outlet): void {
    switch (order.kind) {
      case 'listen':
      case 'stopListening':
        outlet.listen(Port.Quorum, order.kind === 'listen');
        break;
      case 'dial': {
        const call = this.#call({ dial: order.dial });
        outlet.dial(call, hostOf(order.addresses[0]!.host), Port.Quorum, order.timeoutMs);
        break;
      }
      case 'pause':
      case 'resume':
        outlet.setReading(order.link, order.kind === 'resume');
        break;
      case 'hangUp':
        for (const [number, call] of this.#calls) {
          if (!('dial' in call) || call.dial !== order.dial) continue;
          this.#calls.delete(number);
          outlet.hangUp(number);
        }
        break;
      case 'close':
        this.#close(order.link, outlet);
        break;
    }
  }

  #performElection(order: ElectionOrder, outlet: Outlet): void {
    if (order.kind === 'closeLink') {
      if (order.reason !== null) outlet.notice(`hangs up on a server: ${order.reason}`);
      this.#close(order.link, outlet);
      return;
    }
    const call = this.#call({ to: order.to });
    outlet.dial(call, hostOf(order.addresses[0]!.host), Port.Election, ELECTION_CALL_MS);
  }

  /** Behind what it was given. */
  #close(link: number, outlet: Outlet): void {
    if (!this.#ports.has(link)) return;
    outlet.close(link);
    this.#forget(link);
  }

  #call(call: Call): number {
    const number = this.#nextCall;
    this.#nextCall += 1;
    this.#calls.set(number, call);
    return number;
  }

  #takeCall(number: number): Call {
    const call = this.#calls.get(number);
    assert(call !== undefined, 'whoever answers was called');
    this.#calls.delete(number);
    return call;
  }
}

/**
 * Points of the protocol at which something can befall a server: it is about to send or to take in a
 * packet, its disk is about to be told something or has just made it safe, it has changed its part.
 * What is at a point is told by facts alone; no server knows of any of them.
 */
import { Opcode, PacketType, packetTypeName } from '@zabra/wire';
import { isWithin, typeOfRecord } from '../checkers/ensemble/chain.ts';
import {
  type Fact,
  type FactOf,
  type Packet,
  PIECE,
  type Said,
  type Stand,
} from '../checkers/ensemble/facts.ts';
import { isBeginning, type Known, type ServerView, type Talk } from '../checkers/ensemble/known.ts';

/** A point that one server is at. */
export interface Place {
  readonly server: number;
  readonly point: string;
}

export interface Point {
  readonly name: string;
  /** What is over when it is seen can only be struck behind. */
  readonly isOver: boolean;
}

const open = (name: string): Point => ({ name, isOver: false });
const over = (name: string): Point => ({ name, isOver: true });

/** What a learner says, in its order. */
const LEARNER_SAYS = ['FOLLOWERINFO', 'OBSERVERINFO', 'ACKEPOCH', 'oath', 'ACK', 'REQUEST'];
/** What its leader says. */
const LEADER_SAYS = [
  'LEADERINFO',
  'DIFF',
  'TRUNC',
  'SNAP',
  'piece of SNAP',
  'history',
  'NEWLEADER',
  'UPTODATE',
  'PROPOSAL',
  'INFORM',
  'first COMMIT',
  'COMMIT',
];
const SESSIONS = ['createSession', 'closeSession'];
/** What a leader says of other members. */
const LEADER_SAYS_OF_MEMBERS = ['reconfig', 'COMMITANDACTIVATE', 'INFORMANDACTIVATE'];

export const points: readonly Point[] = [
  ...LEARNER_SAYS.map((name) => open(`learner sends ${name}`)),
  ...LEADER_SAYS.map((name) => open(`learner takes ${name}`)),
  ...LEADER_SAYS.filter((name) => name !== 'first COMMIT').map((n) => open(`leader sends ${n}`)),
  ...LEARNER_SAYS.map((name) => open(`leader takes ${name}`)),
  open('leader decides'),
  open('leader answers a client'),
  ...['leader', 'learner'].flatMap((role) => [
    open(`${role} stores accepted`),
    over(`${role} has stored accepted`),
    open(`${role} stores current`),
    over(`${role} has stored current`),
    open(`${role} logs`),
    over(`${role} has logged`),
  ]),
  open('learner cuts its log'),
  over('learner has history on its disk'),
  open('leader reads for a learner'),
  ...SESSIONS.flatMap((name) => [open(`leader logs ${name}`), open(`learner logs ${name}`)]),
  over('leader steps down with proposals under way'),
  over('leader steps down'),
  over('learner leaves before it is in step'),
  over('learner leaves'),
  open('voter votes'),
];

/** Those that only ensembles come to whose members change. */
export const memberPoints: readonly Point[] = [
  ...LEADER_SAYS_OF_MEMBERS.map((name) => open(`leader sends ${name}`)),
  ...LEADER_SAYS_OF_MEMBERS.map((name) => open(`learner takes ${name}`)),
  open('learner sends ACK of reconfig'),
  open('leader takes ACK of reconfig'),
  ...['leader', 'learner'].flatMap((role) => [
    open(`${role} logs reconfig`),
    open(`${role} stores next`),
    open(`${role} stores committed`),
  ]),
];

/** Where a fact finds a server; null for what is no point. */
export function placeOf(fact: Fact, known: Known): Place | null {
  const point = pointOf(fact, known);
  if (point === null) return null;
  return { server: 'server' in fact ? fact.server : speakerOf(fact as Said, known), point };
}

function pointOf(fact: Fact, known: Known): string | null {
  switch (fact.kind) {
    case 'sent':
    case 'received':
      return pointOfPacket(fact, known);
    case 'asked':
      return pointOfOrder(fact, known.server(fact.server));
    case 'logged':
      return pointOfRecord(fact, known.server(fact.server));
    case 'stored':
      return pointOfDisk(fact, known);
    case 'stands':
      return pointOfStand(fact, known);
    case 'replied':
      return known.server(fact.server).stand.role === 'leading' ? 'leader answers a client' : null;
    case 'voted':
      return 'voter votes';
    default:
      return null;
  }
}

/** Who sends it, or takes it in. */
function speakerOf({ kind, connection, isLeaders }: Said, known: Known): number {
  const talk = known.talks.get(connection);
  const isAtLeader = (kind === 'sent') === isLeaders;
  return (isAtLeader ? talk?.leader : talk?.learner) ?? -1;
}

function pointOfPacket(fact: Said, known: Known): string | null {
  const talk = known.talks.get(fact.connection);
  if (talk === undefined) return null;
  const { kind, isLeaders } = fact;
  const name = isLeaders ? leadersWord(fact, talk, known) : learnersWord(fact, known);
  const verb = kind === 'sent' ? 'sends' : 'takes';
  if (name === 'first COMMIT' && kind === 'sent') return 'leader decides';
  const isAtLeader = (kind === 'sent') === isLeaders;
  return `${isAtLeader ? 'leader' : 'learner'} ${verb} ${name}`;
}

function learnersWord({ packet }: Said, known: Known): string {
  const { type, zxid } = packet;
  if (type !== PacketType.Ack) return packetTypeName(type);
  if (isBeginning(zxid)) return 'oath';
  return isReconfig(zxid, known) ? 'ACK of reconfig' : 'ACK';
}

function isReconfig(zxid: bigint, { chain }: Known): boolean {
  return chain.entryOf(zxid)?.type === Opcode.Reconfig;
}

function leadersWord({ kind, packet }: Said, talk: Talk, known: Known): string {
  switch (packet.type) {
    case PIECE:
      return 'piece of SNAP';
    case PacketType.Proposal:
      if (talk.history === null) return 'history';
      return isProposalOfMembers(packet, known) ? 'reconfig' : 'PROPOSAL';
    case PacketType.Commit:
      return isFirst(kind, packet.zxid, talk, known) ? 'first COMMIT' : 'COMMIT';
    default:
      return packetTypeName(packet.type);
  }
}

/** Nobody knows yet of what has not been sent before. */
function isProposalOfMembers({ record, zxid }: Packet, known: Known): boolean {
  return record === null ? isReconfig(zxid, known) : typeOfRecord(record) === Opcode.Reconfig;
}

/** Sent, a commit that nobody has heard of yet; taken, the first behind UPTODATE. */
function isFirst(kind: Said['kind'], zxid: bigint, talk: Talk, known: Known): boolean {
  const term = known.termOf(talk.epoch, talk.leader);
  const entry = known.chain.entryOf(zxid);
  if (term === undefined || entry === undefined) return false;
  if (kind === 'sent') return term.isEstablished && !isWithin(entry, term.told);
  return known.server(talk.learner).delivered === null;
}

function pointOfOrder({ what }: FactOf<'asked'>, { stand }: ServerView): string | null {
  if (what === 'read') return 'leader reads for a learner';
  if (what === 'cut') return 'learner cuts its log';
  const role = roleOf(stand);
  return role === null ? null : `${role} stores ${what}`;
}

function pointOfRecord({ record }: FactOf<'logged'>, { stand }: ServerView): string | null {
  const role = roleOf(stand);
  if (role === null) return null;
  const type = typeOfRecord(record);
  if (type === Opcode.CreateSession) return `${role} logs createSession`;
  if (type === Opcode.CloseSession) return `${role} logs closeSession`;
  if (type === Opcode.Reconfig) return `${role} logs reconfig`;
  return `${role} logs`;
}

function pointOfDisk({ server, disk }: FactOf<'stored'>, known: Known): string | null {
  const { disk: before, stand, durable } = known.server(server);
  const role = roleOf(stand);
  if (role === null) return null;
  if (disk.acceptedEpoch > before.acceptedEpoch) return `${role} has stored accepted`;
  if (disk.currentEpoch > before.currentEpoch) return `${role} has stored current`;
  if (disk.end === durable.zxid) return null;
  return role === 'learner' && disk.currentEpoch < stand.epoch
    ? 'learner has history on its disk'
    : `${role} has logged`;
}

function pointOfStand({ server, stand }: FactOf<'stands'>, known: Known): string | null {
  const { stand: before } = known.server(server);
  if (stand.role !== 'looking') return null;
  if (before.role === 'leading') {
    const term = known.reignOf(server);
    const isBusy = term !== undefined && term.proposed !== term.committed;
    return isBusy ? 'leader steps down with proposals under way' : 'leader steps down';
  }
  if (before.role === 'looking') return null;
  return before.isServing ? 'learner leaves' : 'learner leaves before it is in step';
}

function roleOf({ role }: Stand): 'leader' | 'learner' | null {
  if (role === 'looking') return null;
  return role === 'leading' ? 'leader' : 'learner';
}

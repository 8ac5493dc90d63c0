/**
 * The shape of an ensemble before it begins: who votes and who watches, under which ids and with
 * which weight, how tight its limits are, which of its disks may lose what was promised, and whether
 * its members change. No property is common to all of them, so nothing may come to rest on one.
 */
import { PEER_DEFAULTS } from '@zabra/replica';
import { assert, type Ensemble, parseEnsemble, type ServerRole } from '@zabra/wire';
import type { MemberPlan } from '../process/member-actor.ts';
import { memberName } from '../process/member-actor.ts';
import type { Random } from '../time/random.ts';

export interface Topology {
  /** By machine: the voters, those who only watch, then those who are no members yet. */
  readonly ids: readonly number[];
  readonly voterCount: number;
  /** Lists of machines; empty where a majority decides. */
  readonly groups: readonly (readonly number[])[];
  /** By machine; those of observers count for nothing. */
  readonly weights: readonly number[];
  readonly peer: PeerLimits;
  /** Of an ensemble that had another life before; with some of them no zxid fits a double. */
  readonly firstEpoch: number;
  readonly leaderServes: boolean;
  /**
   * Machines whose disk may forget or be damaged: never so many that the others could not do without
   * them, for nobody can then tell what was promised.
   */
  readonly lossy: readonly number[];
  /** Those of them that stay away when all is mended. */
  readonly absent: readonly number[];
  /** Null where the members are who they are. */
  readonly changes: MemberChanges | null;
}

/** What there is to know of an ensemble whose members change while it serves. */
interface MemberChanges {
  /** What each of those who are no members yet takes itself for; it knows the founders. */
  readonly strangers: readonly ServerRole[];
  /** No configuration with fewer is accepted. */
  readonly votersMin: number;
}

interface PeerLimits {
  readonly initLimitTicks: number;
  readonly syncLimitTicks: number;
  readonly connectLimitTicks: number;
  readonly settleMs: number;
  readonly settlesEarly: boolean;
  readonly repeatMsMin: number;
  readonly repeatMsMax: number;
  readonly recentBytesMax: number;
  readonly outstandingBytesMax: number;
  readonly catchUpBytesMax: number;
  readonly proposalsMax: number;
  readonly forcesSnapshots: boolean;
  readonly desertionMs: number;
  readonly truncatesLearners: boolean;
  readonly forwardedBytesMax: number;
}

/** Behind the longest record of a request. */
const PACKET_BYTES_EXTRA = 4096;
const VOTER_COUNTS = [3, 3, 3, 3, 3, 4, 5, 5, 5, 5];
const ODD_VOTER_COUNTS = [1, 2, 7];
/** 255 is no id of a server that has extended types: it marks nodes that live by the clock. */
export const EXTREME_IDS: readonly number[] = [0, 1, 2, 126, 127, 128, 129, 200, 253, 254];

/** With the last two, zxids need more than 53 bits, and more than 62. */
const FIRST_EPOCHS = [0, 0, 0, 0, 0, 0, 0, 41, 2_097_150, 1_073_741_823];
const MACHINES_MAX = EXTREME_IDS.length;
const STRANGERS_MAX = 3;
/** Whoever is missed for good is no loss to any three. */
const VOTERS_MIN_WITH_LOSSES = 3;

/** `voterCount` null: as the seed will have it. */
export function topologyOf(
  random: Random,
  voterCount: number | null,
  changesMembers = false,
): Topology {
  const drawn = random.chance(0.06) ? random.pick(ODD_VOTER_COUNTS) : random.pick(VOTER_COUNTS);
  const voters = voterCount ?? drawn;
  const observers = random.chance(0.3) ? random.between(1, 3) : 0;
  const grouped = random.split('groups');
  const groups = voters >= 6 && grouped.chance(0.5) ? groupsOf(voters, grouped) : [];
  const isWeighted = groups.length > 0 && grouped.chance(0.5);
  const weights = Array.from({ length: voters }, () => (isWeighted ? grouped.between(0, 2) : 1));
  const shape = { voterCount: voters, groups, weights: withSomeWeight(groups, weights) };
  const founders = voters + observers;
  const changing = random.split('changes');
  const strangers = changesMembers ? strangersOf(MACHINES_MAX - founders, changing) : [];
  const all = Array.from({ length: founders + strangers.length }, (_, i) => i);
  const dispensed = dispensable(shape, all, random.split('lossy'));
  const lossy = changesMembers ? lossesOf(shape, dispensed) : dispensed;
  const leaving = random.split('absent');
  const absent = leaving.chance(0.7) ? [] : lossy.filter(() => leaving.chance(0.5));
  const servesClients = random.chance(0.85);
  return {
    ...shape,
    ids: idsOf(all.length, random.split('ids')),
    peer: limitsOf(random.split('limits')),
    firstEpoch: random.split('epoch').pick(FIRST_EPOCHS),
    // Where the leader is all that is left, clients have nobody else.
    leaderServes: servesClients || all.length - absent.length === 1,
    lossy,
    absent,
    changes: changesMembers ? { strangers, votersMin: votersMinOf(lossy, changing) } : null,
  };
}

function strangersOf(countMax: number, random: Random): ServerRole[] {
  const length = random.between(0, Math.min(STRANGERS_MAX, countMax));
  return Array.from({ length }, () => (random.chance(0.5) ? 'participant' : 'observer'));
}

/** Nobody knows who will have a vote; but one disk is lost to three or more voters without harm. */
function lossesOf({ groups }: Shape, dispensed: readonly number[]): readonly number[] {
  return groups.length > 0 ? [] : dispensed.slice(0, 1);
}

function votersMinOf(lossy: readonly number[], random: Random): number {
  return lossy.length > 0 ? VOTERS_MIN_WITH_LOSSES : random.between(1, 3);
}

function idsOf(count: number, random: Random): number[] {
  if (random.chance(0.7)) return Array.from({ length: count }, (_, i) => i + 1);
  return shuffled(EXTREME_IDS, random).slice(0, count);
}

function groupsOf(voterCount: number, random: Random): number[][] {
  const groups: number[][] = [[], [], []];
  for (let i = 0; i < voterCount; i += 1) groups[i % groups.length]!.push(i);
  return random.chance(0.5) ? groups : [[...groups[0]!, ...groups[1]!], groups[2]!];
}

/** A group that weighs nothing has no say; one of those that have must be there. */
function withSomeWeight(groups: readonly (readonly number[])[], weights: number[]): number[] {
  for (const group of groups) {
    if (group.every((host) => weights[host] === 0)) weights[group[0]!] = 1;
  }
  return weights;
}

function limitsOf(random: Random): PeerLimits {
  return {
    initLimitTicks: random.pick([5, 10]),
    syncLimitTicks: random.pick([2, 3, 5]),
    connectLimitTicks: random.pick([3, 5]),
    settleMs: random.pick([50, 200]),
    settlesEarly: random.chance(0.5),
    repeatMsMin: random.pick([100, 200, 800]),
    repeatMsMax: random.pick([800, 3000, 10_000]),
    recentBytesMax: random.pick([0, 400, 4096, 1_048_576]),
    outstandingBytesMax: random.pick([1, 2000, 65_536, 16_777_216]),
    proposalsMax: random.chance(0.1) ? random.between(5, 60) : 0xfffffffe,
    forcesSnapshots: random.chance(0.1),
    desertionMs: random.pick([0, 50, 1000]),
    truncatesLearners: random.chance(0.6),
    forwardedBytesMax: random.pick([1, 2000, 4_194_304]),
    catchUpBytesMax: random.pick([1, 2000, 65_536, 33_554_432]),
  };
}

type Shape = Pick<Topology, 'voterCount' | 'groups' | 'weights'>;

/** Whether these machines can decide. */
function isQuorum(shape: Shape, hosts: readonly number[]): boolean {
  const { voterCount, groups, weights } = shape;
  const voters = hosts.filter((host) => host < voterCount);
  if (groups.length === 0) return voters.length * 2 > voterCount;
  const weightOf = (some: readonly number[]): number =>
    some.reduce((sum, host) => sum + weights[host]!, 0);
  const counting = groups.filter((group) => weightOf(group) > 0);
  const won = counting.filter(
    (group) => weightOf(group.filter((host) => voters.includes(host))) * 2 > weightOf(group),
  );
  return won.length * 2 > counting.length;
}

/** As many as chance will have, without whom the others can still decide. */
function dispensable(shape: Shape, hosts: readonly number[], random: Random): number[] {
  const gone: number[] = [];
  for (const host of shuffled(hosts, random)) {
    const left = hosts.filter((one) => one !== host && !gone.includes(one));
    if (isQuorum(shape, left)) gone.push(host);
  }
  return gone.slice(0, random.between(1, Math.max(gone.length, 1)));
}

function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  const left = [...items];
  const found: Item[] = [];
  while (left.length > 0) found.push(...left.splice(random.below(left.length), 1));
  return found;
}

/** The same as servers are told of it. */
export function memberPlanOf(
  topology: Topology,
  { tickMs, frameBytesMax }: { readonly tickMs: number; readonly frameBytesMax: number },
  readers: readonly number[],
): MemberPlan {
  const { settleMs, settlesEarly, repeatMsMin, repeatMsMax, ...limits } = topology.peer;
  return {
    committedOf: (host) => ensembleOf(topology, host),
    leaderServes: topology.leaderServes,
    servesReaders: (host) => readers.includes(host),
    peer: {
      ...PEER_DEFAULTS,
      ...limits,
      tickMs,
      reconfigEnabled: topology.changes !== null,
      electionTimes: {
        ...PEER_DEFAULTS.electionTimes,
        settleMs,
        settlesEarly,
        repeatMsMin,
        repeatMsMax,
      },
      packetBytesMax: frameBytesMax + PACKET_BYTES_EXTRA,
      provesLeadershipAtSync: true,
    },
  };
}

/** As behind `server.N=`. */
export function memberLine(host: number, role: ServerRole): string {
  return `${memberName(host)}:2888:3888:${role}`;
}

/** The founders; as a machine's own files have them, with itself where it is none of them. */
export function ensembleOf(
  { ids, voterCount, groups, weights, changes }: Topology,
  host: number | null = null,
): Ensemble {
  const strangers = changes?.strangers ?? [];
  const founders = ids.length - strangers.length;
  const lines = ids.slice(0, founders).map((id, one) => {
    return `server.${id}=${memberLine(one, one < voterCount ? 'participant' : 'observer')}`;
  });
  const own = host === null ? undefined : strangers[host - founders];
  // By majorities only: nobody has said which group it would belong to.
  const isListed = own === 'observer' || (own !== undefined && groups.length === 0);
  if (isListed) lines.push(`server.${ids[host!]}=${memberLine(host!, own)}`);
  for (const [i, group] of groups.entries()) {
    lines.push(`group.${i + 1}=${group.map((host) => ids[host]).join(':')}`);
    lines.push(...group.map((host) => `weight.${ids[host]}=${weights[host]}`));
  }
  const outcome = parseEnsemble([...lines, 'version=0'].join('\n'));
  assert(outcome.kind === 'ensemble', 'a topology makes an ensemble');
  return outcome.ensemble;
}

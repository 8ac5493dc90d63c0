/**
 * Members that change while they serve: somebody with the right to it asks for others. What is asked
 * for is drawn when its time has come, from who is a member then; by the time it is decided that may
 * have changed. Much of it cannot be had, and must be refused.
 */
import type { Ensemble, ReconfigRequest, ServerRole } from '@zabra/wire';
import type { Configuration } from '../checkers/ensemble/chain.ts';
import { memberLine, type Topology } from '../run/topology.ts';
import type { Random } from '../time/random.ts';
import type { Aftermath, Fault, FaultEvent, Scene } from './fault.ts';

const ANY_VERSION = -1n;
/** No configuration has it: no transaction is called so. */
const NO_VERSION = 0x7f_0000_0001n;
const CLIENT_PORT = 2181;

/** What is to become of the members; null where there is nobody to do it to. */
type Change = Omit<ReconfigRequest, 'curConfigId'> | null;

interface Present {
  readonly topology: Topology;
  readonly ensemble: Ensemble;
  readonly configuration: Configuration;
  /** Machines. */
  readonly members: readonly number[];
  readonly others: readonly number[];
  /** -1 without one. */
  readonly leader: number;
}

type Kind = (present: Present, random: Random) => Change;

const nothing = { joiningServers: null, leavingServers: null, newMembers: null };
const joining = (line: string): Change => ({ ...nothing, joiningServers: line });
const roles: readonly ServerRole[] = ['participant', 'participant', 'observer'];

const kinds: Readonly<Record<string, Kind>> = {
  join: (present, random) => {
    const { others } = present;
    return others.length === 0 ? null : joining(lineOf(present, random.pick(others), random));
  },
  leave: (present, random) => leaving(present, [random.pick(present.members)]),
  'leave of the leader': (present) =>
    present.leader < 0 ? null : leaving(present, [present.leader]),
  'another role': (present, random) => {
    const host = random.pick(present.members);
    const other = roleOf(present, host) === 'observer' ? 'participant' : 'observer';
    return joining(lineOf(present, host, random, other));
  },
  'the leader observes': (present, random) =>
    present.leader < 0 ? null : joining(lineOf(present, present.leader, random, 'observer')),
  'one for another': (present, random) => {
    const { members, others } = present;
    if (others.length === 0) return null;
    const { leavingServers } = leaving(present, [random.pick(members)])!;
    return { ...nothing, ...joining(lineOf(present, random.pick(others), random)), leavingServers };
  },
  'another list': (present, random) => {
    const all = present.topology.ids.map((_, host) => host);
    const likelihood = random.pick([0.4, 0.7, 0.9]);
    const listed = all.filter(() => random.chance(likelihood));
    const newMembers = listed.map((host) => lineOf(present, host, random)).join(',');
    return { ...nothing, newMembers };
  },
};

/** Who has been a member once and is none now. */
const again: Kind = (present, random) => {
  const former = formerMembers(present);
  return former.length === 0 ? null : joining(lineOf(present, random.pick(former), random));
};

export const memberFaults: readonly Fault[] = [
  {
    id: 'F-P15',
    name: 'a removed member that is added again, and was not started anew',
    spanMs: [0, 0],
    isForChanging: true,
    strike: (scene, event, random) => change(scene, event, random, again),
  },
  ...Object.entries(kinds).map(
    ([name, kind]): Fault => ({
      id: `members: ${name}`,
      name: 'members that change',
      spanMs: [0, 0],
      isForChanging: true,
      strike: (scene, event, random) => change(scene, event, random, kind),
    }),
  ),
];

function change(scene: Scene, event: FaultEvent, random: Random, kind: Kind): Aftermath {
  const present = presentOf(scene);
  const wanted = present === null ? null : kind(present, random);
  if (present === null || wanted === null) return null;
  const curConfigId = versionFor(present, random);
  const client = scene.clients[event.client]!;
  return client.reconfigure({ ...wanted, curConfigId }) ? undefined : null;
}

function presentOf({ ensemble: topology, judge, servers }: Scene): Present | null {
  if (topology === null || judge === null) return null;
  const { configuration } = judge.known.agreed;
  const { ensemble } = configuration;
  const ids = ensemble.members.map(({ id }) => Number(id));
  const isMember = (host: number): boolean => ids.includes(topology.ids[host]!);
  const all = topology.ids.map((_, host) => host);
  return {
    topology,
    ensemble,
    configuration,
    members: all.filter(isMember),
    others: all.filter((host) => !isMember(host)),
    leader: servers.findIndex(({ standing }) => standing?.role === 'leading' && standing.isServing),
  };
}

/** As a rule any will do; now and then it must be the present one, and now and then it is wrong. */
function versionFor({ ensemble }: Present, random: Random): bigint {
  const luck = random.below(10);
  if (luck === 0) return NO_VERSION;
  // The first one is called by the epoch of its first leader.
  return luck > 3 || ensemble.version === 0n ? ANY_VERSION : ensemble.version;
}

function formerMembers({ topology, configuration, members }: Present): number[] {
  const former = new Set<number>();
  for (let one = configuration.previous; one !== null; one = one.previous) {
    for (const { id } of one.ensemble.members) former.add(topology.ids.indexOf(Number(id)));
  }
  return [...former].filter((host) => !members.includes(host));
}

function lineOf(
  { topology }: Present,
  host: number,
  random: Random,
  role = random.pick(roles),
): string {
  return `server.${topology.ids[host]}=${memberLine(host, role)};${CLIENT_PORT}`;
}

function leaving({ topology }: Present, hosts: readonly number[]): Change {
  return { ...nothing, leavingServers: hosts.map((host) => topology.ids[host]).join(',') };
}

function roleOf({ topology, ensemble }: Present, host: number): ServerRole | undefined {
  const id = topology.ids[host];
  return ensemble.members.find((member) => Number(member.id) === id)?.role;
}

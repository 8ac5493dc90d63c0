// What several servers together amount to: who leads, who is how far behind, and what is wrong.

import { type Address, describeAddress } from './addresses.ts';
import { epochOf, type ServerStatus } from './server-status.ts';

export interface Asked {
  readonly address: Address;
  /** Or why there is none. */
  readonly status: ServerStatus | string;
}

export interface ServerLine {
  readonly server: string;
  readonly role: string;
  readonly epoch: number | null;
  readonly zxid: string | null;
  /** Transactions behind the leader; null where that cannot be said. */
  readonly lag: number | null;
  readonly connections: number | null;
  readonly outstanding: number | null;
  readonly nodes: number | null;
  readonly latency: string | null;
  readonly version: string | null;
  readonly problem: string | null;
}

export interface EnsembleStatus {
  readonly servers: readonly ServerLine[];
  /** Empty when all is well. */
  readonly problems: readonly string[];
}

const COUNTER_MASK = 0xffff_ffffn;

export function judge(asked: readonly Asked[]): EnsembleStatus {
  const leaders = asked.filter(({ status }) => isServing(status) && status.role === 'leader');
  const leader = leaders[0]?.status;
  const leaderZxid = leaders.length === 1 && isServing(leader) ? leader.zxid : null;
  const servers = asked.map((one) => lineOf(one, leaderZxid));
  return { servers, problems: problemsOf(servers) };
}

function isServing(status: Asked['status'] | undefined): status is ServerStatus {
  return status !== undefined && typeof status !== 'string';
}

function lineOf({ address, status }: Asked, leaderZxid: bigint | null): ServerLine {
  const server = describeAddress(address);
  if (!isServing(status)) return { ...nothing, server, problem: status };
  const { role, zxid, epoch, version, connections, outstanding, nodes, latency } = status;
  return {
    server,
    role,
    epoch,
    zxid: `0x${zxid.toString(16)}`,
    lag: leaderZxid === null ? null : lagOf(zxid, leaderZxid),
    connections,
    outstanding,
    nodes,
    latency,
    version,
    problem: null,
  };
}

const nothing: Omit<ServerLine, 'server' | 'problem'> = {
  role: '-',
  epoch: null,
  zxid: null,
  lag: null,
  connections: null,
  outstanding: null,
  nodes: null,
  latency: null,
  version: null,
};

/** Servers are asked one after the other: who is asked later may be ahead of what the leader said. */
function lagOf(zxid: bigint, leaderZxid: bigint): number | null {
  if (epochOf(zxid) !== epochOf(leaderZxid)) return null;
  const behind = Number((leaderZxid & COUNTER_MASK) - (zxid & COUNTER_MASK));
  return Math.max(0, behind);
}

function problemsOf(servers: readonly ServerLine[]): string[] {
  const problems = servers
    .filter(({ problem }) => problem !== null)
    .map(({ server, problem }) => `${server}: ${problem}`);
  const leaders = servers.filter(({ role }) => role === 'leader');
  const members = servers.filter(({ role }) => role !== 'standalone');
  if (leaders.length > 1) {
    problems.push(
      `${leaders.length} servers lead: ${leaders.map(({ server }) => server).join(', ')}. ` +
        'They are of different ensembles, or one has not noticed yet that it was replaced.',
    );
  } else if (leaders.length === 0 && members.length > 0 && servers.length > 1) {
    problems.push('None of these servers leads.');
  }
  return problems;
}

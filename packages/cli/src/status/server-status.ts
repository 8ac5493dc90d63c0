// What one server says of itself: in its answer to `srvr`, which every server of either product allows,
// and in one line of `mntr`.

export interface ServerStatus {
  /** As the server names it: leader, follower, observer, standalone, read-only. */
  readonly role: string;
  readonly zxid: bigint;
  readonly epoch: number;
  readonly version: string;
  readonly connections: number;
  readonly outstanding: number;
  readonly nodes: number;
  /** As the server writes them: min/avg/max, in ms. */
  readonly latency: string;
}

/** What a server answers that is up and has no leader, or waits to be in step with one. */
const NOT_SERVING = 'This ZooKeeper instance is not currently serving requests';
const NOT_ALLOWED = 'is not executed because it is not in the whitelist';

/** A sentence where the server cannot say. Without an answer to `mntr` the epoch is that of the zxid. */
export function readStatus(answer: string, monitor = ''): ServerStatus | string {
  if (answer.startsWith(NOT_SERVING)) return 'not serving: it has no leader';
  if (answer.includes(NOT_ALLOWED)) {
    return 'srvr is not allowed: add it to 4lw.commands.whitelist';
  }
  const field = (name: string): string | undefined =>
    new RegExp(`^${name}: (.*)$`, 'm').exec(answer)?.[1];
  const role = field('Mode');
  const zxid = field('Zxid');
  if (role === undefined || zxid === undefined || !/^0x[0-9a-f]{1,16}$/.test(zxid)) {
    return 'what answers is no ZooKeeper server';
  }
  const epoch = /^zk_zab_epoch\t(\d+)$/m.exec(monitor)?.[1];
  return {
    role,
    zxid: BigInt(zxid),
    epoch: epoch === undefined ? epochOf(BigInt(zxid)) : Number(epoch),
    version: (field('Zookeeper version') ?? '').split(/[,\s]/, 1)[0] ?? '',
    connections: Number(field('Connections') ?? 0),
    outstanding: Number(field('Outstanding') ?? 0),
    nodes: Number(field('Node count') ?? 0),
    latency: field('Latency min/avg/max') ?? '',
  };
}

const COUNTER_BITS = 32n;

/** In which a transaction was made. */
export function epochOf(zxid: bigint): number {
  return Number(zxid >> COUNTER_BITS);
}

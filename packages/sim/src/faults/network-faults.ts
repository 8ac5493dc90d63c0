/** What networks do to those who rely on them. Machines are numbered, servers first. */
import type { Random } from '../time/random.ts';
import type { Aftermath, Fault, FaultEvent, Scene } from './fault.ts';

type Pair = readonly [from: number, to: number];

const FLAPS = 6;

export const networkFaults: readonly Fault[] = [
  {
    id: 'F-N02',
    name: 'a slow path, one way',
    spanMs: [500, 8000],
    strike: (scene, event, random) =>
      slow(scene, [pathOf(scene, event, random)], random.between(20, 3000)),
  },
  {
    id: 'F-N03',
    name: 'a connection reset in the middle of anything',
    spanMs: [0, 0],
    strike: (scene, event, random) => {
      const link = someLink(scene, event, random);
      if (link === null) return null;
      scene.network.sever(link);
      return undefined;
    },
  },
  {
    id: 'F-N04',
    name: 'a connection that only seems to live',
    spanMs: [1000, 30_000],
    strike: (scene, event, random) => {
      const link = someLink(scene, event, random);
      if (link === null) return null;
      const untilMs = scene.scheduler.nowMs + event.forMs;
      scene.network.freeze(link, untilMs);
      scene.network.freeze(link ^ 1, untilMs);
      return undefined;
    },
  },
  {
    id: 'F-N05',
    name: 'a partition',
    spanMs: [200, 15_000],
    strike: (scene, _event, random) => {
      const [side, others] = sides(hostsOf(scene), random);
      return cut(scene, bothWays(between(side, others)));
    },
  },
  {
    id: 'F-N06',
    name: 'a path that is cut one way',
    spanMs: [200, 15_000],
    strike: (scene, event, random) => cut(scene, [pathOf(scene, event, random)]),
  },
  {
    id: 'F-N07',
    name: 'two sides that share one server alone',
    spanMs: [500, 15_000],
    isForEnsembles: true,
    strike: (scene, { server }, random) => {
      const others = serversOf(scene).filter((one) => one !== server);
      const [side, rest] = sides(others, random);
      return cut(scene, bothWays(between(side, rest)));
    },
  },
  {
    id: 'F-N08',
    name: 'bytes of a connection that its owner has given up',
    spanMs: [100, 5000],
    strike: (scene, event, random) => {
      const link = someLink(scene, event, random);
      if (link === null) return null;
      scene.network.freeze(link, scene.scheduler.nowMs + event.forMs);
      scene.network.lose(link);
      return undefined;
    },
  },
  {
    id: 'F-N09',
    name: 'a link that comes and goes',
    spanMs: [1000, 12_000],
    strike: (scene, event, random) => flap(scene, event, bothWays([pathOf(scene, event, random)])),
  },
  {
    id: 'F-N10',
    name: 'links that stop one by one and come back in another order',
    spanMs: [1000, 12_000],
    strike: (scene, event, random) => {
      const [from, others] = sides(hostsOf(scene), random);
      return swizzle(scene, event, bothWays(between(from, others)), random);
    },
  },
  {
    id: 'F-N12',
    name: 'calls that nobody hears',
    spanMs: [500, 10_000],
    strike: (scene, { server, client }) => cut(scene, [[clientHost(scene, client), server]]),
  },
  {
    id: 'F-N13',
    name: 'a name that is not found',
    spanMs: [500, 10_000],
    strike: ({ network }, { server }) => {
      network.loseName(server, 1);
      return () => network.loseName(server, -1);
    },
  },
  {
    id: 'F-N14',
    name: 'a server cut off from the others and not from its clients',
    spanMs: [500, 15_000],
    isForEnsembles: true,
    strike: (scene, { server }) => {
      const others = serversOf(scene).filter((one) => one !== server);
      return cut(scene, bothWays(between([server], others)));
    },
  },
  {
    id: 'F-N15',
    name: 'a narrow path',
    spanMs: [500, 10_000],
    strike: (scene, event, random) => {
      const [from, to] = pathOf(scene, event, random);
      const { paths } = scene.network;
      paths.narrow(from, to, 0.05 + random.next());
      return () => paths.narrow(from, to, Number.POSITIVE_INFINITY);
    },
  },
];

function cut(scene: Scene, pairs: readonly Pair[]): () => void {
  const { network } = scene;
  for (const [from, to] of pairs) network.paths.cut(from, to);
  return () => {
    for (const [from, to] of pairs) network.paths.mend(from, to);
    for (const [from, to] of pairs) network.mended(from, to);
  };
}

function slow({ network }: Scene, pairs: readonly Pair[], byMs: number): Aftermath {
  for (const [from, to] of pairs) network.paths.slow(from, to, byMs);
  return () => {
    for (const [from, to] of pairs) network.paths.slow(from, to, -byMs);
  };
}

/** Cut at once, then mended and cut in turn at each beat. */
function flap(scene: Scene, event: FaultEvent, pairs: readonly Pair[]): Aftermath {
  let mend: (() => void) | null = cut(scene, pairs);
  scene.beats(event.forMs / FLAPS, () => {
    if (mend === null) mend = cut(scene, pairs);
    else {
      mend();
      mend = null;
    }
  });
  return () => mend?.();
}

/** Cuts one after the other, then mends one after the other, in another order. */
function swizzle(
  scene: Scene,
  event: FaultEvent,
  pairs: readonly Pair[],
  random: Random,
): Aftermath {
  const mends: (() => void)[] = [];
  let next = 0;
  scene.beats(event.forMs / (2 * pairs.length + 1), () => {
    const pair = pairs[next];
    next += 1;
    if (pair !== undefined) mends.push(cut(scene, [pair]));
    else mends.splice(random.below(mends.length), 1)[0]?.();
  });
  return () => {
    for (const mend of mends) mend();
  };
}

function hostsOf({ servers, clients }: Scene): number[] {
  return Array.from({ length: servers.length + clients.length }, (_, i) => i);
}

function serversOf({ servers }: Scene): number[] {
  return servers.map(({ host }) => host);
}

function clientHost({ servers }: Scene, client: number): number {
  return servers.length + client;
}

/** Two parts that are not empty. */
function sides(hosts: readonly number[], random: Random): [number[], number[]] {
  const side = hosts.filter(() => random.chance(0.5));
  if (side.length === 0 || side.length === hosts.length) return [hosts.slice(0, 1), hosts.slice(1)];
  return [side, hosts.filter((host) => !side.includes(host))];
}

function between(some: readonly number[], others: readonly number[]): Pair[] {
  return some.flatMap((from) => others.map((to): Pair => [from, to]));
}

function bothWays(pairs: readonly Pair[]): Pair[] {
  return [...pairs, ...pairs.map(([from, to]): Pair => [to, from])];
}

/** From or to a server; the other end is any machine. */
function pathOf(scene: Scene, { server }: FaultEvent, random: Random): Pair {
  const other = random.pick(hostsOf(scene).filter((host) => host !== server));
  return random.chance(0.5) ? [server, other] : [other, server];
}

function someLink(scene: Scene, { server }: FaultEvent, random: Random): number | null {
  const links = hostsOf(scene).flatMap((other) => scene.network.linksBetween(server, other));
  if (links.length === 0) return null;
  const link = random.pick(links);
  return random.chance(0.5) ? link : link ^ 1;
}

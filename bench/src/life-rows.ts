/** Makes rows out of what was seen of a server's life: its start, and a million znodes. */
import { figuresOf } from './load-rows.ts';
import type { MillionRound } from './million.ts';
import { type Role, type Row, rowOf } from './row.ts';
import type { StartRound } from './start.ts';

const MEBIBYTE = 2 ** 20;
const FLOOR_ZNODES = 1_000_000;

type PerServer<T> = ReadonlyMap<{ readonly role: Role }, readonly T[]>;

export function startRows(rounds: PerServer<StartRound>): Row[] {
  return [
    rowOf({
      id: 'start.time',
      label: 'start on an empty directory',
      unit: 'ms',
      figures: figuresOf(rounds, (round) => round.startMs),
    }),
    rowOf({
      id: 'start.memory',
      label: 'memory when idle',
      unit: 'MiB',
      figures: figuresOf(rounds, (round) => round.residentBytes / MEBIBYTE),
    }),
  ];
}

export function millionRows(rounds: PerServer<MillionRound>, znodes: number): Row[] {
  const count = znodes.toLocaleString('en').replaceAll(',', ' ');
  const unjudged = znodes < FLOOR_ZNODES ? `not judged: only ${count} znodes` : undefined;
  const underSnapshots = `${count} znodes, setData during snapshots`;
  return [
    rowOf({
      id: 'million.znode',
      label: `${count} znodes: memory of one`,
      unit: 'bytes',
      figures: figuresOf(rounds, (round) => round.znodeBytes),
      unjudged,
    }),
    rowOf({
      id: 'million.restart',
      label: `${count} znodes: killed, until a read is served`,
      unit: 'ms',
      figures: figuresOf(rounds, (round) => round.restartMs),
      unjudged,
    }),
    rowOf({
      id: 'million.writes',
      label: underSnapshots,
      unit: 'per second',
      figures: figuresOf(rounds, (round) => round.writes.perSecond),
    }),
    rowOf({
      id: 'million.slowestWrite',
      label: `${underSnapshots}: slowest`,
      unit: 'ms',
      figures: figuresOf(rounds, (round) => round.writes.maxMs),
    }),
    rowOf({
      id: 'million.longestCall',
      label: `${underSnapshots}: call of the core, p99.99`,
      unit: 'ms',
      figures: figuresOf(rounds, (round) => round.loop?.p9999CallMs),
      unjudged: unjudged ?? withoutSnapshot(rounds),
    }),
    rowOf({
      id: 'million.longestCallEver',
      label: `${underSnapshots}: longest call of the core`,
      unit: 'ms',
      figures: figuresOf(rounds, (round) => round.loop?.longestCallMs),
    }),
  ];
}

/** Without a snapshot in every round the longest call proves nothing. */
function withoutSnapshot(rounds: PerServer<MillionRound>): string | undefined {
  const list = [...rounds].flatMap(([{ role }, found]) => (role === 'subject' ? found : []));
  const isProven = list.every((round) => round.snapshots > 0);
  return isProven ? undefined : 'not judged: no snapshot was taken during the writes';
}

/**
 * What is measured. A load workload is a script played for a while in alternating rounds; the
 * other two follow a server through its life and stand in start.ts and million.ts.
 */
import { growScript, mixedScript, readScript, type Script, writeScript } from './script.ts';

export const workloadIds = [
  'getData',
  'setData',
  'create',
  'mixed',
  'readLatency',
  'writeLatency',
  'hundredReads',
  'hundredWrites',
  'sessions',
  'start',
  'million',
] as const;

export interface LoadWorkload {
  readonly id: string;
  readonly label: string;
  readonly connections: number;
  readonly window: number;
  /** What counts: how many, or how soon. */
  readonly shows: 'rate' | 'latency';
  /** The bare server can do it too. */
  readonly hasLimit: boolean;
  /**
   * Operations per second of the chosen length, instead of a time: a workload that grows the tree
   * leaves every server with the same tree that way, however fast it is.
   */
  readonly operationsPerSecond?: number;
  /** `undefined`: opens and closes sessions. `round` is −1 in the warm-up. */
  script(round: number): Script | undefined;
}

export const KEYS_PARENT = '/bench';
const KEY_COUNT = 1000;
const GROW_SCRIPT_LENGTH = 1000;
const MIXED_PERIOD = 10;

export const keys: readonly string[] = Array.from(
  { length: KEY_COUNT },
  (_, i) => `${KEYS_PARENT}/k${String(i).padStart(4, '0')}`,
);

/** A fresh parent per round, so that no round pays for the children of the last. */
export function growParent(round: number): string {
  return `${KEYS_PARENT}/round${round + 1}`;
}

export const pipelined = { connections: 10, window: 100, shows: 'rate' } as const;
export const alone = { connections: 1, window: 1, shows: 'latency' } as const;
const hundred = { connections: 100, window: 1, shows: 'rate' } as const;

export const loadWorkloads: readonly LoadWorkload[] = [
  {
    ...pipelined,
    id: 'getData',
    label: 'getData, 10 connections × 100',
    hasLimit: true,
    script: () => readScript(keys),
  },
  {
    ...pipelined,
    id: 'setData',
    label: 'setData, 10 connections × 100',
    hasLimit: false,
    script: () => writeScript(keys),
  },
  {
    ...pipelined,
    id: 'create',
    label: 'create, 10 connections × 100',
    hasLimit: false,
    operationsPerSecond: 100_000,
    script: (round) => growScript([growParent(round)], GROW_SCRIPT_LENGTH),
  },
  {
    ...pipelined,
    id: 'mixed',
    label: '90 % getData, 10 % setData, 10 × 100',
    hasLimit: false,
    script: () => mixedScript(keys, MIXED_PERIOD),
  },
  {
    ...alone,
    id: 'readLatency',
    label: 'getData, one outstanding',
    hasLimit: true,
    script: () => readScript(keys),
  },
  {
    ...alone,
    id: 'writeLatency',
    label: 'setData, one outstanding',
    hasLimit: false,
    script: () => writeScript(keys),
  },
  {
    ...hundred,
    id: 'hundredReads',
    label: 'getData, 100 connections × 1',
    hasLimit: true,
    script: () => readScript(keys),
  },
  {
    ...hundred,
    id: 'hundredWrites',
    label: 'setData, 100 connections × 1',
    hasLimit: false,
    script: () => writeScript(keys),
  },
  {
    connections: 16,
    window: 1,
    shows: 'rate',
    id: 'sessions',
    label: 'sessions opened and closed, 16 at a time',
    hasLimit: true,
    script: () => undefined,
  },
];

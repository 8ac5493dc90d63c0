/** What is measured of three servers together. */

import { readScript, writeScript } from '../script.ts';
import { alone, keys, type LoadWorkload, pipelined } from '../workloads.ts';

export const ensembleIds = [
  'getData',
  'setData',
  'leaderWrite',
  'followerWrite',
  'outage',
  'silence',
  'observers',
] as const;

type EnsembleWorkloadId = (typeof ensembleIds)[number];

export interface EnsembleWorkload extends LoadWorkload {
  readonly name: EnsembleWorkloadId;
  /** Whom clients are connected to. */
  readonly reaches: 'all' | 'leader' | 'follower';
}

export const ensembleWorkloads: readonly EnsembleWorkload[] = [
  {
    ...pipelined,
    name: 'getData',
    id: 'ensemble.getData',
    label: 'three servers: getData, 10 connections × 100 on all',
    hasLimit: false,
    reaches: 'all',
    script: () => readScript(keys),
  },
  {
    ...pipelined,
    name: 'setData',
    id: 'ensemble.setData',
    label: 'three servers: setData, 10 connections × 100 on all',
    hasLimit: false,
    reaches: 'all',
    script: () => writeScript(keys),
  },
  {
    ...alone,
    name: 'leaderWrite',
    id: 'ensemble.leaderWrite',
    label: 'three servers: setData, one outstanding, on the leader',
    hasLimit: false,
    reaches: 'leader',
    script: () => writeScript(keys),
  },
  {
    ...alone,
    name: 'followerWrite',
    id: 'ensemble.followerWrite',
    label: 'three servers: setData, one outstanding, on a follower',
    hasLimit: false,
    reaches: 'follower',
    script: () => writeScript(keys),
  },
];

/**
 * A line of the result: one number per server, how Zabra's compares with the peer's, and whether
 * that reaches the floor. What cannot be judged says why instead.
 */
import type { Figure } from './figure.ts';
import { type Floor, floorOf } from './floors.ts';
import { isGeneratorSaturated, type Shares } from './saturation.ts';
import type { Candidate } from './servers/candidate.ts';

export type Role = Candidate['role'];
export type Unit = 'per second' | 'µs' | 'ms' | 'MiB' | 'bytes' | '%';
export type Figures = Readonly<Partial<Record<Role, Figure>>>;

export interface Row {
  /** `workload.number`, which is also what a floor is found by. */
  readonly id: string;
  readonly label: string;
  readonly unit: Unit;
  readonly figures: Figures;
  readonly ratio: number | undefined;
  readonly floor: Floor | undefined;
  readonly verdict: 'pass' | 'miss' | undefined;
  /** Why there is no ratio or no verdict. */
  readonly note: string | undefined;
}

export interface Measured {
  readonly id: string;
  readonly label: string;
  readonly unit: Unit;
  readonly figures: Figures;
  /** Of rates alone: how busy generator and server were. */
  readonly shares?: Readonly<Partial<Record<Role, Shares>>>;
  /** Why a floor does not apply to this run. */
  readonly unjudged?: string | undefined;
}

export function rowOf(measured: Measured): Row {
  const { id, label, unit, figures } = measured;
  const floor = floorOf(id);
  const doubt = doubtOf(measured);
  const ratio = doubt === undefined ? ratioOf(figures) : undefined;
  const judged = measured.unjudged === undefined ? verdictOf(floor, figures, ratio) : undefined;
  const note = doubt ?? (floor === undefined ? undefined : measured.unjudged);
  return { id, label, unit, figures, ratio, floor, verdict: judged, note };
}

/** The floors are against Apache: beside another build of Zabra the ratio alone is of interest. */
export function withoutPeerFloor(row: Row): Row {
  if (row.floor?.against !== 'peer') return row;
  return { ...row, floor: undefined, verdict: undefined };
}

/** A ratio needs two rates that were the servers' own. */
function doubtOf({ shares = {} }: Measured): string | undefined {
  const saturated = (['subject', 'peer'] as const).filter((role) => {
    const share = shares[role];
    return share !== undefined && isGeneratorSaturated(share);
  });
  const names = saturated.map((role) => (role === 'subject' ? 'Zabra' : 'the peer'));
  if (saturated.length === 0) return undefined;
  return `no ratio: the generator was saturated on ${names.join(' and ')}`;
}

function ratioOf({ subject, peer }: Figures): number | undefined {
  if (subject === undefined || peer === undefined || peer.median === 0) return undefined;
  return subject.median / peer.median;
}

function verdictOf(
  floor: Floor | undefined,
  figures: Figures,
  ratio: number | undefined,
): 'pass' | 'miss' | undefined {
  if (floor === undefined) return undefined;
  const value = floor.against === 'peer' ? ratio : figures.subject?.median;
  if (value === undefined) return undefined;
  const isReached = 'atLeast' in floor ? value >= floor.atLeast : value <= floor.atMost;
  return isReached ? 'pass' : 'miss';
}

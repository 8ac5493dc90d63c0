/** What a fault is: a name, where it fits, how long it lasts, and what it does to a scene. */
import type { EnsembleJudge } from '../checkers/ensemble/ensemble-judge.ts';
import type { Network } from '../network/network.ts';
import type { ClientProcess } from '../people/client-process.ts';
import type { SimProcess } from '../process/sim-process.ts';
import type { Topology } from '../run/topology.ts';
import type { Random } from '../time/random.ts';
import type { Scheduler } from '../time/scheduler.ts';
import type { Ledger } from './ledger.ts';
import type { PointTraps } from './point-traps.ts';

/** A fault that is to happen; plain data, so that a run can be told again and made smaller. */
export interface FaultEvent {
  readonly id: string;
  readonly atMs: number;
  readonly forMs: number;
  /** Of the servers, by number; and of all machines or of the clients, as the fault likes. */
  readonly server: number;
  readonly client: number;
  /** From which all else is drawn. */
  readonly seed: number;
}

/** Whatever a fault can lay hands on. */
export interface Scene {
  readonly network: Network;
  readonly scheduler: Scheduler;
  readonly servers: readonly SimProcess[];
  readonly clients: readonly ClientProcess[];
  readonly ledger: Ledger;
  /** Null where servers are alone. */
  readonly ensemble: Topology | null;
  readonly traps: PointTraps | null;
  readonly judge: EnsembleJudge | null;
  /** Until the fault is over, this happens once in every such while. */
  beats(everyMs: number, beat: () => void): void;
}

/** How it is taken back; nothing where there is nothing to take back, null where it found no victim. */
export type Aftermath = (() => void) | undefined | null;

export interface Fault {
  readonly id: string;
  readonly name: string;
  /** How long it lasts, at least and at most. */
  readonly spanMs: readonly [min: number, max: number];
  /** It asks for several servers: what it does, one alone cannot survive. */
  readonly isForEnsembles?: boolean;
  /** It asks for members that may change. */
  readonly isForChanging?: boolean;
  strike(scene: Scene, event: FaultEvent, random: Random): Aftermath;
}

/** Everything one run found out, ready to be printed or kept. */
import type { Figure } from './figure.ts';
import type { Machine } from './machine.ts';
import type { Role, Row } from './row.ts';

/** What a workload cost a server, beside how much it did. */
export interface Cost {
  readonly workload: string;
  readonly role: Role;
  readonly cpuUsPerOperation: Figure;
  /** Of one core. */
  readonly serverShare: Figure;
  readonly generatorShare: Figure;
  readonly residentMiB: Figure;
  readonly p99Us: Figure;
  readonly maxMs: Figure;
}

export interface Result {
  readonly startedAt: string;
  readonly machine: Machine;
  readonly placement: string;
  readonly generator: string;
  readonly rounds: number;
  readonly seconds: number;
  readonly titles: Readonly<Partial<Record<Role, string>>>;
  readonly rows: readonly Row[];
  readonly costs: readonly Cost[];
  /** What a reader must know before believing the numbers. */
  readonly warnings: readonly string[];
}

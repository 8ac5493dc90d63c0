// What is wrong with a configuration, where, and what to do about it. The first sentence is
// ZooKeeper's own where it has one, so that what is known about it can be found.

import { type Assignment, describeOrigin } from './origin.ts';

export interface Complaint {
  /** What is wrong. */
  readonly problem: string;
  /** What to do about it. */
  readonly advice: string;
  /** What was written, when something written is at fault. */
  readonly given?: Assignment;
  /** The file at fault, when nothing in it is. */
  readonly file?: string;
}

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  /** The exit code of a server that cannot start for this reason, as ZooKeeper's. */
  readonly exitCode = 2;
  readonly complaint: Complaint;

  constructor(complaint: Complaint) {
    super([complaint.problem, ...place(complaint), complaint.advice].join('\n  '));
    this.complaint = complaint;
  }
}

function place({ given, file }: Complaint): readonly string[] {
  if (given !== undefined) return [`${describeOrigin(given.origin)}: ${given.key}=${given.value}`];
  return file === undefined ? [] : [file];
}

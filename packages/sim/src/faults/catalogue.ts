/**
 * Every fault of the model by its id: those that are struck, those that are the weather of a world or
 * come of others, and those that no world of this kind can have, each with a reason.
 */
import { assert } from '@zabra/wire';
import { clientFaults } from './client-faults.ts';
import type { Fault } from './fault.ts';
import { machineFaults } from './machine-faults.ts';
import { networkFaults } from './network-faults.ts';
import { trap, trapNames } from './traps.ts';

export const faults: readonly Fault[] = [...networkFaults, ...machineFaults, ...clientFaults, trap];

/** Counted when they come about, struck by nobody. */
const consequences: Readonly<Record<string, string>> = {
  'F-N01': 'chunks of any size: the weather of two worlds in three',
  'F-K04': 'timers that are late and then all at once: what a process finds that was stopped',
  'F-D06': 'a torn tail: a power cut with unsynced bytes',
  'F-D07': 'a lost directory entry: a power cut behind a file that was made',
  'F-D08': 'a rename that may not have been: a power cut behind it',
  'F-D09': 'a removal undone: a power cut behind it',
  'F-C05': 'asking again after a loss: every client does, with a new request',
  'F-C06': 'watches set anew: every client does that comes back',
  'F-C08': 'a close that races with all else: one request in a hundred',
};

export function faultOf(id: string): Fault {
  const fault = faults.find((one) => one.id === id);
  assert(fault !== undefined, 'a plan names faults that there are');
  return fault;
}

/** What should have been seen in a campaign of worlds with one server each, or with ensembles. */
export function expected(isAlone: boolean): string[] {
  const struck = faults.filter(({ isForEnsembles }) => !isAlone || isForEnsembles !== true);
  return [...struck.map(({ id }) => id), ...Object.keys(consequences), ...trapNames(isAlone)];
}

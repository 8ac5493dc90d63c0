/**
 * Every fault of the model by its id: those that are struck, those that are the weather of a world or
 * come of others, and those that no world of this kind can have, each with a reason.
 */
import { assert } from '@zabra/wire';
import { clientFaults } from './client-faults.ts';
import type { Fault } from './fault.ts';
import { machineFaults } from './machine-faults.ts';
import { memberFaults } from './member-faults.ts';
import { networkFaults } from './network-faults.ts';
import { memberTrap, trap, trapNames } from './traps.ts';

/** What may befall any world of machines. */
export const faults: readonly Fault[] = [...networkFaults, ...machineFaults, ...clientFaults, trap];

/** What may befall those besides whose members change. */
const changingFaults: readonly Fault[] = [...memberFaults, memberTrap];

/** Counted when they come about, struck by nobody. */
const consequences: Readonly<Record<string, string>> = {
  'F-N01': 'chunks of any size: the weather of two worlds in three',
  'F-P08': 'another part without a restart: whoever has lost its leader or its learners',
  'F-D06': 'a torn tail: a power cut with unsynced bytes',
  'F-D07': 'a lost directory entry: a power cut behind a file that was made',
  'F-D08': 'a rename that may not have been: a power cut behind it',
  'F-D09': 'a removal undone: a power cut behind it',
  'F-D12': 'a read that fails: a trap where everything is read again, or read for a learner',
  'F-D14': 'a damaged snapshot: a bit or a block of it',
  'F-C03': 'a client ahead of its server: one that comes to a server that lags',
  'F-C05': 'asking again after a loss: every client does, with a new request',
  'F-C06': 'watches set anew: every client does that comes back',
  'F-C07': 'long silence towards the leader: a client of a follower that has no more to say',
  'F-C08': 'a close that races with all else: one request in a hundred',
  'F-X01': 'the last counter of an epoch: ensembles whose counters are short',
  'F-X03': 'ids of servers at their ends: three ensembles in ten',
  'F-X05': 'epochs and zxids beyond 53 bits: ensembles that had another life before',
};

/** Who is struck by the one has the other as well. */
export const companions: readonly (readonly [id: string, also: string])[] = [
  ['F-P05', 'F-K04'],
  ['F-P11', 'F-D16'],
];

/** Of these no server alone knows anything. */
const ofEnsembles = /^F-(P08|P11|D12|D14|D16|C03|C07|X)/;

/** Sessions that are not the ensemble's, of those few worlds that have them. */
const kinds = ['sessions: local', 'sessions: upgraded', 'sessions: of readers'];

export function faultOf(id: string): Fault {
  const fault = [...faults, ...changingFaults].find((one) => one.id === id);
  assert(fault !== undefined, 'a plan names faults that there are');
  return fault;
}

/** What should have been seen in a campaign of worlds with one server each, or with ensembles. */
export function expected(isAlone: boolean): string[] {
  const struck = faults.filter(({ isForEnsembles }) => !isAlone || isForEnsembles !== true);
  const others = [...Object.keys(consequences), ...companions.map(([, also]) => also)];
  return [
    ...struck.map(({ id }) => id),
    ...others.filter((id) => !isAlone || !ofEnsembles.test(id)),
    ...trapNames(isAlone),
    ...(isAlone ? [] : [...changingFaults.map(({ id }) => id), 'members: changed', ...kinds]),
  ];
}

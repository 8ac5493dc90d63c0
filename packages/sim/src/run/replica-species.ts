/** Worlds of the replica that ships. */
import { Recovery, type ReplicaSettings } from '@zabra/replica';
import { differences, digestOf, plainTree } from '../checkers/plain-node.ts';
import { replicaActors } from '../process/replica-actor.ts';
import { simSettings } from '../settings.ts';
import type { Plan } from './plan.ts';
import type { Species } from './run.ts';

const TOLD_MAX = 3;
/** So that nodes go by themselves while somebody looks. */
const REAP_EVERY_MS = 4000;

export const replicaSpecies: Species = {
  beget: (plan) => replicaActors(settingsOf(plan)),
  judgeDisk: (plan, disk, model) => {
    const { tree, hashKey, tickMs } = settingsOf(plan);
    const recovery = new Recovery({ tree, hashKey, tickMs });
    const problem = disk.recover(recovery);
    if (problem !== null) return [problem];
    const database = recovery.finish();
    if (typeof database === 'string') return [database];
    if (database.lastZxid !== model.lastZxid) {
      return [`it is as of ${database.lastZxid}, and its log ends at ${model.lastZxid}`];
    }
    const found = plainTree(database.tree);
    const problems = differences(found, model.nodes).slice(0, TOLD_MAX);
    if (database.tree.digest.toBigInt() !== digestOf(found)) {
      problems.push('the digest is not that of the tree');
    }
    return problems;
  },
};

function settingsOf({ seed, limits }: Plan): ReplicaSettings {
  const { snapshotTransactions, outstandingRequestsMax, frameBytesMax, tickMs } = limits;
  return {
    ...simSettings,
    seed: seed | 0,
    snapshotTransactions,
    outstandingRequestsMax,
    frameBytesMax,
    tickMs,
    containerCheckIntervalMs: REAP_EVERY_MS,
    sessionTimeoutMsMin: 2 * tickMs,
    sessionTimeoutMsMax: 20 * tickMs,
  };
}

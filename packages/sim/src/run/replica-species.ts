/** Worlds of the replica that ships, alone or as the members of an ensemble. */
import { Recovery, type ReplicaSettings } from '@zabra/replica';
import type { ModelTree } from '../checkers/model-tree.ts';
import { differences, digestOf, plainTree } from '../checkers/plain-node.ts';
import type { SimDisk } from '../disk.ts';
import { memberActors } from '../process/member-actor.ts';
import { replicaActors } from '../process/replica-actor.ts';
import { simSettings } from '../settings.ts';
import type { Plan } from './plan.ts';
import type { Species } from './run.ts';
import { ensembleOf, memberPlanOf } from './topology.ts';

const TOLD_MAX = 3;
/** What `SUPER_PROOF` proves. */
const SUPER_DIGEST = 'super:super.secret';
/** So that nodes go by themselves while somebody looks. */
const REAP_EVERY_MS = 4000;
/** Each member writes it for itself. */
const CONFIG_PATH = '/zookeeper/config';

export const replicaSpecies: Species = {
  beget: (plan) => {
    const settings = settingsOf(plan);
    const { ensemble, limits, sessions } = plan;
    if (ensemble === null) return replicaActors(settings);
    return memberActors(
      settings,
      memberPlanOf(ensemble, limits, sessions.readers),
      (host) => ensemble.ids[host]!,
    );
  },
  judgeDisk: (plan, disk, model) => {
    const { tree, hashKey, tickMs } = settingsOf(plan);
    const recovery = new Recovery({ tree, hashKey, tickMs });
    const problem = problemWith(plan, disk, recovery);
    if (problem !== null) return [problem];
    const database = recovery.finish();
    if (typeof database === 'string') return [database];
    if (database.lastZxid !== model.lastZxid && !isBeginning(database.lastZxid, model.lastZxid)) {
      return [`it is as of ${database.lastZxid}, and its log ends at ${model.lastZxid}`];
    }
    const found = plainTree(database.tree);
    return [
      ...differences(...compared(plan, found, model)).slice(0, TOLD_MAX),
      ...(database.tree.digest.toBigInt() === digestOf(found)
        ? []
        : ['the digest is not that of the tree']),
    ];
  },
};

function problemWith({ ensemble }: Plan, disk: SimDisk, recovery: Recovery): string | null {
  if (ensemble === null) return disk.recover(recovery);
  const data = disk.recoverMember(recovery, ensembleOf(ensemble));
  return typeof data === 'string' ? data : null;
}

function compared(
  { ensemble }: Plan,
  found: ReturnType<typeof plainTree>,
  { nodes }: ModelTree,
): Parameters<typeof differences> {
  if (ensemble === null) return [found, nodes];
  const without = (tree: typeof found): typeof found =>
    new Map([...tree].filter(([path]) => path !== CONFIG_PATH));
  return [without(found), without(nodes)];
}

function settingsOf({ seed, limits, ensemble, sessions }: Plan): ReplicaSettings {
  const { snapshotTransactions, outstandingRequestsMax, frameBytesMax, tickMs } = limits;
  const changes = ensemble?.changes ?? null;
  return {
    ...simSettings,
    // What is proposed has to fit into what learners take.
    tree: {
      ...simSettings.tree,
      txnBytesMax: ensemble === null ? simSettings.tree.txnBytesMax : frameBytesMax,
      reconfigEnabled: changes !== null,
      votersMin: changes?.votersMin ?? simSettings.tree.votersMin,
    },
    superDigest: SUPER_DIGEST,
    seed: seed | 0,
    localSessions: sessions.areLocal,
    upgradesLocalSessions: sessions.upgrades,
    snapshotTransactions,
    outstandingRequestsMax,
    frameBytesMax,
    tickMs,
    containerCheckIntervalMs: REAP_EVERY_MS,
    sessionTimeoutMsMin: 2 * tickMs,
    sessionTimeoutMsMax: 20 * tickMs,
  };
}

/** A snapshot may be called by the zxid with which a term begins, before its first transaction. */
function isBeginning(zxid: bigint, last: bigint): boolean {
  return (zxid & 0xffffffffn) === 0n && zxid > last;
}

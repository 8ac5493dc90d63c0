/**
 * From a configuration to what makes a quorum of it. There are up to two configurations: the one
 * committed, and one that was proposed and may yet be committed.
 */
import type { Ensemble, ServerId } from '@zabra/wire';
import { hierarchyOf } from './hierarchy.ts';
import { jointOf } from './joint.ts';
import { majorityOf } from './majority.ts';
import type { QuorumVerifier } from './verifier.ts';

export function quorumOf(ensemble: Ensemble): QuorumVerifier {
  const voters = new Set<ServerId>();
  for (const { id, role } of ensemble.members) if (role === 'participant') voters.add(id);
  if (ensemble.groups.length === 0) return majorityOf(voters);
  const weights = new Map(ensemble.weights.map(({ member, weight }) => [member, weight]));
  const groups = ensemble.groups.map(({ members }) => {
    const counted = members.filter((id) => voters.has(id));
    return new Map(counted.map((id) => [id, weights.get(id) ?? 1]));
  });
  return hierarchyOf(groups);
}

/** What it takes while `lastSeen`, where there is one and it is newer, is not committed yet. */
export function jointQuorumOf(committed: Ensemble, lastSeen: Ensemble | null): QuorumVerifier {
  const quorum = quorumOf(committed);
  if (lastSeen === null || lastSeen.version <= committed.version) return quorum;
  return jointOf(quorum, quorumOf(lastSeen));
}

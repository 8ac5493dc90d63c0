/** What must hold of every quorum: on these rests that two of them can never decide differently. */
import { asServerId, type Ensemble, parseEnsemble, type ServerId } from '@zabra/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ensembleOf } from '../testing/ensembles.ts';
import { jointQuorumOf, quorumOf } from './ensemble-quorum.ts';
import { hierarchyOf } from './hierarchy.ts';
import { majorityOf } from './majority.ts';
import { sameMembers } from './same-members.ts';
import type { QuorumVerifier } from './verifier.ts';

/** Few ids, so that sets meet, and two of them that nobody has as a member. */
const ids = fc.integer({ min: 0, max: 11 }).map((id) => asServerId(BigInt(id)));
const sets = fc.uniqueArray(ids).map((list) => new Set(list));
const voters = fc
  .uniqueArray(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 9 })
  .map((list) => list.map((id) => asServerId(BigInt(id))));

const majorities = voters.map((list) => majorityOf(new Set(list)));
const hierarchies = fc
  .tuple(
    voters,
    fc.array(fc.nat(3), { minLength: 9, maxLength: 9 }),
    fc.integer({ min: 1, max: 4 }),
  )
  .map(([list, weights, count]) => {
    const groups = Array.from({ length: count }, () => new Map<ServerId, number>());
    for (const [i, id] of list.entries()) groups[i % count]!.set(id, weights[i]!);
    return hierarchyOf(groups);
  });

describe.each([
  ['majorities', majorities],
  ['hierarchies', hierarchies],
])('%s', (_name, verifiers) => {
  test('any two quorums share a voter', () => {
    fc.assert(
      fc.property(verifiers, sets, sets, (verifier, one, other) => {
        fc.pre(verifier.contains(one) && verifier.contains(other));
        expect(sharedVoters(verifier, one, other)).toBeGreaterThan(0);
      }),
    );
  });

  test('more servers never make less of a quorum, and all voters make one if any weighs', () => {
    fc.assert(
      fc.property(verifiers, sets, sets, (verifier, one, more) => {
        const both = new Set([...one, ...more]);
        if (verifier.contains(one)) expect(verifier.contains(both)).toBe(true);
        const weighs = [...verifier.voters].some((id) => verifier.weightOf(id) > 0);
        expect(verifier.contains(verifier.voters)).toBe(weighs);
      }),
    );
  });

  test('who has no vote does not count', () => {
    fc.assert(
      fc.property(verifiers, sets, (verifier, some) => {
        const counted = new Set([...some].filter((id) => verifier.voters.has(id)));
        expect(verifier.contains(some)).toBe(verifier.contains(counted));
        expect(verifier.contains(new Set())).toBe(false);
      }),
    );
  });

  test('who weighs nothing does not count', () => {
    fc.assert(
      fc.property(verifiers, sets, (verifier, some) => {
        const weighty = new Set([...some].filter((id) => verifier.weightOf(id) > 0));
        expect(verifier.contains(some)).toBe(verifier.contains(weighty));
      }),
    );
  });
});

test('a hierarchy of equal weights in one group is a majority, and so is one of groups of one', () => {
  fc.assert(
    fc.property(voters, sets, (list, some) => {
      const expected = majorityOf(new Set(list)).contains(some);
      const one = hierarchyOf([new Map(list.map((id) => [id, 1]))]);
      const many = hierarchyOf(list.map((id) => new Map([[id, 1]])));
      expect(one.contains(some)).toBe(expected);
      expect(many.contains(some)).toBe(expected);
    }),
  );
});

test('a joint quorum shares a voter with every quorum of either configuration', () => {
  fc.assert(
    fc.property(ensembles(), ensembles(), sets, sets, (old, next, joint, other) => {
      const both = jointQuorumOf({ ...old, version: 1n }, { ...next, version: 2n });
      fc.pre(both.contains(joint));
      for (const verifier of [quorumOf(old), quorumOf(next)]) {
        expect(verifier.contains(joint)).toBe(true);
        if (verifier.contains(other)) {
          expect(sharedVoters(verifier, joint, other)).toBeGreaterThan(0);
        }
      }
    }),
  );
});

test('what is asked of two configurations is asked of the newer one only while it is newer', () => {
  const old = ensembleOf('1 2 3 version=100');
  const some = new Set([1n, 2n].map(asServerId));
  expect(jointQuorumOf(old, null).contains(some)).toBe(true);
  expect(jointQuorumOf(old, ensembleOf('1 4 5 version=100')).contains(some)).toBe(true);
  const joint = jointQuorumOf(old, ensembleOf('1 4 5 version=101'));
  expect(joint.contains(some)).toBe(false);
  expect([...joint.voters].map(Number)).toEqual([1, 2, 3, 4, 5]);
});

test('a joint verifier weighs by the configuration that rules', () => {
  const old = ensembleOf('1 2 groups=1:2 weights=2:0');
  const next = ensembleOf('1 2 version=1');
  expect(jointQuorumOf(old, next).weightOf(asServerId(2n))).toBe(0);
});

test('an observer in a group has no vote', () => {
  const verifier = quorumOf(ensembleOf('1 2 observers=3 groups=1:2:3'));
  expect(verifier.voters.has(asServerId(3n))).toBe(false);
  expect(verifier.contains(new Set([1n, 3n].map(asServerId)))).toBe(false);
});

test('members are the same whatever their order and the version', () => {
  const one = ensembleOf('1 2 observers=3 version=5');
  expect(sameMembers(one, ensembleOf('2 1 observers=3 version=9'))).toBe(true);
  expect(sameMembers(one, ensembleOf('1 2 3 version=5'))).toBe(false);
  expect(sameMembers(one, ensembleOf('1 2 version=5'))).toBe(false);
  expect(sameMembers(one, ensembleOf('1 2 observers=3 groups=1:2 version=5'))).toBe(false);
  const elsewhere = parseEnsemble(
    'server.1=h1:2888:3888\nserver.2=h2:2888:3889\nserver.3=h3:2888:3888:observer',
  );
  if (elsewhere.kind === 'problem') throw new Error(elsewhere.problem);
  expect(sameMembers(one, elsewhere.ensemble)).toBe(false);
});

function ensembles(): fc.Arbitrary<Ensemble> {
  return fc.tuple(voters, fc.boolean()).map(([list, isGrouped]) => {
    const members = list.join(' ');
    const halves = [list.filter((_, i) => i % 2 === 0), list.filter((_, i) => i % 2 === 1)];
    const groups = halves.filter((half) => half.length > 0).map((half) => half.join(':'));
    return ensembleOf(isGrouped ? `${members} groups=${groups.join(',')}` : members);
  });
}

function sharedVoters(
  verifier: QuorumVerifier,
  one: ReadonlySet<ServerId>,
  other: ReadonlySet<ServerId>,
): number {
  return [...verifier.voters].filter((id) => one.has(id) && other.has(id)).length;
}

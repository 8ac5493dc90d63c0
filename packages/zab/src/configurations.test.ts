import { asServerId, type Ensemble, formatEnsemble, type ServerId } from '@zabra/wire';
import { expect, test } from 'vitest';
import { Configurations, keepsLeader } from './configurations.ts';
import type { Journal } from './contract.ts';
import { ensembleOf } from './testing/ensembles.ts';

const id = (number: number): ServerId => asServerId(BigInt(number));

function made(committed: string, next: string | null = null): [Configurations, string[]] {
  const told: string[] = [];
  const journal = {
    storeConfiguration: (name: string, ensemble: Ensemble | null) => {
      told.push(`${name} ${ensemble === null ? 'none' : ensemble.version}`);
    },
  } as unknown as Journal;
  const nextEnsemble = next === null ? null : ensembleOf(next);
  return [new Configurations(journal, ensembleOf(committed), nextEnsemble), told];
}

test('a next one is kept until it, or a newer one, rules', () => {
  const [configurations, told] = made('1 2 3 version=1');
  configurations.propose(ensembleOf('3 4 5 version=2'));
  expect(configurations.joint.contains(new Set([1, 2, 3].map(id)))).toBe(false);
  expect(configurations.joint.contains(new Set([2, 3, 4].map(id)))).toBe(true);
  expect(configurations.quorum.contains(new Set([1, 2].map(id)))).toBe(true);
  expect(configurations.commit(ensembleOf('3 4 5 version=2'))).toBe(true);
  expect(configurations.next).toBeNull();
  expect(told).toEqual(['next 2', 'committed 2', 'next none']);
});

test('an older one changes nothing', () => {
  const [configurations, told] = made('1 2 3 version=5', '1 2 version=4');
  expect(configurations.next).toBeNull();
  const { changes } = configurations;
  configurations.propose(ensembleOf('1 version=5'));
  expect(configurations.commit(ensembleOf('1 version=5'))).toBe(false);
  expect([configurations.changes, told]).toEqual([changes, []]);
});

test('a newer one that rules does not forget a still newer one to come', () => {
  const [configurations] = made('1 2 3 version=1', '1 2 version=9');
  configurations.commit(ensembleOf('1 2 3 4 version=5'));
  expect(formatEnsemble(configurations.newest)).toContain('version=9');
});

test('a member is found where the ruling configuration has it, or the next one', () => {
  const [configurations] = made('1 2 3 observers=4 version=1', '1 5 version=2');
  expect(configurations.addressesOf(id(2))[0]?.host).toBe('h2');
  expect(configurations.addressesOf(id(5))[0]?.host).toBe('h5');
  expect(configurations.addressesOf(id(9))).toEqual([]);
  expect([configurations.isObserver(id(4)), configurations.isObserver(id(5))]).toEqual([
    true,
    false,
  ]);
});

test('a leader goes on with its vote at its address, and not without', () => {
  const before = ensembleOf('1 2 3');
  const moved: Ensemble = {
    ...before,
    members: before.members.map((member) => ({
      ...member,
      addresses: member.addresses.map((address) => ({ ...address, quorumPort: 9999 })),
    })),
  };
  expect(keepsLeader(id(1), before, ensembleOf('1 2 4'))).toBe(true);
  expect(keepsLeader(id(3), before, ensembleOf('1 2 4'))).toBe(false);
  expect(keepsLeader(id(3), before, ensembleOf('1 2 observers=3'))).toBe(false);
  expect(keepsLeader(id(1), before, moved)).toBe(false);
});

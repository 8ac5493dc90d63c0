import { describe, expect, test } from 'vitest';
import type { AclEntry } from './acl-list.ts';
import { Identities } from './identity.ts';
import { normaliseAcl } from './normalise.ts';

const nobody = new Identities([]);

function entry(scheme: string, id: string, permissions = 1): AclEntry {
  return { permissions, scheme, id };
}

test('entries whose texts run together stay apart', () => {
  const both = [entry('digest', 'a:b'), entry('digesta', ':b')];
  expect(normaliseAcl(both, nobody, true)).toBeNull();
  const permissions = [entry('digest', 'a:b', 1), entry('digest', 'a:b', 11)];
  expect(normaliseAcl(permissions, nobody, true)).toEqual(permissions);
});

test('a list of tens of thousands of entries is cleaned at once', () => {
  const entries = Array.from({ length: 60_000 }, (_, i) => entry('digest', `user-${i % 30_000}:x`));
  const started = performance.now();
  expect(normaliseAcl(entries, nobody, true)).toHaveLength(30_000);
  // Comparing all pairs would take many seconds.
  expect(performance.now() - started).toBeLessThan(2000);
});

describe('identities', () => {
  test('are added once and never lost', () => {
    const first = new Identities([entry('ip', '10.0.0.1')]);
    const second = first.with([entry('digest', 'a:b'), entry('ip', '10.0.0.1')]);
    expect(second.list.map(({ scheme }) => scheme)).toEqual(['ip', 'digest']);
    expect(second.with([entry('digest', 'a:b')])).toBe(second);
    expect(first.list).toHaveLength(1);
    expect(second.isSuper).toBe(false);
    expect(second.with([entry('super', '')]).isSuper).toBe(true);
  });
});

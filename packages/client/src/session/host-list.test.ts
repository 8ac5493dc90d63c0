/** Where a thousand clients are when the list of servers has changed, and that no more have moved. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Chance } from './chance.ts';
import type { Endpoint } from './contract.ts';
import { HostList } from './host-list.ts';

const CLIENTS = 1000;

function servers(names: string): Endpoint[] {
  return [...names].map((host) => ({ host, port: 2181 }));
}

interface Change {
  /** Clients on each server afterwards. */
  readonly load: ReadonlyMap<string, number>;
  readonly moved: number;
}

function change(from: string, to: string): Change {
  const load = new Map<string, number>();
  let moved = 0;
  for (let i = 0; i < CLIENTS; i += 1) {
    const list = new HostList(servers(from), new Chance(i * 7919));
    let mine = list.next().endpoint;
    list.onConnected(mine);
    if (list.update(servers(to), mine)) {
      moved += 1;
      mine = list.next().endpoint;
      list.onConnected(mine);
    }
    load.set(mine.host, (load.get(mine.host) ?? 0) + 1);
  }
  return { load, moved };
}

function expectEven({ load }: Change, names: string): void {
  const share = CLIENTS / names.length;
  expect([...load.keys()].sort()).toEqual([...names].sort());
  for (const count of load.values()) {
    expect(count).toBeGreaterThan(share * 0.75);
    expect(count).toBeLessThan(share * 1.25);
  }
}

describe('a changed list of servers', () => {
  it('that is longer takes over its share, and nobody else moves', () => {
    const result = change('abc', 'abcde');
    expectEven(result, 'abcde');
    expect(result.moved).toBeGreaterThan(CLIENTS * 0.35);
    expect(result.moved).toBeLessThan(CLIENTS * 0.45);
  });

  it('that is longer and lacks a server moves its clients to the new ones', () => {
    const result = change('abc', 'bcdef');
    expectEven(result, 'bcdef');
  });

  it('that is shorter moves only those whose server is gone', () => {
    const result = change('abcde', 'abc');
    expectEven(result, 'abc');
    expect(result.moved).toBeGreaterThan(CLIENTS * 0.35);
    expect(result.moved).toBeLessThan(CLIENTS * 0.45);
  });

  it('that has other servers is even as well', () => {
    expectEven(change('abc', 'cde'), 'cde');
    expectEven(change('abcdef', 'defg'), 'defg');
    expectEven(change('ab', 'cd'), 'cd');
  });

  it('that is the same moves nobody', () => {
    expect(change('abc', 'cab').moved).toBe(0);
  });
});

describe('a list of servers', () => {
  it('is gone through in a round, and says when it is over', () => {
    const list = new HostList(servers('abc'), new Chance(1));
    const picks = Array.from({ length: 7 }, () => list.next());
    const names = picks.map(({ endpoint }) => endpoint.host);
    expect(new Set(names.slice(0, 3))).toEqual(new Set(['a', 'b', 'c']));
    expect(names.slice(3, 6)).toEqual(names.slice(0, 3));
    expect(picks.map(({ isRoundOver }) => isRoundOver)).toEqual([
      false,
      false,
      false,
      true,
      false,
      false,
      true,
    ]);
  });

  it('holds each server once', () => {
    expect(new HostList(servers('abab'), new Chance(1)).servers).toHaveLength(2);
  });

  it('tries every server within two rounds, whatever was changed and tried', () => {
    const names = fc.uniqueArray(fc.constantFrom(...'abcdef'), { minLength: 1, maxLength: 6 });
    const property = fc.property(
      fc.integer(),
      fc.array(fc.tuple(names, fc.integer({ min: 0, max: 7 })), { minLength: 1, maxLength: 5 }),
      (seed, changes) => {
        const list = new HostList(servers('abc'), new Chance(seed));
        let mine: Endpoint | null = null;
        for (const [next, tries] of changes) {
          list.update(servers(next.join('')), mine);
          for (let i = 0; i < tries; i += 1) mine = list.next().endpoint;
        }
        const wanted = changes.at(-1)![0];
        const tried = Array.from({ length: 2 * wanted.length }, () => list.next().endpoint.host);
        expect(new Set(tried)).toEqual(new Set(wanted));
      },
    );
    fc.assert(property);
  });
});

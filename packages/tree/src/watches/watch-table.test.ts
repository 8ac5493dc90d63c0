import { decodeUtf8, EventType, encodeUtf8 } from '@zabra/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AclList } from '../acl/acl-list.ts';
import { Identities } from '../acl/identity.ts';
import { HASH_KEY } from '../testing/world.ts';
import { CHILD_KINDS, NODE_KINDS, WatchKind } from './watch-kind.ts';
import { WatchTable } from './watch-table.ts';
import { type Watcher, Watching } from './watchers.ts';

class Listener implements Watcher {
  readonly watching: Watching = new Watching();
  readonly identities: Identities;

  constructor(name: string) {
    this.identities = new Identities([{ scheme: 'digest', id: name }]);
  }
}

const { Data, Child, Persistent, Recursive } = WatchKind;
const kinds = [Data, Child, Persistent, Recursive];
const open = new AclList(
  1,
  [{ permissions: 31, scheme: 'world', id: 'anyone' }],
  new Uint8Array(0),
);
/** Only the listeners 0 and 1 may read. */
const closed = new AclList(
  2,
  [
    { permissions: 31, scheme: 'digest', id: '0' },
    { permissions: 1, scheme: 'digest', id: '1' },
    { permissions: 30, scheme: 'digest', id: '2' },
  ],
  new Uint8Array(0),
);

/** The path's bytes behind and before others. */
function at<T>(path: string, use: (bytes: Uint8Array, view: DataView, end: number) => T): T {
  const bytes = new Uint8Array(encodeUtf8(path).length + 4).fill(0x2f);
  bytes.set(encodeUtf8(path), 2);
  return use(bytes, new DataView(bytes.buffer), bytes.length - 2);
}

interface Step {
  readonly action: 'add' | 'remove' | 'leave' | 'create' | 'change' | 'delete' | 'children';
  readonly who: number;
  readonly path: string;
  readonly bits: number;
}

function steps(listeners: number, paths: readonly string[]): fc.Arbitrary<Step[]> {
  const who = fc.nat(listeners - 1);
  const path = fc.constantFrom(...paths);
  const doing = (actions: readonly Step['action'][], bits: number): fc.Arbitrary<Step> =>
    fc.record({ action: fc.constantFrom(...actions), who, path, bits: fc.nat(bits) });
  return fc.array(
    fc.oneof(
      { weight: 8, arbitrary: doing(['add'], 3) },
      { weight: 3, arbitrary: doing(['remove'], 15) },
      { weight: 6, arbitrary: doing(['create', 'change', 'delete', 'children'], 1) },
      { weight: 1, arbitrary: doing(['leave'], 0) },
    ),
    { maxLength: 120, size: 'max' },
  );
}

interface Registration {
  readonly who: number;
  readonly path: string;
  readonly kinds: number;
}

/** The table as a list of registrations, walked whole for everything. */
class NaiveWatches {
  #all: Registration[] = [];

  add(who: number, path: string, kind: number): void {
    if (this.kindsOf(who, path) === 0) this.#all.push({ who, path, kinds: kind });
    else
      this.#change((one) => (one.who === who && one.path === path ? one.kinds | kind : one.kinds));
  }

  kindsOf(who: number, path: string): number {
    return this.#all.find((one) => one.who === who && one.path === path)?.kinds ?? 0;
  }

  isWatching(who: number): boolean {
    return this.#all.some((one) => one.who === who);
  }

  remove(who: number, path: string, bits: number): void {
    this.#change((one) => (one.who === who && one.path === path ? one.kinds & ~bits : one.kinds));
  }

  leave(who: number): void {
    this.#change((one) => (one.who === who ? 0 : one.kinds));
  }

  /** Who hears of it, in this order. */
  fire(change: Step['action'], path: string): number[] {
    const onNode = change === 'children' ? 0 : NODE_KINDS;
    const onChildren = change === 'children' || change === 'delete' ? CHILD_KINDS : 0;
    const heard = this.#on(path, onNode | onChildren);
    if (change !== 'children') {
      for (const above of ancestorsOf(path)) heard.push(...this.#on(above, Recursive));
    }
    const spent = (onNode | onChildren) & (Data | Child);
    this.#change((one) => (one.path === path ? one.kinds & ~spent : one.kinds));
    return [...new Set(heard)];
  }

  /** A connection counts once for each of Apache's two tables it is in for a path. */
  get count(): number {
    const inData = this.#all.filter(({ kinds }) => (kinds & NODE_KINDS) !== 0);
    const inChild = this.#all.filter(({ kinds }) => (kinds & CHILD_KINDS) !== 0);
    return inData.length + inChild.length;
  }

  get summary(): { connections: number; paths: number; watches: number } {
    const inData = this.#all.filter(({ kinds }) => (kinds & NODE_KINDS) !== 0);
    const connections = new Set(inData.map(({ who }) => who)).size;
    return {
      connections,
      paths: new Set(inData.map(({ path }) => path)).size,
      watches: inData.length,
    };
  }

  /** `who path kinds` for each registration, those of a path in their order. */
  get listing(): string[] {
    return this.#all.map(({ who, path, kinds }) => `${path} ${who} ${kinds}`).sort(byPath);
  }

  /** What each listener is charged with: a long path is its first watcher's. */
  charges(listeners: number): number[] {
    const charges = new Array<number>(listeners).fill(0);
    const seen = new Set<string>();
    for (const { who, path } of this.#all) {
      if (path.length > 1024 && !seen.has(path)) charges[who]! += path.length;
      seen.add(path);
    }
    return charges;
  }

  #on(path: string, kinds: number): number[] {
    return this.#all
      .filter((one) => one.path === path && (one.kinds & kinds) !== 0)
      .map((one) => one.who);
  }

  #change(kindsAfter: (one: Registration) => number): void {
    this.#all = this.#all
      .map((one) => ({ ...one, kinds: kindsAfter(one) }))
      .filter(({ kinds }) => kinds !== 0);
  }
}

/** Sorts by what stands before the first blank; `sort` keeps the order of the others. */
function byPath(a: string, b: string): number {
  const [pathA, pathB] = [a.split(' ')[0]!, b.split(' ')[0]!];
  return pathA < pathB ? -1 : Number(pathA > pathB);
}

/** The nearest first. */
function ancestorsOf(path: string): string[] {
  if (path === '/') return [];
  const above = path.slice(0, path.lastIndexOf('/'));
  return above === '' ? ['/'] : [above, ...ancestorsOf(above)];
}

/** The table beside its model, and what its listeners hear. */
class Comparison {
  readonly listeners: readonly Listener[];
  readonly table: WatchTable;
  readonly #naive = new NaiveWatches();
  #heard: number[] = [];

  constructor(listeners: number) {
    this.listeners = Array.from({ length: listeners }, (_, i) => new Listener(`${i}`));
    const onEvent = (watcher: Watcher): void => {
      this.#heard.push(this.listeners.indexOf(watcher as Listener));
    };
    this.table = new WatchTable(HASH_KEY, { onEvent }, false);
  }

  take(step: Step): void {
    at(step.path, (bytes, view, end) => {
      if (step.action === 'leave') this.#leave(step.who);
      else if (step.action === 'add') this.#add(step, bytes, view, end);
      else if (step.action === 'remove') this.#remove(step, bytes, view, end);
      else this.#fire(step, bytes, view, end);
      expect(this.listeners.map((one) => this.table.kindsOf(one, bytes, view, 2, end))).toEqual(
        this.listeners.map((_, who) => this.#naive.kindsOf(who, step.path)),
      );
    });
    this.#compare();
  }

  #compare(): void {
    const charges = this.#naive.charges(this.listeners.length);
    expect(this.table.count).toBe(this.#naive.count);
    expect(this.table.summary()).toEqual(this.#naive.summary);
    expect(this.#listing()).toEqual(this.#naive.listing);
    expect(this.listeners.map(({ watching }) => watching.longPathBytes)).toEqual(charges);
    expect(this.table.longPathBytes).toBe(charges.reduce((sum, bytes) => sum + bytes, 0));
    this.#compareNumbers();
  }

  /** Whoever holds a watch has a number, and there are no more numbers than listeners. */
  #compareNumbers(): void {
    const numbers = this.listeners.map(({ watching }) => watching.number);
    const used = numbers.filter((number) => number !== -1);
    expect(numbers.map((number) => number !== -1)).toEqual(
      this.listeners.map((_, who) => this.#naive.isWatching(who)),
    );
    expect(new Set(used).size).toBe(used.length);
    expect(Math.max(0, ...used)).toBeLessThan(this.listeners.length);
  }

  #add({ who, path, bits }: Step, bytes: Uint8Array, view: DataView, end: number): void {
    this.#naive.add(who, path, kinds[bits]!);
    this.table.add(this.listeners[who]!, kinds[bits]!, bytes, view, 2, end);
  }

  #remove({ who, path, bits }: Step, bytes: Uint8Array, view: DataView, end: number): void {
    const expected = (this.#naive.kindsOf(who, path) & bits) !== 0;
    expect(this.table.remove(this.listeners[who]!, bits, bytes, view, 2, end)).toBe(expected);
    this.#naive.remove(who, path, bits);
  }

  #leave(who: number): void {
    this.table.removeAll(this.listeners[who]!);
    this.#naive.leave(who);
  }

  #fire({ action, path, bits }: Step, bytes: Uint8Array, view: DataView, end: number): void {
    const { table } = this;
    const acl = bits === 0 ? open : closed;
    this.#heard = [];
    if (action === 'delete') table.fireDeleted(acl, bytes, view, 2, end);
    else if (action === 'children') table.fireChildren(acl, bytes, view, 2, end);
    else if (action === 'create') table.fire(EventType.Created, acl, bytes, view, 2, end);
    else table.fire(EventType.DataChanged, acl, bytes, view, 2, end);
    // Whoever may not read hears nothing, and has spent the watch.
    const heard = this.#naive.fire(action, path);
    expect(this.#heard).toEqual(heard.filter((who) => acl === open || who < 2));
  }

  #listing(): string[] {
    const lines: string[] = [];
    for (const { path, watchers } of this.table.list()) {
      for (const [watcher, kinds] of watchers) {
        const who = this.listeners.indexOf(watcher as Listener);
        lines.push(`${decodeUtf8(path)} ${who} ${kinds}`);
      }
    }
    return lines.sort(byPath);
  }
}

const LONG_NAME = 'x'.repeat(1024);

test.each([
  ['a few on many paths', 3, ['/', '/a', '/a/b', '/a/b/c', '/ab', '/b']],
  ['many on a few paths', 40, ['/', '/a', '/a/b']],
  [
    'a few on long paths',
    4,
    ['/', '/a', `/${LONG_NAME}`, `/a/${LONG_NAME}`, `/${'y'.repeat(9000)}`],
  ],
  ['on paths of just the length', 3, [`/${'x'.repeat(1023)}`, `/${LONG_NAME}`]],
] as const)('what holds of a plain list of registrations holds: %s', (_, listeners, paths) => {
  fc.assert(
    fc.property(steps(listeners, paths), (all) => {
      const comparison = new Comparison(listeners);
      for (const step of all) comparison.take(step);
      for (const listener of comparison.listeners) comparison.table.removeAll(listener);
      expect(comparison.table.count).toBe(0);
      expect(comparison.table.longPathBytes).toBe(0);
      expect([...comparison.table.list()]).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

test('with access control switched off everybody hears', () => {
  const listener = new Listener('2');
  let count = 0;
  const onEvent = (): void => {
    count += 1;
  };
  const table = new WatchTable(HASH_KEY, { onEvent }, true);
  at('/a', (bytes, view, end) => {
    table.add(listener, Data, bytes, view, 2, end);
    table.fire(EventType.Created, closed, bytes, view, 2, end);
  });
  expect(count).toBe(1);
});

test('a summary counts data watches by connection, path and pair', () => {
  const [one, two] = [new Listener('1'), new Listener('2')];
  const table = new WatchTable(HASH_KEY, { onEvent: () => undefined }, false);
  const add = (who: Listener, kind: number, path: string): void =>
    at(path, (bytes, view, end) => table.add(who, kind, bytes, view, 2, end));
  add(one, Data, '/a');
  add(one, Data | Persistent, '/b');
  add(two, Recursive, '/a');
  add(two, Child, '/c');
  expect(table.summary()).toEqual({ connections: 2, paths: 2, watches: 3 });
  // The persistent watch counts in both tables.
  expect(table.count).toBe(5);
});

test('what is released is used again', () => {
  const table = new WatchTable(HASH_KEY, { onEvent: () => undefined }, true);
  /** The bytes of the table when so many watch so many paths, of which each second one is fired. */
  const bytesWith = (name: string, listeners: number, paths: number): number => {
    const all = Array.from({ length: listeners }, (_, i) => new Listener(`${i}`));
    for (let i = 0; i < paths; i += 1) {
      at(`/${name}/${String(i).padStart(10, '0')}`, (bytes, view, end) => {
        for (const one of all) table.add(one, Data, bytes, view, 2, end);
        if (i % 2 === 0) table.fire(EventType.DataChanged, open, bytes, view, 2, end);
      });
    }
    const { byteCount } = table;
    for (const one of all) table.removeAll(one);
    return byteCount;
  };
  expect(bytesWith('a', 1, 20_000)).toBe(bytesWith('b', 1, 20_000));
  expect(bytesWith('c', 10_000, 2)).toBe(bytesWith('d', 10_000, 2));
});

describe('while an event is told', () => {
  /** Listeners on one path, of whom the first does something when it hears. */
  function told(
    kind: number,
    onFirst: (table: WatchTable, all: readonly Listener[]) => void,
  ): string[] {
    const all = ['a', 'b', 'c', 'd'].map((name) => new Listener(name));
    const heard: string[] = [];
    const onEvent = (watcher: Watcher): void => {
      heard.push(watcher.identities.list[0]!.id);
      if (watcher === all[0]) onFirst(table, all);
    };
    const table = new WatchTable(HASH_KEY, { onEvent }, true);
    at('/a', (bytes, view, end) => {
      for (const one of all) table.add(one, kind, bytes, view, 2, end);
      table.fire(EventType.Created, open, bytes, view, 2, end);
    });
    return heard;
  }

  const leaving =
    (...who: readonly number[]) =>
    (table: WatchTable, all: readonly Listener[]): void => {
      for (const i of who) table.removeAll(all[i]!);
    };

  test.each([Data, Persistent])(
    'whoever leaves before its turn does not hear (kind %i)',
    (kind) => {
      expect(told(kind, leaving())).toEqual(['a', 'b', 'c', 'd']);
      expect(told(kind, leaving(0))).toEqual(['a', 'b', 'c', 'd']);
      expect(told(kind, leaving(1))).toEqual(['a', 'c', 'd']);
      expect(told(kind, leaving(1, 2))).toEqual(['a', 'd']);
      expect(told(kind, leaving(2, 1))).toEqual(['a', 'd']);
      expect(told(kind, leaving(3))).toEqual(['a', 'b', 'c']);
      expect(told(kind, leaving(3, 2, 1, 0))).toEqual(['a']);
    },
  );

  test('nobody comes, and nothing else happens', () => {
    const adding = (table: WatchTable, all: readonly Listener[]): void =>
      at('/b', (bytes, view, end) => table.add(all[0]!, Data, bytes, view, 2, end));
    expect(() => told(Data, adding)).toThrow('no watch is added while an event is told');
    const firing = (table: WatchTable): void =>
      at('/b', (bytes, view, end) => table.fire(EventType.Created, open, bytes, view, 2, end));
    expect(() => told(Data, firing)).toThrow('one event is told at a time');
  });
});

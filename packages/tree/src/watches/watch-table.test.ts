import { EventType, encodeUtf8 } from '@zabra/wire';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AclList } from '../acl/acl-list.ts';
import { Identities } from '../acl/identity.ts';
import { HASH_KEY } from '../testing/world.ts';
import { type WatchEntry, type Watcher, WatchKind, WatchTable } from './watch-table.ts';

class Listener implements Watcher {
  readonly watchEntries: Set<WatchEntry> = new Set();
  watchStamp = 0;
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

const path = fc.constantFrom('/', '/a', '/a/b', '/a/b/c', '/ab', '/b');
const who = fc.nat(2);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('add'), who, path, bits: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remove'), who, path, bits: fc.nat(15) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('create', 'change', 'delete', 'children'),
      who,
      path,
      bits: fc.nat(1),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('leave'), who, path, bits: fc.constant(0) }),
  },
);

/** The table as a list of registrations, walked whole for everything. */
class NaiveWatches {
  #all: { who: number; path: string; kind: number }[] = [];

  add(who: number, path: string, kind: number): void {
    if (!this.has(who, path, kind)) this.#all.push({ who, path, kind });
  }

  has(who: number, path: string, kind: number): boolean {
    return this.#all.some((one) => one.who === who && one.path === path && one.kind === kind);
  }

  kindsOf(who: number, path: string): number {
    return kinds.filter((kind) => this.has(who, path, kind)).reduce((bits, kind) => bits | kind, 0);
  }

  remove(who: number, path: string, bits: number): void {
    this.#drop((one) => one.who === who && one.path === path && (one.kind & bits) !== 0);
  }

  leave(who: number): void {
    this.#drop((one) => one.who === who);
  }

  /** Who hears of it. */
  fire(change: string, path: string): number[] {
    const onNode = change === 'children' ? 0 : Data;
    const onChildren = change === 'children' || change === 'delete' ? Child : 0;
    const oneShot = onNode | onChildren;
    const heard = this.#all.filter((one) => {
      if (one.path === path && (one.kind & (oneShot | Persistent)) !== 0) return true;
      return one.kind === Recursive && change !== 'children' && isAtOrBelow(path, one.path);
    });
    this.#drop((one) => one.path === path && (one.kind & oneShot) !== 0);
    return [...new Set(heard.map((one) => one.who))].sort();
  }

  /** A connection counts once for each of Apache's two tables it is in for a path. */
  get count(): number {
    const inData = this.#all.filter(({ kind }) => kind !== Child);
    const inChild = this.#all.filter(({ kind }) => kind === Child || kind === Persistent);
    return distinct(inData) + distinct(inChild);
  }

  get dataPaths(): string[] {
    const inData = this.#all.filter(({ kind }) => kind !== Child);
    return [...new Set(inData.map((one) => one.path))].sort();
  }

  #drop(isDropped: (one: { who: number; path: string; kind: number }) => boolean): void {
    this.#all = this.#all.filter((one) => !isDropped(one));
  }
}

function distinct(registrations: readonly { who: number; path: string }[]): number {
  return new Set(registrations.map(({ who, path }) => `${who} ${path}`)).size;
}

function isAtOrBelow(path: string, top: string): boolean {
  return path === top || top === '/' || path.startsWith(`${top}/`);
}

test('every event reaches those a plain list of registrations names, once', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
      const listeners = [0, 1, 2].map((i) => new Listener(`${i}`));
      const heard: number[] = [];
      const table = new WatchTable(
        HASH_KEY,
        { onEvent: (watcher) => heard.push(listeners.indexOf(watcher as Listener)) },
        false,
      );
      const naive = new NaiveWatches();
      for (const { do: action, who, path, bits } of steps) {
        const listener = listeners[who]!;
        at(path, (bytes, view, end) => {
          if (action === 'add') {
            naive.add(who, path, kinds[bits]!);
            table.add(listener, kinds[bits]!, bytes, view, 2, end);
          } else if (action === 'remove') {
            const expected = (naive.kindsOf(who, path) & bits) !== 0;
            expect(table.remove(listener, bits, bytes, view, 2, end)).toBe(expected);
            naive.remove(who, path, bits);
          } else if (action === 'leave') {
            table.removeAll(listener);
            naive.leave(who);
            expect(listener.watchEntries.size).toBe(0);
          } else {
            const acl = bits === 0 ? open : closed;
            heard.length = 0;
            if (action === 'delete') table.fireDeleted(acl, bytes, view, 2, end);
            else if (action === 'children') table.fireChildren(acl, bytes, view, 2, end);
            else if (action === 'create') table.fire(EventType.Created, acl, bytes, view, 2, end);
            else table.fire(EventType.DataChanged, acl, bytes, view, 2, end);
            // Whoever may not read hears nothing, and has spent the watch.
            const expected = naive.fire(action, path).filter((one) => acl === open || one < 2);
            expect([...heard].sort()).toEqual(expected);
          }
          for (let i = 0; i < listeners.length; i += 1) {
            expect(table.kindsOf(listeners[i]!, bytes, view, 2, end)).toBe(naive.kindsOf(i, path));
          }
        });
        expect(table.count).toBe(naive.count);
        expect(table.summary().paths).toBe(naive.dataPaths.length);
      }
      for (const listener of listeners) table.removeAll(listener);
      expect(table.count).toBe(0);
      expect([...table.dataWatches()]).toEqual([]);
    }),
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

/** The book against a list of watches that is searched from one end to the other. */
import { EventType } from '@zabra/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allKinds, WatchBook, WatchKind } from './watch-book.ts';

interface Entry {
  readonly kind: WatchKind;
  readonly path: string;
  readonly watcher: number;
}

const oneShot: readonly (readonly [type: number, kinds: readonly WatchKind[]])[] = [
  [EventType.Created, [WatchKind.Data, WatchKind.Exist]],
  [EventType.Deleted, [WatchKind.Data, WatchKind.Exist, WatchKind.Child]],
  [EventType.DataChanged, [WatchKind.Data, WatchKind.Exist]],
  [EventType.ChildrenChanged, [WatchKind.Child]],
];

function hears({ kind, path }: Entry, type: number, at: string): boolean {
  if (kind === WatchKind.Recursive) {
    const isBelow = path === '/' || at === path || at.startsWith(`${path}/`);
    return isBelow && type !== EventType.ChildrenChanged;
  }
  if (at !== path) return false;
  if (kind === WatchKind.Persistent) return true;
  return oneShot.some(([fires, kinds]) => fires === type && kinds.includes(kind));
}

const entries: fc.Arbitrary<Entry> = fc.record({
  kind: fc.constantFrom(...allKinds),
  path: fc.constantFrom('/', '/a', '/a/b', '/a/b/c', '/ab', '/b'),
  watcher: fc.integer({ min: 1, max: 3 }),
});

describe('a watch book', () => {
  it('tells the same watchers as a plain list', () => {
    const types = fc.constantFrom(...oneShot.map(([type]) => type));
    const steps = fc.array(
      fc.oneof(
        fc.record({ add: entries }),
        fc.record({ remove: entries, isAll: fc.boolean() }),
        fc.record({ fire: types, at: entries.map(({ path }) => path) }),
      ),
      { maxLength: 40 },
    );
    const property = fc.property(steps, (given) => {
      const book = new WatchBook();
      let list: Entry[] = [];
      for (const step of given) {
        if ('add' in step) {
          const { kind, path, watcher } = step.add;
          book.add(kind, path, watcher);
          list = list.filter((e) => e.kind !== kind || e.path !== path || e.watcher !== watcher);
          list.push(step.add);
        } else if ('remove' in step) {
          const { kind, path, watcher } = step.remove;
          const isMeant = (e: Entry): boolean =>
            e.kind === kind && e.path === path && (step.isAll || e.watcher === watcher);
          const gone = book.remove(kind, path, step.isAll ? null : watcher);
          expect(new Set(gone)).toEqual(new Set(list.filter(isMeant).map((e) => e.watcher)));
          list = list.filter((e) => !isMeant(e));
        } else {
          const told = list.filter((e) => hears(e, step.fire, step.at));
          const watchers = book.fire(step.fire, step.at);
          expect(watchers).toHaveLength(new Set(watchers).size);
          expect(new Set(watchers)).toEqual(new Set(told.map((e) => e.watcher)));
          const stays = (e: Entry): boolean => e.kind >= WatchKind.Persistent || !told.includes(e);
          list = list.filter(stays);
        }
        expect(book.count).toBe(list.length);
      }
    });
    fc.assert(property, { numRuns: 500 });
  });

  it('takes no longer for a path of very many names', () => {
    const book = new WatchBook();
    book.add(WatchKind.Recursive, '/a', 1);
    expect(book.fire(EventType.Created, `/a${'/a'.repeat(500_000)}`)).toEqual([1]);
  });

  it('says nothing to an event of no known kind', () => {
    const book = new WatchBook();
    book.add(WatchKind.Persistent, '/a', 1);
    expect(book.fire(99, '/a')).toEqual([]);
  });
});

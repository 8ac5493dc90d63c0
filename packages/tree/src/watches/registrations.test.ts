import fc from 'fast-check';
import { expect, test } from 'vitest';
import { List, NONE, Registrations } from './registrations.ts';

function rowsOf(registrations: Registrations, list: List, first: number): number[] {
  const rows: number[] = [];
  for (let row = first; row !== NONE; row = registrations.next(list, row)) rows.push(row);
  return rows;
}

test('each is in the list of its path and in that of its watcher, in the order they came', () => {
  const step = fc.record({ isRemoval: fc.boolean(), which: fc.nat(), path: fc.nat(2) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
      const registrations = new Registrations();
      /** Rows by path, and all of them as those of one watcher. */
      const byPath: number[][] = [[], [], []];
      const firsts = [NONE, NONE, NONE];
      let all: number[] = [];
      let first = NONE;
      for (const { isRemoval, which, path } of steps) {
        if (isRemoval && all.length > 0) {
          const row = all[which % all.length]!;
          const of = registrations.pathOf(row);
          firsts[of] = registrations.remove(List.OfPath, firsts[of]!, row);
          first = registrations.remove(List.OfWatcher, first, row);
          registrations.release(row);
          byPath[of] = byPath[of]!.filter((one) => one !== row);
          all = all.filter((one) => one !== row);
        } else {
          const row = registrations.add(path, 5, 3);
          firsts[path] = registrations.append(List.OfPath, firsts[path]!, row);
          first = registrations.append(List.OfWatcher, first, row);
          byPath[path]!.push(row);
          all.push(row);
        }
        expect(rowsOf(registrations, List.OfWatcher, first)).toEqual(all);
        expect(firsts.map((one) => rowsOf(registrations, List.OfPath, one))).toEqual(byPath);
      }
    }),
  );
});

test('a watcher and its kinds share a word and do not disturb each other', () => {
  const registrations = new Registrations();
  for (const watcher of [0, 1, 1000, 2 ** 27, 2 ** 28 - 1]) {
    const row = registrations.add(123, watcher, 1);
    for (const kinds of [1, 15, 8, 2]) {
      registrations.setKinds(row, kinds);
      expect(registrations.kindsOf(row)).toBe(kinds);
      expect(registrations.watcherOf(row)).toBe(watcher);
      expect(registrations.pathOf(row)).toBe(123);
    }
  }
});

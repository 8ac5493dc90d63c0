import { describe, expect, test } from 'vitest';
import { drawStart, SessionIds } from './session-ids.ts';

const NOBODY = (): boolean => false;
const WALL_MS = 1_790_000_000_000;
const START = drawStart(7, WALL_MS, 5n);

function idsOf(serverId: number, seed: number, wallMs: number, zxid: bigint, count = 1): string[] {
  const ids = new SessionIds(serverId);
  ids.begin(drawStart(seed, wallMs, zxid));
  return Array.from({ length: count }, () => {
    ids.advance(NOBODY);
    return text(ids.high, ids.low);
  });
}

function text(high: number, low: number): string {
  return `${hex(high)}${hex(low)}`;
}

function hex(half: number): string {
  return (half >>> 0).toString(16).padStart(8, '0');
}

describe('ids of sessions', () => {
  test('have the number of their server in the highest byte, as one byte', () => {
    expect(idsOf(1, 7, WALL_MS, 5n)[0]!.slice(0, 2)).toBe('01');
    expect(idsOf(200, 7, WALL_MS, 5n)[0]!.slice(0, 2)).toBe('c8');
    expect(idsOf(513, 7, WALL_MS, 5n)[0]!.slice(0, 2)).toBe('01');
  });

  test('count up', () => {
    const [first, second, third] = idsOf(1, 7, WALL_MS, 5n, 3).map((id) => BigInt(`0x${id}`));
    expect(second! - first!).toBe(1n);
    expect(third! - second!).toBe(1n);
  });

  test('do not come back with a clock that was set back, nor with one that stands still', () => {
    const before = idsOf(1, 7, WALL_MS, 5n, 100);
    // The same moment again, with other chance or after one transaction more.
    expect(before).not.toContain(idsOf(1, 8, WALL_MS, 5n)[0]);
    expect(before).not.toContain(idsOf(1, 7, WALL_MS, 6n)[0]);
  });

  test('do not come back with a database that begins anew', () => {
    const before = idsOf(1, 7, WALL_MS, 0n, 100);
    expect(before).not.toContain(idsOf(1, 7, WALL_MS + 1, 0n)[0]);
    expect(before).not.toContain(idsOf(1, 8, WALL_MS, 0n)[0]);
  });

  test('of two thousand starts are all different', () => {
    const all = new Set<string>();
    for (let start = 0; start < 2000; start += 1) {
      for (const id of idsOf(1, start % 2, WALL_MS + (start % 4), BigInt(start >> 2), 100))
        all.add(id);
    }
    expect(all.size).toBe(200_000);
  });

  test('go on where they were when the server begins to serve again', () => {
    const ids = new SessionIds(1);
    ids.begin(START);
    ids.advance(NOBODY);
    const { high, low } = ids;
    ids.begin(START);
    ids.advance(NOBODY);
    expect([ids.high, ids.low]).toEqual([high, low + 1]);
  });

  test('pass over those that are taken', () => {
    const [, , third] = idsOf(1, 7, WALL_MS, 5n, 3);
    const ids = new SessionIds(1);
    ids.begin(START);
    ids.advance((high, low) => text(high, low) !== third);
    expect(text(ids.high, ids.low)).toBe(third);
  });

  test('never run over into the number of another server, and are never that number alone', () => {
    const ids = new SessionIds(128);
    ids.begin(0xfffffffffffffen);
    const given = [1, 2].map(() => {
      ids.advance(NOBODY);
      return text(ids.high, ids.low);
    });
    expect(given).toEqual(['80ffffffffffffff', '8000000000000001']);
  });
});

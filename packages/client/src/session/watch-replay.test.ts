import { EventType, JuteReader, Opcode, operations } from '@zabra/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allKinds, WatchBook, WatchKind } from './watch-book.ts';
import { WatchReplay } from './watch-replay.ts';

const REPLAY_BYTES_MAX = 128 * 1024;

interface Piece {
  readonly zxid: bigint;
  readonly lists: readonly (readonly string[])[];
}

function decoded({ opcode, body }: { opcode: number; body: Uint8Array }): Piece {
  const reader = JuteReader.over(body);
  if (opcode === Opcode.SetWatches) {
    const request = operations[Opcode.SetWatches].decodeRequest(reader)!;
    const { relativeZxid, dataWatches, existWatches, childWatches } = request;
    return { zxid: relativeZxid, lists: [dataWatches, existWatches, childWatches, [], []] };
  }
  const request = operations[Opcode.SetWatches2].decodeRequest(reader)!;
  const { relativeZxid, dataWatches, existWatches, childWatches } = request;
  const { persistentWatches, persistentRecursiveWatches } = request;
  const persistent = [persistentWatches, persistentRecursiveWatches];
  expect(persistent.flat()).not.toEqual([]);
  return { zxid: relativeZxid, lists: [dataWatches, existWatches, childWatches, ...persistent] };
}

function piecesOf(replay: WatchReplay): Piece[] {
  const pieces: Piece[] = [];
  for (let piece = replay.next(); piece !== null; piece = replay.next()) {
    expect(piece.body.length).toBeLessThan(REPLAY_BYTES_MAX + 64);
    pieces.push(decoded(piece));
  }
  return pieces;
}

describe('the watches of a session', { timeout: 60_000 }, () => {
  it('are set again each once, in pieces below the limit (B-70)', () => {
    const book = new WatchBook();
    const count = 200_000;
    for (let i = 0; i < count; i += 1) book.add(allKinds[i % 5]!, `/watched/ä/node-${i}`, 1);
    const pieces = piecesOf(new WatchReplay(book, 3, -1, REPLAY_BYTES_MAX));
    const seen = new Set(pieces.flatMap(({ lists }) => lists.flat()));
    expect(seen.size).toBe(count);
    expect(pieces.flatMap(({ lists }) => lists.flat())).toHaveLength(count);
    expect(new Set(pieces.map(({ zxid }) => zxid))).toEqual(new Set([0x3ffffffffn]));
    const misplaced = pieces.flatMap(({ lists }) =>
      lists.flatMap((paths, kind) =>
        paths.filter((path) => Number(path.split('-')[1]) % 5 !== kind),
      ),
    );
    expect(misplaced).toEqual([]);
  });

  it('fill each piece, and a path longer than a piece goes alone', () => {
    const property = fc.property(
      fc.array(fc.integer({ min: 1, max: REPLAY_BYTES_MAX + 2000 }), { maxLength: 5 }),
      (lengths) => {
        const book = new WatchBook();
        for (const [i, length] of lengths.entries()) {
          book.add(WatchKind.Data, `/${'x'.repeat(length)}${i}`, 1);
        }
        const replay = new WatchReplay(book, 0, 1, REPLAY_BYTES_MAX);
        let held = 0;
        for (let piece = replay.next(); piece !== null; piece = replay.next()) {
          const [paths = []] = decoded(piece).lists;
          if (paths.length > 1) expect(piece.body.length).toBeLessThan(REPLAY_BYTES_MAX + 64);
          held += paths.length;
        }
        expect(held).toBe(lengths.length);
      },
    );
    fc.assert(property, { numRuns: 20 });
  });

  it('that fire meanwhile are not set again', () => {
    const book = new WatchBook();
    const long = 'x'.repeat(REPLAY_BYTES_MAX / 2);
    for (const name of ['a', 'b', 'c']) book.add(WatchKind.Data, `/${name}${long}`, 1);
    const replay = new WatchReplay(book, 0, 1, REPLAY_BYTES_MAX);
    replay.next();
    book.fire(EventType.DataChanged, `/b${long}`);
    expect(piecesOf(replay).flatMap(({ lists }) => lists.flat())).toEqual([`/c${long}`]);
  });
});

import { deflateRawSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { compress } from 'snappyjs';
import { describe, expect, test } from 'vitest';
import { joined } from '../testing/store-world.ts';
import type { OpenFile } from './files.ts';
import { type Pieces, readPieces } from './pieces.ts';
import { SNAPPY_MAGIC, unsnap } from './unsnap.ts';
import { unzip } from './unzip.ts';

/** A file in memory that gives at most so many bytes at a time. */
function fileOf(content: Uint8Array, chunkBytes = content.length): OpenFile {
  return {
    async read(target, at) {
      const part = content.subarray(at, Math.min(at + chunkBytes, at + target.length));
      target.set(part);
      return part.length;
    },
    write: () => Promise.reject(new Error('nobody writes here')),
    truncate: async () => undefined,
    sync: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

async function* piecesOf(content: Uint8Array, pieceBytes: number): Pieces {
  for (let at = 0; at < content.length; at += pieceBytes) {
    yield content.slice(at, at + pieceBytes);
  }
}

async function whole(pieces: Pieces): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const piece of pieces) parts.push(piece.slice());
  return joined(...parts);
}

const contents = fc.uint8Array({ minLength: 1, maxLength: 300 });
const sizes = fc.integer({ min: 1, max: 70 });
const text = new TextEncoder().encode('a node and its data, again and again '.repeat(5000));

/** A stream as Java's library writes it. */
function snapped(content: Uint8Array, blockBytes: number): Uint8Array {
  const parts: Uint8Array[] = [SNAPPY_MAGIC, Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 1)];
  for (let at = 0; at < content.length; at += blockBytes) {
    const block = compress(content.slice(at, at + blockBytes));
    const length = new DataView(new ArrayBuffer(4));
    length.setInt32(0, block.length);
    parts.push(new Uint8Array(length.buffer), block);
  }
  return joined(...parts);
}

describe('a file in pieces', () => {
  test('comes whole, however little a read gives', async () => {
    await fc.assert(
      fc.asyncProperty(contents, sizes, sizes, async (content, pieceBytes, chunkBytes) => {
        const file = fileOf(content, chunkBytes);
        expect(await whole(readPieces(file, content.length, pieceBytes))).toEqual(content);
      }),
    );
  });

  test('a piece stays as it is while the next one is in use', async () => {
    const content = Uint8Array.from({ length: 90 }, (_, i) => i);
    let before: { piece: Uint8Array; copy: Uint8Array } | null = null;
    for await (const piece of readPieces(fileOf(content), content.length, 10)) {
      if (before !== null) expect(before.piece).toEqual(before.copy);
      before = { piece, copy: piece.slice() };
    }
  });

  test('a slice of a piece is a copy', async () => {
    for await (const piece of readPieces(fileOf(text), text.length)) {
      expect(Buffer.isBuffer(piece)).toBe(false);
    }
    for await (const piece of unzip(piecesOf(gzipSync(text), 999))) {
      expect(Buffer.isBuffer(piece)).toBe(false);
    }
  });

  test('a read that fails is heard of, though nobody waited for it yet', async () => {
    const file = fileOf(text);
    const failing: OpenFile = {
      ...file,
      read: (target, at) => (at > 0 ? Promise.reject(new Error('EIO')) : file.read(target, at)),
    };
    const pieces = readPieces(failing, text.length, 100);
    expect((await pieces.next()).value).toHaveLength(100);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await expect(pieces.next()).rejects.toThrow('EIO');
  });
});

describe('packed snapshots', () => {
  test('gzip', async () => {
    await fc.assert(
      fc.asyncProperty(contents, sizes, async (content, pieceBytes) => {
        expect(await whole(unzip(piecesOf(gzipSync(content), pieceBytes)))).toEqual(content);
      }),
      { numRuns: 30 },
    );
  });

  test('Snappy', async () => {
    await fc.assert(
      fc.asyncProperty(contents, sizes, sizes, async (content, pieceBytes, blockBytes) => {
        const packed = snapped(content, blockBytes);
        expect(await whole(unsnap(piecesOf(packed, pieceBytes)))).toEqual(content);
      }),
    );
    expect(await whole(unsnap(piecesOf(snapped(text, 32_768), 4096)))).toEqual(text);
  });

  test('one that was cut anywhere is noticed', async () => {
    const zipped = gzipSync(text);
    for (const end of [1, 9, 200, zipped.length - 8, zipped.length - 1]) {
      await expect(whole(unzip(piecesOf(zipped.subarray(0, end), 50)))).rejects.toThrow();
    }
    const packed = snapped(text, 32_768);
    for (const end of [0, 10, 19, 400, packed.length - 1]) {
      await expect(whole(unsnap(piecesOf(packed.subarray(0, end), 50)))).rejects.toThrow();
    }
  });

  test('damage is an error and never hangs', async () => {
    const zipped = gzipSync(text);
    zipped[zipped.length - 6] = (zipped[zipped.length - 6] ?? 0) ^ 1;
    await expect(whole(unzip(piecesOf(zipped, 50)))).rejects.toThrow();
    await expect(whole(unzip(piecesOf(deflateRawSync(text), 50)))).rejects.toThrow();
    const packed = snapped(text, 32_768);
    packed[16] = 0xff;
    await expect(whole(unsnap(piecesOf(packed, 50)))).rejects.toThrow('has no length');
  });

  test('whoever stops in the middle leaves nothing behind', async () => {
    for await (const piece of unzip(piecesOf(gzipSync(text), 50))) {
      expect(piece.length).toBeGreaterThan(0);
      break;
    }
  });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Slab } from './slab.ts';

interface Blob {
  readonly handle: number;
  readonly content: Uint8Array;
}

const byteCount = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 40 }) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 1200 }) },
  { weight: 1, arbitrary: fc.integer({ min: 8000, max: 8400 }) },
  { weight: 1, arbitrary: fc.constantFrom(128, 129, 4096, 8192, 8193, 300_000) },
);

const step = fc.record({
  action: fc.constantFrom('store', 'store', 'release', 'overwrite'),
  which: fc.nat(),
  byteCount,
  byte: fc.nat(255),
});

/** Contents of which no two are alike where they could overlap. */
function content(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (seed * 31 + i * 7 + (i >> 8)) & 0xff);
}

/** A source with something around what is meant. */
function store(slab: Slab, bytes: Uint8Array): number {
  const source = new Uint8Array(bytes.length + 6).fill(0xee);
  source.set(bytes, 3);
  return slab.store(source, new DataView(source.buffer), 3, bytes.length);
}

function expectIntact(slab: Slab, { handle, content }: Blob): void {
  const offset = slab.offsetOf(handle);
  const stored = slab.bytesOf(handle).subarray(offset, offset + content.length);
  expect(stored.length).toBe(content.length);
  if (stored.some((byte, i) => byte !== content[i])) expect(stored).toEqual(content);
  expect(slab.viewOf(handle).getUint8(offset)).toBe(content[0]);
}

test('blobs stay as they are while others come, change and go', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
      const slab = new Slab();
      const blobs: Blob[] = [];
      for (const [i, { action, which, byteCount, byte }] of steps.entries()) {
        const at = blobs.length === 0 ? 0 : which % blobs.length;
        const blob = blobs[at];
        if (action === 'store' || blob === undefined) {
          const bytes = content(byteCount, byte + i);
          blobs.push({ handle: store(slab, bytes), content: bytes });
        } else if (action === 'release') {
          slab.release(blob.handle, blob.content.length);
          blobs.splice(at, 1);
        } else if (slab.sameRoom(blob.content.length, byteCount)) {
          const bytes = content(byteCount, byte + i);
          slab.write(blob.handle, bytes, new DataView(bytes.buffer), 0, byteCount);
          blobs[at] = { handle: blob.handle, content: bytes };
        }
        for (const one of blobs) expectIntact(slab, one);
      }
    }),
    { numRuns: 60 },
  );
});

test('rooms are shared within a size class, and above all classes by equal sizes only', () => {
  const slab = new Slab();
  expect(slab.sameRoom(1, 8)).toBe(true);
  expect(slab.sameRoom(8, 9)).toBe(false);
  expect(slab.sameRoom(129, 144)).toBe(true);
  expect(slab.sameRoom(7169, 7681)).toBe(false);
  expect(slab.sameRoom(8193, 8193)).toBe(true);
  expect(slab.sameRoom(8193, 8194)).toBe(false);
  expect(slab.sameRoom(8192, 8193)).toBe(false);
});

test('freed slots are used again and large blobs are given back at once', () => {
  const slab = new Slab();
  const first = slab.allocate(100);
  const pageBytes = slab.byteCount;
  slab.release(first, 100);
  expect(slab.allocate(97)).toBe(first);
  const large = slab.allocate(1_000_000);
  expect(slab.byteCount).toBe(pageBytes + 1_000_000);
  slab.release(large, 1_000_000);
  expect(slab.byteCount).toBe(pageBytes);
  expect(slab.allocate(20_000)).toBe(large);
});

test('with small slots only, whatever is larger is given back at once', () => {
  const slab = new Slab(1024);
  const slot = slab.allocate(1024);
  const pageBytes = slab.byteCount;
  const handles = [1025, 1026, 8192, 9000].map((count) => [slab.allocate(count), count] as const);
  expect(slot).toBeGreaterThanOrEqual(0);
  expect(slab.byteCount).toBe(pageBytes + 1025 + 1026 + 8192 + 9000);
  expect(slab.sameRoom(1025, 1026)).toBe(false);
  expect(slab.sameRoom(1023, 1024)).toBe(true);
  for (const [handle, count] of handles) slab.release(handle, count);
  expect(slab.byteCount).toBe(pageBytes);
});

test('slots of a page follow each other until it is full, and the first page of a class is small', () => {
  const slab = new Slab();
  const handles = new Set<number>();
  const fill = (count: number): number => {
    while (handles.size < count) handles.add(slab.allocate(8192));
    return slab.byteCount;
  };
  // 16 slots of 8 KiB to the first page, and 32 to each of 256 KiB.
  expect(fill(1)).toBe(128 * 1024);
  expect(fill(16)).toBe(128 * 1024);
  expect(fill(100)).toBe(128 * 1024 + 3 * 256 * 1024);
  expect(handles.size).toBe(100);
  const one = slab.byteCount;
  slab.allocate(8);
  expect(slab.byteCount - one).toBe(16 * 8);
});

test('large blobs have handles of their own, and as many as it takes', () => {
  const slab = new Slab();
  const bytes = content(8200, 1);
  // As many as there could be pages if each took one, and one more.
  const blobs = 1 << 17;
  const source = new DataView(bytes.buffer);
  for (let i = 0; i <= blobs; i += 1) {
    const handle = slab.store(bytes, source, 0, bytes.length);
    expect(handle).toBeLessThan(0);
    slab.release(handle, bytes.length);
  }
  expect(slab.byteCount).toBe(0);
});

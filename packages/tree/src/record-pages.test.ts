import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RecordPages } from './record-pages.ts';

const ROWS_PER_PAGE = 4096;

function wordsOf(records: RecordPages, row: number, recordBytes: number): number[] {
  const view = records.viewOf(row);
  const at = records.offsetOf(row);
  return Array.from({ length: recordBytes / 4 }, (_, i) => view.getInt32(at + i * 4));
}

function fill(records: RecordPages, row: number, recordBytes: number, value: number): void {
  const view = records.viewOf(row);
  const at = records.offsetOf(row);
  for (let i = 0; i < recordBytes; i += 4) view.setInt32(at + i, value + i);
}

test('records stay as they are while others come and go, and new ones are zeros', () => {
  const step = fc.record({ isRelease: fc.boolean(), which: fc.nat() });
  fc.assert(
    fc.property(
      fc.constantFrom(4, 16, 28),
      fc.array(step, { maxLength: 100, size: 'max' }),
      (recordBytes, steps) => {
        const records = new RecordPages(recordBytes);
        const rows = new Map<number, number[]>();
        let most = 0;
        for (const [i, { isRelease, which }] of steps.entries()) {
          if (isRelease && rows.size > 0) {
            const row = [...rows.keys()][which % rows.size]!;
            records.release(row);
            rows.delete(row);
          } else {
            const row = records.allocate();
            expect(rows.has(row)).toBe(false);
            expect(wordsOf(records, row, recordBytes).every((word) => word === 0)).toBe(true);
            fill(records, row, recordBytes, -1 - i);
            rows.set(row, wordsOf(records, row, recordBytes));
            most = Math.max(most, rows.size);
          }
          for (const [row, words] of rows)
            expect(wordsOf(records, row, recordBytes)).toEqual(words);
          // Rows are taken anew only when none is free.
          expect(records.rowEnd).toBe(most);
        }
      },
    ),
  );
});

test('it takes little room for few records, and keeps them where it grows', () => {
  const records = new RecordPages(16);
  fill(records, records.allocate(), 16, 7);
  expect(records.byteCount).toBe(32 * 16);
  for (let i = 1; i < 1000; i += 1) fill(records, records.allocate(), 16, 7 + i);
  expect(records.byteCount).toBe(2048 * 16);
  for (let row = 0; row < 1000; row += 1) expect(wordsOf(records, row, 16)[0]).toBe(7 + row);
});

test('it grows by a page, and by none as long as rows are free', () => {
  const records = new RecordPages(28);
  for (let i = 0; i <= ROWS_PER_PAGE; i += 1) fill(records, records.allocate(), 28, i);
  expect(records.byteCount).toBe(2 * ROWS_PER_PAGE * 28);
  expect(wordsOf(records, 0, 28)[0]).toBe(0);
  expect(wordsOf(records, ROWS_PER_PAGE, 28)[0]).toBe(ROWS_PER_PAGE);
  for (let row = 0; row <= ROWS_PER_PAGE; row += 1) records.release(row);
  for (let i = 0; i < 2 * ROWS_PER_PAGE; i += 1) records.allocate();
  expect(records.byteCount).toBe(2 * ROWS_PER_PAGE * 28);
});

/** Records in pages of equal size, so that growth never copies a node; freed rows are reused. */
import { RECORD_BYTES } from './record.ts';

const ROW_BITS = 12;
const ROWS_PER_PAGE = 1 << ROW_BITS;
const ROW_MASK = ROWS_PER_PAGE - 1;

export class NodePages {
  readonly #views: DataView[] = [];
  readonly #freeRows: number[] = [];
  #rowEnd = 0;

  /** Every row in use is below this. */
  get rowEnd(): number {
    return this.#rowEnd;
  }

  get byteCount(): number {
    return this.#views.length * ROWS_PER_PAGE * RECORD_BYTES;
  }

  viewOf(row: number): DataView {
    return this.#views[row >>> ROW_BITS]!;
  }

  offsetOf(row: number): number {
    return (row & ROW_MASK) * RECORD_BYTES;
  }

  /** A row whose record is all zeros. */
  allocate(): number {
    const free = this.#freeRows.pop();
    if (free !== undefined) return free;
    const row = this.#rowEnd;
    if (row >>> ROW_BITS === this.#views.length) {
      this.#views.push(new DataView(new ArrayBuffer(ROWS_PER_PAGE * RECORD_BYTES)));
    }
    this.#rowEnd += 1;
    return row;
  }

  release(row: number): void {
    const view = this.viewOf(row);
    const at = this.offsetOf(row);
    for (let i = 0; i < RECORD_BYTES; i += 4) view.setInt32(at + i, 0);
    this.#freeRows.push(row);
  }
}

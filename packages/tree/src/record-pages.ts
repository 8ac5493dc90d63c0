/**
 * Records of one size in pages, named by their row: growth adds a page and copies nothing, and a
 * freed row is the next to be used.
 *
 * A free record is all zeros but for its first word, which leads to the row freed before it.
 */
const ROW_BITS = 12;
const ROWS_PER_PAGE = 1 << ROW_BITS;
const ROW_MASK = ROWS_PER_PAGE - 1;

export class RecordPages {
  readonly #recordBytes: number;
  readonly #views: DataView[] = [];
  /** The row freed last, plus one. */
  #lastFreed = 0;
  #rowEnd = 0;

  /** The size of a record is a multiple of four. */
  constructor(recordBytes: number) {
    this.#recordBytes = recordBytes;
  }

  /** Every row in use is below this. */
  get rowEnd(): number {
    return this.#rowEnd;
  }

  get byteCount(): number {
    return this.#views.length * ROWS_PER_PAGE * this.#recordBytes;
  }

  viewOf(row: number): DataView {
    return this.#views[row >>> ROW_BITS]!;
  }

  offsetOf(row: number): number {
    return (row & ROW_MASK) * this.#recordBytes;
  }

  /** A row whose record is all zeros. */
  allocate(): number {
    if (this.#lastFreed !== 0) return this.#reuse(this.#lastFreed - 1);
    const row = this.#rowEnd;
    if (row >>> ROW_BITS === this.#views.length) {
      this.#views.push(new DataView(new ArrayBuffer(ROWS_PER_PAGE * this.#recordBytes)));
    }
    this.#rowEnd += 1;
    return row;
  }

  release(row: number): void {
    const view = this.viewOf(row);
    const at = this.offsetOf(row);
    view.setInt32(at, this.#lastFreed);
    for (let i = 4; i < this.#recordBytes; i += 4) view.setInt32(at + i, 0);
    this.#lastFreed = row + 1;
  }

  #reuse(row: number): number {
    const view = this.viewOf(row);
    const at = this.offsetOf(row);
    this.#lastFreed = view.getInt32(at);
    view.setInt32(at, 0);
    return row;
  }
}

/**
 * Records of one size in pages, named by their row: growth adds a page and copies nothing, but for the
 * first page, which begins small and grows to the size of the others. A freed row is the next to be
 * used.
 *
 * A free record is all zeros but for its first word, which leads to the row freed before it.
 */
const ROW_BITS = 12;
const ROWS_PER_PAGE = 1 << ROW_BITS;
const ROW_MASK = ROWS_PER_PAGE - 1;
/** Few records take little room. */
const FIRST_ROWS = 32;
const GROWTH = 4;

export class RecordPages {
  readonly #recordBytes: number;
  readonly #views: DataView[] = [];
  /** The row freed last, plus one. */
  #lastFreed = 0;
  #rowEnd = 0;
  /** As many rows as there is room for. */
  #rowCount = 0;

  /** The size of a record is a multiple of four. */
  constructor(recordBytes: number) {
    this.#recordBytes = recordBytes;
  }

  /** Every row in use is below this. */
  get rowEnd(): number {
    return this.#rowEnd;
  }

  get byteCount(): number {
    return this.#rowCount * this.#recordBytes;
  }

  /** Borrowed until the next row is allocated. */
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
    if (row === this.#rowCount) this.#grow();
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

  #grow(): void {
    const isFirst = this.#rowCount < ROWS_PER_PAGE;
    const wanted = isFirst ? Math.max(this.#rowCount * GROWTH, FIRST_ROWS) : ROWS_PER_PAGE;
    const rows = Math.min(wanted, ROWS_PER_PAGE);
    const page = new Uint8Array(rows * this.#recordBytes);
    const first = this.#views[0];
    if (isFirst && first !== undefined) page.set(new Uint8Array(first.buffer));
    this.#views[isFirst ? 0 : this.#views.length] = new DataView(page.buffer);
    this.#rowCount += isFirst ? rows - this.#rowCount : rows;
  }

  #reuse(row: number): number {
    const view = this.viewOf(row);
    const at = this.offsetOf(row);
    this.#lastFreed = view.getInt32(at);
    view.setInt32(at, 0);
    return row;
  }
}

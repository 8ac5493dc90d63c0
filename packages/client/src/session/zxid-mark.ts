/** The largest zxid of some kind that was met, as two halves: it only goes up. */
export class ZxidMark {
  high = 0;
  low = 0;

  /** Takes no notice of what is not positive, which servers say where no zxid fits. */
  raise(high: number, low: number): void {
    const isPositive = high > 0 || (high === 0 && low !== 0);
    const isNewer = high > this.high || (high === this.high && low >>> 0 > this.low >>> 0);
    if (!isPositive || !isNewer) return;
    this.high = high;
    this.low = low;
  }
}

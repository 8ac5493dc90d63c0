/** How many values there were of something that is measured, and between what they lay. */
export class Summary {
  count = 0;
  sum = 0;
  min = 0;
  max = 0;

  add(value: number): void {
    this.min = this.count === 0 ? value : Math.min(this.min, value);
    this.max = Math.max(this.max, value);
    this.count += 1;
    this.sum += value;
  }

  /** The same value many times over, for what a turn does alike to many. */
  addMany(value: number, count: number): void {
    if (count === 0) return;
    this.add(value);
    this.count += count - 1;
    this.sum += value * (count - 1);
  }

  get average(): number {
    return this.count === 0 ? 0 : this.sum / this.count;
  }

  reset(): void {
    this.count = 0;
    this.sum = 0;
    this.min = 0;
    this.max = 0;
  }
}

/** A number measured several times: its median and how far the rounds lie apart. */

export interface Figure {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly values: readonly number[];
}

export function figureOf(values: readonly number[]): Figure {
  if (values.length === 0) throw new Error('a figure needs at least one value');
  const sorted = [...values].sort((a, b) => a - b);
  return { median: medianOf(sorted), low: sorted[0]!, high: sorted.at(-1)!, values };
}

/** Half the distance between the extremes, as a part of the median. */
export function spreadOf(figure: Figure): number {
  if (figure.median === 0) return 0;
  return (figure.high - figure.low) / 2 / Math.abs(figure.median);
}

function medianOf(sorted: readonly number[]): number {
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle]!;
  return (sorted[middle - 1]! + sorted[middle]!) / 2;
}

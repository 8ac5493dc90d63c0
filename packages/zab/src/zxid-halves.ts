/**
 * Zxids as the two halves in which packets carry them. What happens once per record works with
 * halves; everything else takes the whole.
 */
import { asZxid, type Zxid } from '@zabra/wire';

/** Below, at or above zero as the first is smaller, equal or larger. Epochs are signed. */
export function compareHalves(
  oneHigh: number,
  oneLow: number,
  otherHigh: number,
  otherLow: number,
): number {
  return oneHigh === otherHigh ? (oneLow >>> 0) - (otherLow >>> 0) : oneHigh - otherHigh;
}

/** Whether a record of the second zxid may stand right behind one of the first. */
export function isSuccessor(
  beforeHigh: number,
  beforeLow: number,
  high: number,
  low: number,
): boolean {
  if (high === beforeHigh) return low >>> 0 === (beforeLow >>> 0) + 1;
  return high > beforeHigh && low === 1;
}

export function zxidOfHalves(high: number, low: number): Zxid {
  return asZxid((BigInt(high) << 32n) | BigInt(low >>> 0));
}

export function highOf(zxid: Zxid): number {
  return Number(zxid >> 32n);
}

export function lowOf(zxid: Zxid): number {
  return Number(BigInt.asIntN(32, zxid));
}

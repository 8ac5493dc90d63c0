/**
 * Where a live server rightly answers differently from the recorded 3.8.0: what the 3.9 line
 * changed, and what Zabra does otherwise on purpose. Everything not listed here must match.
 */
import type { Level, Product } from '../support/server.ts';
import type { Answer, VaryingField } from './golden.ts';

export interface Deviation {
  readonly reason: string;
  /** Transaction ids the live server consumes beyond the recorded one, for all that follows. */
  readonly extraZxids?: bigint;
  /** The golden answer with the change made to it. */
  readonly rewrite?: (golden: Answer) => Answer;
}

const since39: Readonly<Record<string, Deviation>> = {
  'create.err.marshalling': {
    reason: '3.9 decodes a request before it takes a transaction id for it',
    extraZxids: -1n,
  },
  'multi.ok': {
    reason: '3.9 answers a create2 inside a multi as create2, with its stat',
    rewrite: withCreate2Result,
  },
};

/** Deviations of a product from the recorded bytes, by case name. */
export function deviationOf(name: string, level: Level): Deviation | undefined {
  return level === '3.9' ? since39[name] : undefined;
}

/** Since 3.9 a notification carries the id of the transaction that caused it. */
export function namesZxidInEvents(level: Level): boolean {
  return level === '3.9';
}

/**
 * Apache drops the live connection of a session when somebody else presents its id with a wrong
 * password; Zabra checks the password first, so that knowing an id is not enough to disturb it.
 */
export function wrongPasswordDropsLiveConnection(product: Product): boolean {
  return product !== 'zabra';
}

/** The result of create2 in multi.ok is the second: its header, then its path, which ends here. */
const CREATE2_TYPE_OFFSET = 33;
const CREATE2_PATH_END = 50;
/** The third result, a setData on a node of the same multi, holds the stat to take ids from. */
const SET_DATA_STAT_OFFSET = 59;
const STAT_BYTES = 68;
const STAT_VERSION_OFFSET = 32;

/**
 * Inserts the stat behind the path of the second result. One multi has one transaction id and one
 * time, so the stat is that of the third result but for the version, which a new node has at 0.
 */
function withCreate2Result(golden: Answer): Answer {
  const { bytes, varies } = golden;
  const head = Buffer.from(bytes.subarray(0, CREATE2_PATH_END));
  head.writeInt32BE(15, CREATE2_TYPE_OFFSET);
  const statEnd = SET_DATA_STAT_OFFSET + STAT_BYTES;
  const stat = Buffer.from(bytes.subarray(SET_DATA_STAT_OFFSET, statEnd));
  stat.writeInt32BE(0, STAT_VERSION_OFFSET);
  const inStat = varies.filter((field) => field.offset >= SET_DATA_STAT_OFFSET);
  const back = CREATE2_PATH_END - SET_DATA_STAT_OFFSET;
  return {
    bytes: Buffer.concat([head, stat, bytes.subarray(CREATE2_PATH_END)]),
    varies: [
      ...varies.filter((field) => field.offset < CREATE2_PATH_END),
      ...inStat.map((field) => moved(field, back)),
      ...inStat.map((field) => moved(field, STAT_BYTES)),
    ],
  };
}

function moved(field: VaryingField, by: number): VaryingField {
  return { ...field, offset: field.offset + by };
}

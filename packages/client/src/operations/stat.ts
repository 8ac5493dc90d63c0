/** What is known of a node: zxids and session ids as bigint, times as milliseconds since 1970. */
import type { JuteReader } from '@zabra/wire';

export interface Stat {
  /** The transaction that created the node. */
  readonly czxid: bigint;
  /** The transaction that set its data last. */
  readonly mzxid: bigint;
  readonly ctime: number;
  readonly mtime: number;
  /** How often the data, the list of children and the ACL were changed. */
  readonly version: number;
  readonly cversion: number;
  readonly aversion: number;
  /** The session whose end removes it; 0 where there is none. */
  readonly ephemeralOwner: bigint;
  readonly dataLength: number;
  readonly numChildren: number;
  /** The transaction that changed its children last. */
  readonly pzxid: bigint;
}

const HIGH = 2 ** 32;

export function readStat(reader: JuteReader): Stat {
  return {
    czxid: reader.long(),
    mzxid: reader.long(),
    ctime: readTime(reader),
    mtime: readTime(reader),
    version: reader.int(),
    cversion: reader.int(),
    aversion: reader.int(),
    ephemeralOwner: reader.long(),
    dataLength: reader.int(),
    numChildren: reader.int(),
    pzxid: reader.long(),
  };
}

function readTime(reader: JuteReader): number {
  return reader.int() * HIGH + (reader.int() >>> 0);
}

/**
 * What a node's Stat tells a client; always 68 bytes, pzxid last.
 *
 *     Stat = long czxid, long mzxid, long ctime, long mtime, int version, int cversion, int aversion,
 *            long ephemeralOwner, int dataLength, int numChildren, long pzxid
 *
 * ephemeralOwner is a session id for ephemeral nodes only: containers and nodes with a time to live
 * keep their kind in it.
 */
import type { JuteReader } from '../jute/reader.ts';
import type { JuteWriter } from '../jute/writer.ts';
import { asZxid, type Zxid } from '../zxid.ts';

export const STAT_BYTES = 68;

export interface Stat {
  readonly czxid: Zxid;
  readonly mzxid: Zxid;
  readonly ctime: bigint;
  readonly mtime: bigint;
  readonly version: number;
  readonly cversion: number;
  readonly aversion: number;
  readonly ephemeralOwner: bigint;
  readonly dataLength: number;
  readonly numChildren: number;
  readonly pzxid: Zxid;
}

export function encodeStat(writer: JuteWriter, stat: Stat): void {
  writer.long(stat.czxid);
  writer.long(stat.mzxid);
  writer.long(stat.ctime);
  writer.long(stat.mtime);
  writer.int(stat.version);
  writer.int(stat.cversion);
  writer.int(stat.aversion);
  writer.long(stat.ephemeralOwner);
  writer.int(stat.dataLength);
  writer.int(stat.numChildren);
  writer.long(stat.pzxid);
}

export function decodeStat(reader: JuteReader): Stat | null {
  const stat: Stat = {
    czxid: asZxid(reader.long()),
    mzxid: asZxid(reader.long()),
    ctime: reader.long(),
    mtime: reader.long(),
    version: reader.int(),
    cversion: reader.int(),
    aversion: reader.int(),
    ephemeralOwner: reader.long(),
    dataLength: reader.int(),
    numChildren: reader.int(),
    pzxid: asZxid(reader.long()),
  };
  return reader.failed ? null : stat;
}

/**
 * What a snapshot keeps of a node's Stat, 60 bytes: the two lengths are derived on loading.
 *
 *     StatPersisted = long czxid, long mzxid, long ctime, long mtime, int version, int cversion,
 *                     int aversion, long ephemeralOwner, long pzxid
 *
 * cversion here counts creations only; what a client sees is computed from it.
 */
import type { JuteReader } from '../jute/reader.ts';
import type { JuteWriter } from '../jute/writer.ts';
import { asZxid } from '../zxid.ts';
import type { Stat } from './stat.ts';

export type PersistedStat = Omit<Stat, 'dataLength' | 'numChildren'>;

export const PERSISTED_STAT_BYTES = 60;

export function encodePersistedStat(writer: JuteWriter, stat: PersistedStat): void {
  writer.long(stat.czxid);
  writer.long(stat.mzxid);
  writer.long(stat.ctime);
  writer.long(stat.mtime);
  writer.int(stat.version);
  writer.int(stat.cversion);
  writer.int(stat.aversion);
  writer.long(stat.ephemeralOwner);
  writer.long(stat.pzxid);
}

export function decodePersistedStat(reader: JuteReader): PersistedStat | null {
  const stat: PersistedStat = {
    czxid: asZxid(reader.long()),
    mzxid: asZxid(reader.long()),
    ctime: reader.long(),
    mtime: reader.long(),
    version: reader.int(),
    cversion: reader.int(),
    aversion: reader.int(),
    ephemeralOwner: reader.long(),
    pzxid: asZxid(reader.long()),
  };
  return reader.failed ? null : stat;
}

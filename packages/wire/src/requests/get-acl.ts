/**
 * Reads a node's access control list.
 *
 *     GetACLRequest  = ustring path
 *     GetACLResponse = vector<ACL> acl, Stat stat
 */
import type { Decode, Encode } from '../jute/codec.ts';
import type { JuteReader } from '../jute/reader.ts';
import type { JuteWriter } from '../jute/writer.ts';
import { type Acl, readAcls, writeAcls } from '../records/acl.ts';
import { decodeStat, encodeStat, type Stat } from '../records/stat.ts';
import { decodePathOnly, encodePathOnly, type PathOnly } from './path-only.ts';

export type GetAclRequest = PathOnly;

export const encodeGetAclRequest: Encode<GetAclRequest> = encodePathOnly;
export const decodeGetAclRequest: Decode<GetAclRequest> = decodePathOnly;

export interface GetAclResponse {
  readonly acl: readonly Acl[];
  readonly stat: Stat;
}

export function encodeGetAclResponse(writer: JuteWriter, response: GetAclResponse): void {
  writeAcls(writer, response.acl);
  encodeStat(writer, response.stat);
}

export function decodeGetAclResponse(reader: JuteReader): GetAclResponse | null {
  const acl = readAcls(reader);
  const stat = decodeStat(reader);
  return acl === null || stat === null ? null : { acl, stat };
}

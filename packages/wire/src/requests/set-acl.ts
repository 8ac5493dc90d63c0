/**
 * Replaces a node's access control list if its aversion is the one given, -1 for any.
 *
 *     SetACLRequest  = ustring path, vector<ACL> acl, int version
 *     SetACLResponse = Stat stat
 */
import type { Decode, Encode } from '../jute/codec.ts';
import type { JuteReader } from '../jute/reader.ts';
import { decodeText } from '../jute/vector.ts';
import type { JuteWriter } from '../jute/writer.ts';
import { type Acl, readAcls, writeAcls } from '../records/acl.ts';
import { decodeStatResponse, encodeStatResponse, type StatResponse } from './stat-response.ts';

export interface SetAclRequest {
  readonly path: string;
  readonly acl: readonly Acl[] | null;
  readonly version: number;
}

export function encodeSetAclRequest(writer: JuteWriter, request: SetAclRequest): void {
  writer.string(request.path);
  writeAcls(writer, request.acl);
  writer.int(request.version);
}

export function decodeSetAclRequest(reader: JuteReader): SetAclRequest | null {
  const path = decodeText(reader);
  const acl = readAcls(reader);
  const version = reader.int();
  return path === null || reader.failed ? null : { path, acl, version };
}

export type SetAclResponse = StatResponse;

export const encodeSetAclResponse: Encode<SetAclResponse> = encodeStatResponse;
export const decodeSetAclResponse: Decode<SetAclResponse> = decodeStatResponse;

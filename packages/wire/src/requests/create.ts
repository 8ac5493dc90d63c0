/**
 * Creates a node; the response names it, which matters when the server chose the suffix. create2
 * and createContainer send the same request and are answered with more (create2.ts).
 *
 *     CreateRequest  = ustring path, buffer data, vector<ACL> acl, int flags
 *     CreateResponse = ustring path
 */
import type { Decode, Encode } from '../jute/codec.ts';
import type { JuteReader } from '../jute/reader.ts';
import { decodeText } from '../jute/vector.ts';
import type { JuteWriter } from '../jute/writer.ts';
import { type Acl, readAcls, writeAcls } from '../records/acl.ts';
import { decodePathOnly, encodePathOnly, type PathOnly } from './path-only.ts';

export interface CreateRequest {
  readonly path: string;
  readonly data: Uint8Array | null;
  readonly acl: readonly Acl[] | null;
  readonly flags: number;
}

export function encodeCreateRequest(writer: JuteWriter, request: CreateRequest): void {
  writer.string(request.path);
  writer.buffer(request.data);
  writeAcls(writer, request.acl);
  writer.int(request.flags);
}

export function decodeCreateRequest(reader: JuteReader): CreateRequest | null {
  const path = decodeText(reader);
  const data = reader.buffer();
  const acl = readAcls(reader);
  const flags = reader.int();
  return path === null || reader.failed ? null : { path, data, acl, flags };
}

export type CreateResponse = PathOnly;

export const encodeCreateResponse: Encode<CreateResponse> = encodePathOnly;
export const decodeCreateResponse: Decode<CreateResponse> = decodePathOnly;

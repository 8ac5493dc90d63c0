/**
 * Creates a node that is removed once it has had no children and no change for `ttl` milliseconds.
 *
 *     CreateTTLRequest = CreateRequest, long ttl
 */
import type { JuteReader } from '../jute/reader.ts';
import type { JuteWriter } from '../jute/writer.ts';
import { type CreateRequest, decodeCreateRequest, encodeCreateRequest } from './create.ts';

export interface CreateTtlRequest extends CreateRequest {
  readonly ttl: bigint;
}

export function encodeCreateTtlRequest(writer: JuteWriter, request: CreateTtlRequest): void {
  encodeCreateRequest(writer, request);
  writer.long(request.ttl);
}

export function decodeCreateTtlRequest(reader: JuteReader): CreateTtlRequest | null {
  const create = decodeCreateRequest(reader);
  const ttl = reader.long();
  return create === null || reader.failed ? null : { ...create, ttl };
}

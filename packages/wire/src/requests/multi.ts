/**
 * Several writes that happen together or not at all. The grammar of the list stands in
 * multi-items.ts.
 *
 *     MultiRequest  = items of create, create2, createContainer, createTTL, delete, setData, check
 *     MultiResponse = items of their results, or of errors
 *
 * When one write fails every result is an error: 0 before the one that failed, its code, and
 * RuntimeInconsistency after it. Containers and nodes with a time to live answer as create2 does.
 */
import { type CodecTable, codecTable } from '../jute/codec.ts';
import type { JuteReader } from '../jute/reader.ts';
import type { JuteWriter } from '../jute/writer.ts';
import { Opcode } from '../opcode.ts';
import { type CheckRequest, decodeCheckRequest, encodeCheckRequest } from './check.ts';
import {
  type CreateRequest,
  type CreateResponse,
  decodeCreateRequest,
  decodeCreateResponse,
  encodeCreateRequest,
  encodeCreateResponse,
} from './create.ts';
import {
  type CreateTtlRequest,
  decodeCreateTtlRequest,
  encodeCreateTtlRequest,
} from './create-ttl.ts';
import { type Create2Response, decodeCreate2Response, encodeCreate2Response } from './create2.ts';
import { type DeleteRequest, decodeDeleteRequest, encodeDeleteRequest } from './delete.ts';
import { decodeErrorResponse, type ErrorResponse, encodeErrorResponse } from './error-response.ts';
import { decodeMultiItems, encodeMultiItems, requestErr } from './multi-items.ts';
import { decodeNoBody, encodeNoBody, type NoBody } from './no-body.ts';
import {
  decodeSetDataRequest,
  decodeSetDataResponse,
  encodeSetDataRequest,
  encodeSetDataResponse,
  type SetDataRequest,
  type SetDataResponse,
} from './set-data.ts';

/** One write of a multi, told apart by its opcode. */
export type MultiOp =
  | {
      readonly type: typeof Opcode.Create | typeof Opcode.Create2 | typeof Opcode.CreateContainer;
      readonly body: CreateRequest;
    }
  | { readonly type: typeof Opcode.CreateTtl; readonly body: CreateTtlRequest }
  | { readonly type: typeof Opcode.Delete; readonly body: DeleteRequest }
  | { readonly type: typeof Opcode.SetData; readonly body: SetDataRequest }
  | { readonly type: typeof Opcode.Check; readonly body: CheckRequest };

export interface MultiRequest {
  readonly ops: readonly MultiOp[];
}

/** The result of the write in the same place. */
export type MultiResult =
  | { readonly type: typeof Opcode.Create; readonly body: CreateResponse }
  | { readonly type: typeof Opcode.Create2; readonly body: Create2Response }
  | { readonly type: typeof Opcode.SetData; readonly body: SetDataResponse }
  | { readonly type: typeof Opcode.Delete | typeof Opcode.Check; readonly body: NoBody }
  | { readonly type: typeof Opcode.Error; readonly body: ErrorResponse };

export interface MultiResponse {
  readonly results: readonly MultiResult[];
}

const create = { encode: encodeCreateRequest, decode: decodeCreateRequest };

const requestCodecs: CodecTable = codecTable({
  [Opcode.Create]: create,
  [Opcode.Create2]: create,
  [Opcode.CreateContainer]: create,
  [Opcode.CreateTtl]: { encode: encodeCreateTtlRequest, decode: decodeCreateTtlRequest },
  [Opcode.Delete]: { encode: encodeDeleteRequest, decode: decodeDeleteRequest },
  [Opcode.SetData]: { encode: encodeSetDataRequest, decode: decodeSetDataRequest },
  [Opcode.Check]: { encode: encodeCheckRequest, decode: decodeCheckRequest },
});

const resultCodecs: CodecTable = codecTable({
  [Opcode.Create]: { encode: encodeCreateResponse, decode: decodeCreateResponse },
  [Opcode.Create2]: { encode: encodeCreate2Response, decode: decodeCreate2Response },
  [Opcode.SetData]: { encode: encodeSetDataResponse, decode: decodeSetDataResponse },
  [Opcode.Delete]: { encode: encodeNoBody, decode: decodeNoBody },
  [Opcode.Check]: { encode: encodeNoBody, decode: decodeNoBody },
  [Opcode.Error]: { encode: encodeErrorResponse, decode: decodeErrorResponse },
});

export function encodeMultiRequest(writer: JuteWriter, request: MultiRequest): void {
  encodeMultiItems(writer, request.ops, requestCodecs, requestErr);
}

export function decodeMultiRequest(reader: JuteReader): MultiRequest | null {
  const ops = decodeMultiItems(reader, requestCodecs) as readonly MultiOp[] | null;
  return ops === null ? null : { ops };
}

export function encodeMultiResponse(writer: JuteWriter, response: MultiResponse): void {
  encodeMultiItems(writer, response.results, resultCodecs, (result) =>
    result.type === Opcode.Error ? result.body.err : 0,
  );
}

export function decodeMultiResponse(reader: JuteReader): MultiResponse | null {
  const results = decodeMultiItems(reader, resultCodecs) as readonly MultiResult[] | null;
  return results === null ? null : { results };
}

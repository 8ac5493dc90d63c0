/**
 * Several reads in one request. Each succeeds or fails for itself, and none of them sets a watch,
 * whatever its flag says. The grammar of the list stands in multi-items.ts.
 *
 *     MultiReadRequest  = items of getData, getChildren
 *     MultiReadResponse = items of their responses, or of errors
 */
import { type CodecTable, codecTable } from '../jute/codec.ts';
import type { JuteReader } from '../jute/reader.ts';
import type { JuteWriter } from '../jute/writer.ts';
import { Opcode } from '../opcode.ts';
import { decodeErrorResponse, type ErrorResponse, encodeErrorResponse } from './error-response.ts';
import {
  decodeGetChildrenRequest,
  decodeGetChildrenResponse,
  encodeGetChildrenRequest,
  encodeGetChildrenResponse,
  type GetChildrenRequest,
  type GetChildrenResponse,
} from './get-children.ts';
import {
  decodeGetDataRequest,
  decodeGetDataResponse,
  encodeGetDataRequest,
  encodeGetDataResponse,
  type GetDataRequest,
  type GetDataResponse,
} from './get-data.ts';
import { decodeMultiItems, encodeMultiItems, requestErr } from './multi-items.ts';

/** One read, told apart by its opcode. */
export type MultiReadOp =
  | { readonly type: typeof Opcode.GetData; readonly body: GetDataRequest }
  | { readonly type: typeof Opcode.GetChildren; readonly body: GetChildrenRequest };

export interface MultiReadRequest {
  readonly ops: readonly MultiReadOp[];
}

/** The result of the read in the same place. */
export type MultiReadResult =
  | { readonly type: typeof Opcode.GetData; readonly body: GetDataResponse }
  | { readonly type: typeof Opcode.GetChildren; readonly body: GetChildrenResponse }
  | { readonly type: typeof Opcode.Error; readonly body: ErrorResponse };

export interface MultiReadResponse {
  readonly results: readonly MultiReadResult[];
}

const requestCodecs: CodecTable = codecTable({
  [Opcode.GetData]: { encode: encodeGetDataRequest, decode: decodeGetDataRequest },
  [Opcode.GetChildren]: { encode: encodeGetChildrenRequest, decode: decodeGetChildrenRequest },
});

const resultCodecs: CodecTable = codecTable({
  [Opcode.GetData]: { encode: encodeGetDataResponse, decode: decodeGetDataResponse },
  [Opcode.GetChildren]: { encode: encodeGetChildrenResponse, decode: decodeGetChildrenResponse },
  [Opcode.Error]: { encode: encodeErrorResponse, decode: decodeErrorResponse },
});

export function encodeMultiReadRequest(writer: JuteWriter, request: MultiReadRequest): void {
  encodeMultiItems(writer, request.ops, requestCodecs, requestErr);
}

export function decodeMultiReadRequest(reader: JuteReader): MultiReadRequest | null {
  const ops = decodeMultiItems(reader, requestCodecs) as readonly MultiReadOp[] | null;
  return ops === null ? null : { ops };
}

export function encodeMultiReadResponse(writer: JuteWriter, response: MultiReadResponse): void {
  encodeMultiItems(writer, response.results, resultCodecs, (result) =>
    result.type === Opcode.Error ? result.body.err : 0,
  );
}

export function decodeMultiReadResponse(reader: JuteReader): MultiReadResponse | null {
  const results = decodeMultiItems(reader, resultCodecs) as readonly MultiReadResult[] | null;
  return results === null ? null : { results };
}

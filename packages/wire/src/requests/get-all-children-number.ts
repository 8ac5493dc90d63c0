/**
 * Counts all nodes below a node, however deep.
 *
 *     GetAllChildrenNumberRequest  = ustring path
 *     GetAllChildrenNumberResponse = int totalNumber
 */
import type { Decode, Encode } from '../jute/codec.ts';
import type { JuteReader } from '../jute/reader.ts';
import type { JuteWriter } from '../jute/writer.ts';
import { decodePathOnly, encodePathOnly, type PathOnly } from './path-only.ts';

export type GetAllChildrenNumberRequest = PathOnly;

export const encodeGetAllChildrenNumberRequest: Encode<GetAllChildrenNumberRequest> =
  encodePathOnly;
export const decodeGetAllChildrenNumberRequest: Decode<GetAllChildrenNumberRequest> =
  decodePathOnly;

export interface GetAllChildrenNumberResponse {
  readonly totalNumber: number;
}

export function encodeGetAllChildrenNumberResponse(
  writer: JuteWriter,
  response: GetAllChildrenNumberResponse,
): void {
  writer.int(response.totalNumber);
}

export function decodeGetAllChildrenNumberResponse(
  reader: JuteReader,
): GetAllChildrenNumberResponse | null {
  const totalNumber = reader.int();
  return reader.failed ? null : { totalNumber };
}

/** Requests that are a header alone: ping, whoAmI, closeSession. */
import type { JuteReader } from '../jute/reader.ts';
import type { JuteWriter } from '../jute/writer.ts';

export type NoBody = Readonly<Record<string, never>>;

export const NO_BODY: NoBody = {};

export function encodeNoBody(_writer: JuteWriter, _body: NoBody): void {}

export function decodeNoBody(reader: JuteReader): NoBody | null {
  return reader.failed ? null : NO_BODY;
}

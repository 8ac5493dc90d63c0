/** What programs give as data: bytes, or text that is written as UTF-8. */
import { encodeUtf8 } from '@zabra/wire';

export type Data = string | Uint8Array;

const NOTHING = new Uint8Array(0);

export function bytesOf(data: Data | undefined): Uint8Array {
  if (data === undefined) return NOTHING;
  return typeof data === 'string' ? encodeUtf8(data) : data;
}

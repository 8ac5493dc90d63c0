/** How values become the data of nodes, and back. */
import type { Bytes } from '../connection/bytes.ts';
import type { Stat } from '../operations/stat.ts';

export interface Codec<T> {
  encode(value: T): Uint8Array;
  /** Throws where the bytes are no such value. */
  decode(bytes: Bytes, at: { readonly path: string; readonly stat: Stat }): T;
}

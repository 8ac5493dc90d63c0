/** Data that is packed, in the very bytes that Curator writes. */
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Codec } from '../codecs/codec.ts';
import { createError } from '../errors/create-error.ts';

/** Where gzip says on what kind of system it was written; Java says nothing. */
const SYSTEM_BYTE = 9;

export function gzip<T>(inner: Codec<T>): Codec<T> {
  return {
    encode: (value) => {
      const packed = gzipSync(inner.encode(value));
      packed[SYSTEM_BYTE] = 0;
      return packed;
    },
    decode: (bytes, at) => inner.decode(unpack(bytes, at.path), at),
  };
}

function unpack(bytes: Buffer, path: string): Buffer {
  try {
    return gunzipSync(bytes);
  } catch (error) {
    throw createError('BadValue', { op: 'decode', path, cause: error });
  }
}

/** The codecs that most programs need. Numbers are big-endian, as Java programs write them. */
import { decodeUtf8, encodeUtf8 } from '@zabra/wire';
import type { Bytes } from '../connection/bytes.ts';
import { argumentError, createError } from '../errors/create-error.ts';
import type { Codec } from './codec.ts';

type At = Parameters<Codec<unknown>['decode']>[1];

function badValue({ path }: At, problem: string, cause?: unknown): Error {
  return createError('BadValue', { op: 'decode', path, cause: cause ?? new Error(problem) });
}

const bytes: Codec<Bytes> = { encode: (value) => value, decode: (value) => value };

const utf8: Codec<string> = { encode: encodeUtf8, decode: decodeUtf8 };

function viewOf(value: Uint8Array, byteCount: number, at: At): DataView {
  if (value.length !== byteCount) {
    throw badValue(at, `${byteCount} bytes were expected, and there are ${value.length}`);
  }
  return new DataView(value.buffer, value.byteOffset, byteCount);
}

const int32: Codec<number> = {
  encode: (value) => {
    if (!Number.isInteger(value) || value !== (value | 0)) {
      throw argumentError('encode', '', `${value} is no 32-bit number`);
    }
    const encoded = new Uint8Array(4);
    new DataView(encoded.buffer).setInt32(0, value);
    return encoded;
  },
  decode: (value, at) => viewOf(value, 4, at).getInt32(0),
};

const int64: Codec<bigint> = {
  encode: (value) => {
    if (value !== BigInt.asIntN(64, value)) {
      throw argumentError('encode', '', `${value} is no 64-bit number`);
    }
    const encoded = new Uint8Array(8);
    new DataView(encoded.buffer).setBigInt64(0, value);
    return encoded;
  },
  decode: (value, at) => viewOf(value, 8, at).getBigInt64(0),
};

/** Digits, as kazoo's counter has them. */
const decimal: Codec<number> = {
  encode: (value) => encodeUtf8(`${value}`),
  decode: (value, at) => {
    const text = decodeUtf8(value).trim();
    const number = Number(text);
    if (text === '' || Number.isNaN(number)) throw badValue(at, `'${text}' is no number`);
    return number;
  },
};

function json<T = unknown>(validate: (value: unknown) => T = (value) => value as T): Codec<T> {
  return {
    encode: (value) => encodeUtf8(JSON.stringify(value)),
    decode: (value, at) => {
      try {
        return validate(JSON.parse(decodeUtf8(value)));
      } catch (error) {
        throw badValue(at, 'no JSON', error);
      }
    },
  };
}

export interface Codecs {
  readonly bytes: Codec<Bytes>;
  readonly utf8: Codec<string>;
  readonly int32: Codec<number>;
  readonly int64: Codec<bigint>;
  readonly decimal: Codec<number>;
  /** `validate` returns the value, or throws; schema libraries have such a function. */
  json<T = unknown>(validate?: (value: unknown) => T): Codec<T>;
}

export const codecs: Codecs = { bytes, utf8, int32, int64, decimal, json };

/**
 * Multis of which one part was refused, as Apache's servers may log them: they mark the other parts as
 * errors in memory when they apply the multi, be it logged by then or not, and leave their records as
 * they were. So members may hold such a transaction in different bytes, and a part that says it is an
 * error may have the record of a change behind it. All of them mean that nothing was done.
 */
import { Opcode, TXN_HEADER_BYTES } from '@zabra/wire';

const TYPE_AT = TXN_HEADER_BYTES - 4;
const PART_HEAD_BYTES = 8;
const ERROR_BYTES = 4;

interface Part {
  readonly type: number;
  readonly record: Buffer;
}

/** With parts that were only marked told by the code of what went well; others as they are. */
export function mended(payload: Buffer): Buffer {
  return rewritten(payload, ({ type, record }) => {
    const isMarked = type === Opcode.Error && record.length !== ERROR_BYTES;
    return isMarked ? wentWell : { type, record };
  });
}

/** The same bytes for whatever means the same. */
export function normalForm(payload: Buffer): Buffer {
  return rewritten(payload, ({ type, record }) => {
    const isError = type === Opcode.Error && record.length === ERROR_BYTES;
    return isError ? { type, record } : wentWell;
  });
}

const wentWell: Part = { type: Opcode.Error, record: Buffer.alloc(ERROR_BYTES) };

/** Multis in which nothing was refused, and all else, stay as they are. */
function rewritten(payload: Buffer, rewrite: (part: Part) => Part): Buffer {
  if (payload.readInt32BE(TYPE_AT) !== Opcode.Multi) return payload;
  let at = TXN_HEADER_BYTES + 4;
  const parts: Part[] = [];
  for (let i = payload.readInt32BE(TXN_HEADER_BYTES); i > 0; i -= 1) {
    const end = at + PART_HEAD_BYTES + payload.readInt32BE(at + 4);
    const record = payload.subarray(at + PART_HEAD_BYTES, end);
    parts.push({ type: payload.readInt32BE(at), record });
    at = end;
  }
  if (parts.every(({ type }) => type !== Opcode.Error)) return payload;
  const pieces = parts.map(rewrite).flatMap(({ type, record }) => {
    const head = Buffer.alloc(PART_HEAD_BYTES);
    head.writeInt32BE(type);
    head.writeInt32BE(record.length, 4);
    return [head, record];
  });
  return Buffer.concat([
    payload.subarray(0, TXN_HEADER_BYTES + 4),
    ...pieces,
    payload.subarray(at),
  ]);
}

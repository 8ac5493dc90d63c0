/**
 * Several changes under one zxid.
 *
 *     MultiTxn = vector<Txn> txns
 *     Txn      = int type, buffer record
 *
 * The parts have neither header nor digest. One part that is an error makes all of them void.
 */
import { type CodecTable, codecTable } from '../jute/codec.ts';
import { JuteReader } from '../jute/reader.ts';
import { decodeVector, writeVector } from '../jute/vector.ts';
import type { JuteWriter } from '../jute/writer.ts';
import { Opcode } from '../opcode.ts';
import {
  type CheckTxn,
  type DeleteTxn,
  decodeCheckTxn,
  decodeDeleteTxn,
  decodeErrorTxn,
  decodeSetDataTxn,
  type ErrorTxn,
  encodeCheckTxn,
  encodeDeleteTxn,
  encodeErrorTxn,
  encodeSetDataTxn,
  type SetDataTxn,
} from './change-txn.ts';
import {
  type CreateContainerTxn,
  type CreateTtlTxn,
  type CreateTxn,
  decodeCreateContainerTxn,
  decodeCreateTtlTxn,
  decodeCreateTxn,
  encodeCreateContainerTxn,
  encodeCreateTtlTxn,
  encodeCreateTxn,
} from './create-txn.ts';

/** A change that may be a part of a multi or, the check apart, a transaction of its own. */
export type PartTxn =
  | { readonly type: typeof Opcode.Create | typeof Opcode.Create2; readonly body: CreateTxn }
  | { readonly type: typeof Opcode.CreateContainer; readonly body: CreateContainerTxn }
  | { readonly type: typeof Opcode.CreateTtl; readonly body: CreateTtlTxn }
  | {
      readonly type: typeof Opcode.Delete | typeof Opcode.DeleteContainer;
      readonly body: DeleteTxn;
    }
  | { readonly type: typeof Opcode.SetData; readonly body: SetDataTxn }
  | { readonly type: typeof Opcode.Check; readonly body: CheckTxn }
  | { readonly type: typeof Opcode.Error; readonly body: ErrorTxn };

export interface MultiTxn {
  readonly txns: readonly PartTxn[];
}

const create = { encode: encodeCreateTxn, decode: decodeCreateTxn };
const remove = { encode: encodeDeleteTxn, decode: decodeDeleteTxn };

const partCodecs: CodecTable = codecTable({
  [Opcode.Create]: create,
  [Opcode.Create2]: create,
  [Opcode.CreateContainer]: {
    encode: encodeCreateContainerTxn,
    decode: decodeCreateContainerTxn,
  },
  [Opcode.CreateTtl]: { encode: encodeCreateTtlTxn, decode: decodeCreateTtlTxn },
  [Opcode.Delete]: remove,
  [Opcode.DeleteContainer]: remove,
  [Opcode.SetData]: { encode: encodeSetDataTxn, decode: decodeSetDataTxn },
  [Opcode.Check]: { encode: encodeCheckTxn, decode: decodeCheckTxn },
  [Opcode.Error]: { encode: encodeErrorTxn, decode: decodeErrorTxn },
});

const PART_BYTES_MIN = 8;

export function encodeMultiTxn(writer: JuteWriter, txn: MultiTxn): void {
  writeVector(writer, txn.txns, encodePart);
}

export function decodeMultiTxn(reader: JuteReader): MultiTxn | null {
  const txns = decodeVector(reader, PART_BYTES_MIN, decodePart);
  return txns === null ? null : { txns };
}

function encodePart(writer: JuteWriter, part: PartTxn): void {
  writer.int(part.type);
  const start = writer.position;
  writer.int(0);
  partCodecs.get(part.type)?.encode(writer, part.body);
  writer.view.setInt32(start, writer.position - start - 4);
}

/** A part whose record is null, unknown or longer than its fields cannot be trusted. */
function decodePart(reader: JuteReader): PartTxn | null {
  const type = reader.int();
  const length = reader.span();
  if (length >= 0) {
    const start = reader.spanStart;
    const record = new JuteReader().reset(reader.bytes, reader.view, start, start + length);
    const body = partCodecs.get(type)?.decode(record) ?? null;
    if (body !== null && record.remaining === 0) return { type, body } as PartTxn;
  }
  reader.fail();
  return null;
}

/**
 * A whole transaction as it stands in a log record and in the packets between servers.
 *
 *     Transaction = TxnHeader, record of the header's type, [TxnDigest]
 *
 * Nothing but a digest may follow the record; a type that is not in the table cannot be replayed.
 */
import { type CodecTable, codecTable } from '../jute/codec.ts';
import type { JuteReader } from '../jute/reader.ts';
import type { JuteWriter } from '../jute/writer.ts';
import { Opcode } from '../opcode.ts';
import {
  decodeDeleteTxn,
  decodeErrorTxn,
  decodeSetAclTxn,
  decodeSetDataTxn,
  encodeDeleteTxn,
  encodeErrorTxn,
  encodeSetAclTxn,
  encodeSetDataTxn,
  type SetAclTxn,
  type SetDataTxn,
} from './change-txn.ts';
import {
  decodeCreateContainerTxn,
  decodeCreateTtlTxn,
  decodeCreateTxn,
  encodeCreateContainerTxn,
  encodeCreateTtlTxn,
  encodeCreateTxn,
} from './create-txn.ts';
import { decodeMultiTxn, encodeMultiTxn, type MultiTxn, type PartTxn } from './multi-txn.ts';
import {
  type CloseSessionTxn,
  type CreateSessionTxn,
  decodeCloseSessionTxn,
  decodeCreateSessionTxn,
  encodeCloseSessionTxn,
  encodeCreateSessionTxn,
} from './session-txn.ts';
import { decodeTxnDigest, encodeTxnDigest, type TxnDigest } from './txn-digest.ts';
import { decodeTxnHeader, encodeTxnHeader, type TxnHeader } from './txn-header.ts';

/** What a transaction does, told apart by the type that its header carries. */
export type TxnRecord =
  | Exclude<PartTxn, { readonly type: typeof Opcode.Check }>
  | { readonly type: typeof Opcode.Reconfig; readonly body: SetDataTxn }
  | { readonly type: typeof Opcode.SetAcl; readonly body: SetAclTxn }
  | { readonly type: typeof Opcode.Multi; readonly body: MultiTxn }
  | { readonly type: typeof Opcode.CreateSession; readonly body: CreateSessionTxn }
  | { readonly type: typeof Opcode.CloseSession; readonly body: CloseSessionTxn };

export interface Transaction {
  readonly header: Omit<TxnHeader, 'type'>;
  readonly record: TxnRecord;
  readonly digest: TxnDigest | null;
}

const create = { encode: encodeCreateTxn, decode: decodeCreateTxn };
const remove = { encode: encodeDeleteTxn, decode: decodeDeleteTxn };
const setData = { encode: encodeSetDataTxn, decode: decodeSetDataTxn };

const recordCodecs: CodecTable = codecTable({
  [Opcode.Create]: create,
  [Opcode.Create2]: create,
  [Opcode.CreateContainer]: {
    encode: encodeCreateContainerTxn,
    decode: decodeCreateContainerTxn,
  },
  [Opcode.CreateTtl]: { encode: encodeCreateTtlTxn, decode: decodeCreateTtlTxn },
  [Opcode.Delete]: remove,
  [Opcode.DeleteContainer]: remove,
  [Opcode.SetData]: setData,
  [Opcode.Reconfig]: setData,
  [Opcode.SetAcl]: { encode: encodeSetAclTxn, decode: decodeSetAclTxn },
  [Opcode.Multi]: { encode: encodeMultiTxn, decode: decodeMultiTxn },
  [Opcode.Error]: { encode: encodeErrorTxn, decode: decodeErrorTxn },
  [Opcode.CreateSession]: { encode: encodeCreateSessionTxn, decode: decodeCreateSessionTxn },
  [Opcode.CloseSession]: { encode: encodeCloseSessionTxn, decode: decodeCloseSessionTxn },
});

export function encodeTransaction(writer: JuteWriter, txn: Transaction): void {
  encodeTxnHeader(writer, { ...txn.header, type: txn.record.type });
  recordCodecs.get(txn.record.type)?.encode(writer, txn.record.body);
  if (txn.digest !== null) encodeTxnDigest(writer, txn.digest);
}

/** Reads to the reader's end, which must be the transaction's. */
export function decodeTransaction(reader: JuteReader): Transaction | null {
  const head = decodeTxnHeader(reader);
  if (head === null) return null;
  const { type, ...header } = head;
  const body = recordCodecs.get(type)?.decode(reader) ?? null;
  const digest = reader.remaining === 0 ? null : decodeTxnDigest(reader);
  if (body === null || reader.failed || reader.remaining > 0) {
    reader.fail();
    return null;
  }
  return { header, record: { type, body } as TxnRecord, digest };
}

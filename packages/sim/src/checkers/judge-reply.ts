/** Whether what a client was told of its write is what the log says became of it. */
import {
  decodeCreate2Response,
  decodeCreateResponse,
  decodeGetDataResponse,
  decodeMultiResponse,
  decodeSetDataResponse,
  JuteReader,
  type MultiResult,
  Opcode,
  type PartTxn,
  type Transaction,
} from '@zabra/wire';

export interface Asked {
  readonly opcode: number;
  readonly xid: number;
  readonly session: bigint;
  /** Whether the server was asked to number the node. */
  readonly isSequential: boolean;
}

export interface Told {
  readonly zxid: bigint;
  readonly error: number;
  readonly body: Uint8Array;
}

/** A sentence where they differ, else null. */
export function judgeReply(
  asked: Asked,
  told: Told,
  { header, record }: Transaction,
): string | null {
  const { zxid } = header;
  if (header.cxid !== asked.xid || header.clientId !== BigInt.asIntN(64, asked.session)) {
    return `${zxid} was acknowledged to somebody who had not asked for it`;
  }
  if (record.type === Opcode.Error || told.error !== 0) {
    const logged = record.type === Opcode.Error ? record.body.err : 0;
    if (record.type === Opcode.Multi) return null;
    return logged === told.error ? null : `${zxid} was told ${told.error} and logged ${logged}`;
  }
  const reader = JuteReader.over(told.body);
  if (record.type === Opcode.Create) {
    const { path } = record.body;
    const answered = decodeCreateResponse(reader)?.path;
    return answered === path ? null : `${zxid} was told ${answered} and logged ${path}`;
  }
  if (
    record.type === Opcode.Create2 ||
    record.type === Opcode.CreateContainer ||
    record.type === Opcode.CreateTtl
  ) {
    const { path } = record.body;
    const answered = decodeCreate2Response(reader);
    if (answered?.path === path && answered.stat.czxid === zxid) return null;
    return `${zxid} was told ${answered?.path} and logged ${path}`;
  }
  if (record.type === Opcode.SetData) {
    const { version } = record.body;
    const stat = decodeSetDataResponse(reader)?.stat;
    if (stat?.version === version && stat.mzxid === zxid) return null;
    return `${zxid} was told version ${stat?.version} and logged ${version}`;
  }
  if (record.type === Opcode.Reconfig) {
    const answered = decodeGetDataResponse(reader);
    const isIt = answered?.stat.mzxid === zxid && isSame(answered.data, record.body.data);
    return isIt ? null : `${zxid} was told other members than logged`;
  }
  return record.type === Opcode.Multi ? judgeMulti(zxid, reader, record.body.txns) : null;
}

function isSame(one: Uint8Array | null, other: Uint8Array | null): boolean {
  return one?.join() === other?.join();
}

function judgeMulti(zxid: bigint, reader: JuteReader, txns: readonly PartTxn[]): string | null {
  const results = decodeMultiResponse(reader)?.results ?? [];
  if (results.length !== txns.length) return `${zxid} has results for ${results.length} parts`;
  const isVoid = txns.some(({ type }) => type === Opcode.Error);
  const fits = isVoid ? fitsVoid : fitsPart;
  const wrong = txns.findIndex((txn, i) => !fits(results[i]!, txn));
  return wrong < 0 ? null : `part ${wrong} of ${zxid} was told otherwise than logged`;
}

/** Where one part fails all results are errors; 0 for those that would have gone well. */
function fitsVoid(result: MultiResult, txn: PartTxn): boolean {
  const logged = txn.type === Opcode.Error ? txn.body.err : 0;
  return result.type === Opcode.Error && result.body.err === logged;
}

function fitsPart(result: MultiResult, txn: PartTxn): boolean {
  if (txn.type === Opcode.Create && result.type === Opcode.Create) {
    return result.body.path === txn.body.path;
  }
  if (txn.type === Opcode.SetData && result.type === Opcode.SetData) {
    return result.body.stat.version === txn.body.version;
  }
  if (result.type === Opcode.Create2) {
    return 'path' in txn.body && result.body.path === txn.body.path;
  }
  return result.type === txn.type;
}

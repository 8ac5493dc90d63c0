/**
 * multi: several writes that happen together or not at all.
 *
 * Request: {type int, done boolean, err int, request}*, then a header with done set.
 * Transaction: vector of {type int, record buffer}. Where one operation failed, its record and all
 * behind it are errors, those before it are what they would have been, and nothing is applied.
 */
import { ErrorCode, Opcode } from '@zabra/wire';
import type { Application } from '../application.ts';
import { MALFORMED, type Preparation } from '../preparation.ts';
import { applyCheck, prepareCheck } from './check.ts';
import { applyCreate, prepareCreate } from './create.ts';
import { applyDelete, prepareDelete } from './delete.ts';
import { applySetData, prepareSetData } from './set-data.ts';

/** A transaction may be so many times as long as the longest request. */
const GROWTH_MAX = 1.5;

type Prepare = (p: Preparation, opcode: number) => number;
type Apply = (a: Application, type: number) => void;

const prepares: ReadonlyMap<number, Prepare> = new Map<number, Prepare>([
  [Opcode.Create, prepareCreate],
  [Opcode.Create2, prepareCreate],
  [Opcode.CreateContainer, prepareCreate],
  [Opcode.CreateTtl, prepareCreate],
  [Opcode.Delete, prepareDelete],
  [Opcode.SetData, prepareSetData],
  [Opcode.Check, prepareCheck],
]);

const applies: ReadonlyMap<number, Apply> = new Map<number, Apply>([
  [Opcode.Create, applyCreate],
  [Opcode.Create2, applyCreate],
  [Opcode.CreateContainer, applyCreate],
  [Opcode.CreateTtl, applyCreate],
  [Opcode.Delete, applyDelete],
  [Opcode.DeleteContainer, applyDelete],
  [Opcode.SetData, applySetData],
  [Opcode.Check, applyCheck],
]);

export function prepareMulti(p: Preparation): number {
  const { out, pending } = p;
  const countAt = out.position;
  out.int(0);
  p.inMulti = true;
  pending.beginUndo();
  const count = prepareOperations(p);
  const failed = p.decodeOnly;
  p.inMulti = false;
  p.decodeOnly = false;
  p.type = Opcode.Multi;
  if (count < 0 || failed) pending.rollback();
  else pending.commitUndo();
  if (count < 0) return MALFORMED;
  out.view.setInt32(countAt, count);
  return ErrorCode.Ok;
}

/** How many operations there are, or -1 where the request cannot be decoded. */
function prepareOperations(p: Preparation): number {
  const { reader, out } = p;
  const from = out.position;
  // Numbers and lists make a transaction longer than its request; one that is too long for a log or
  // for the other servers could never be read again.
  const bytesMax = p.settings.txnBytesMax * GROWTH_MAX;
  for (let count = 0; ; count += 1) {
    const opcode = reader.int();
    const done = reader.boolean();
    reader.int();
    if (reader.failed) return -1;
    if (done) return count;
    const prepare = prepares.get(opcode);
    if (prepare === undefined) return -1;
    const start = out.position;
    const alreadyFailed = p.decodeOnly;
    // The type is known only once prepared; its place and the record's length come first.
    out.long2(0, 0);
    let error = prepare(p, opcode);
    if (error === MALFORMED) return -1;
    if (error === ErrorCode.Ok && out.position - from > bytesMax) error = ErrorCode.BadArguments;
    if (error === ErrorCode.Ok && !alreadyFailed) {
      out.view.setInt32(start, p.type);
      out.view.setInt32(start + 4, out.position - start - 8);
      continue;
    }
    out.position = start;
    out.int(Opcode.Error);
    out.int(4);
    out.int(alreadyFailed ? ErrorCode.RuntimeInconsistency : error);
    p.decodeOnly = true;
  }
}

export function applyMulti(a: Application): void {
  const { reader } = a;
  const start = reader.position;
  const count = reader.int();
  if (firstError(a, count) !== ErrorCode.Ok) {
    reader.position = start + 4;
    writeErrors(a, count);
    return;
  }
  reader.position = start + 4;
  for (let i = 0; i < count; i += 1) {
    const type = reader.int();
    const end = reader.int() + reader.position;
    writeHeader(a, resultType(type), false, ErrorCode.Ok);
    const apply = applies.get(type);
    const resultAt = a.result.position;
    apply?.(a, type);
    // A plain create answers with its path alone, check and delete with nothing.
    if (type === Opcode.Create && a.result.position > resultAt) {
      a.result.position = a.shortResultEnd;
    }
    reader.position = end;
  }
  writeHeader(a, -1, true, -1);
}

/** create2's answer serves all creates but the oldest. */
function resultType(type: number): number {
  return type === Opcode.CreateContainer || type === Opcode.CreateTtl ? Opcode.Create2 : type;
}

/** The first failure's code; where there is one, nothing of the multi is applied. */
function firstError(a: Application, count: number): number {
  const { reader } = a;
  for (let i = 0; i < count; i += 1) {
    const type = reader.int();
    const length = reader.int();
    if (type === Opcode.Error) return reader.int();
    reader.position += length;
  }
  return ErrorCode.Ok;
}

function writeErrors(a: Application, count: number): void {
  const { reader, result } = a;
  for (let i = 0; i < count; i += 1) {
    const type = reader.int();
    const end = reader.int() + reader.position;
    const code = type === Opcode.Error ? reader.int() : ErrorCode.Ok;
    writeHeader(a, Opcode.Error, false, code);
    result.int(code);
    reader.position = end;
  }
  writeHeader(a, -1, true, -1);
}

function writeHeader(a: Application, type: number, done: boolean, error: number): void {
  a.result.int(type);
  a.result.boolean(done);
  a.result.int(error);
}

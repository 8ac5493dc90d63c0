/**
 * The transactions that change or remove a node, and the one that says nothing was changed. Their
 * versions are the new ones, not the expected ones.
 *
 *     DeleteTxn       = ustring path
 *     SetDataTxn      = ustring path, buffer data, int version
 *     SetACLTxn       = ustring path, vector<ACL> acl, int version
 *     CheckVersionTxn = ustring path, int version
 *     ErrorTxn        = int err
 */
import type { Decode, Encode } from '../jute/codec.ts';
import type { JuteReader } from '../jute/reader.ts';
import { decodeText } from '../jute/vector.ts';
import type { JuteWriter } from '../jute/writer.ts';
import { type Acl, readAcls, writeAcls } from '../records/acl.ts';
import { decodePathOnly, encodePathOnly, type PathOnly } from '../requests/path-only.ts';
import {
  decodePathVersion,
  encodePathVersion,
  type PathVersion,
} from '../requests/path-version.ts';

export type DeleteTxn = PathOnly;

export const encodeDeleteTxn: Encode<DeleteTxn> = encodePathOnly;
export const decodeDeleteTxn: Decode<DeleteTxn> = decodePathOnly;

export interface SetDataTxn {
  readonly path: string;
  readonly data: Uint8Array | null;
  readonly version: number;
}

export function encodeSetDataTxn(writer: JuteWriter, txn: SetDataTxn): void {
  writer.string(txn.path);
  writer.buffer(txn.data);
  writer.int(txn.version);
}

export function decodeSetDataTxn(reader: JuteReader): SetDataTxn | null {
  const path = decodeText(reader);
  const data = reader.buffer();
  const version = reader.int();
  return path === null || reader.failed ? null : { path, data, version };
}

export interface SetAclTxn {
  readonly path: string;
  readonly acl: readonly Acl[] | null;
  readonly version: number;
}

export function encodeSetAclTxn(writer: JuteWriter, txn: SetAclTxn): void {
  writer.string(txn.path);
  writeAcls(writer, txn.acl);
  writer.int(txn.version);
}

export function decodeSetAclTxn(reader: JuteReader): SetAclTxn | null {
  const path = decodeText(reader);
  const acl = readAcls(reader);
  const version = reader.int();
  return path === null || reader.failed ? null : { path, acl, version };
}

/** Stands in a multi only and has no effect; its version is the expected one plus one. */
export type CheckTxn = PathVersion;

export const encodeCheckTxn: Encode<CheckTxn> = encodePathVersion;
export const decodeCheckTxn: Decode<CheckTxn> = decodePathVersion;

/** A refused request, which keeps its place in the order. */
export interface ErrorTxn {
  readonly err: number;
}

export function encodeErrorTxn(writer: JuteWriter, txn: ErrorTxn): void {
  writer.int(txn.err);
}

export function decodeErrorTxn(reader: JuteReader): ErrorTxn | null {
  const err = reader.int();
  return reader.failed ? null : { err };
}

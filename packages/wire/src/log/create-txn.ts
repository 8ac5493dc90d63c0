/**
 * The transactions that make a node. `parentCversion` is the parent's version of creations after
 * this one, so that replaying it twice counts it once.
 *
 *     CreateTxn          = ustring path, buffer data, vector<ACL> acl, boolean ephemeral,
 *                          int parentCVersion
 *     CreateTxnV0        = the same without the last field (before 3.4)
 *     CreateContainerTxn = ustring path, buffer data, vector<ACL> acl, int parentCVersion
 *     CreateTTLTxn       = CreateContainerTxn, long ttl
 */
import type { JuteReader } from '../jute/reader.ts';
import { decodeText } from '../jute/vector.ts';
import type { JuteWriter } from '../jute/writer.ts';
import { type Acl, readAcls, writeAcls } from '../records/acl.ts';

export interface CreateContainerTxn {
  readonly path: string;
  readonly data: Uint8Array | null;
  readonly acl: readonly Acl[] | null;
  readonly parentCversion: number;
}

export interface CreateTxn extends CreateContainerTxn {
  readonly ephemeral: boolean;
}

export interface CreateTtlTxn extends CreateContainerTxn {
  readonly ttl: bigint;
}

/** What a record without parentCVersion means: count this creation on top of what is there. */
export const PARENT_CVERSION_UNKNOWN = -1;

export function encodeCreateTxn(writer: JuteWriter, txn: CreateTxn): void {
  encodeNode(writer, txn);
  writer.boolean(txn.ephemeral);
  writer.int(txn.parentCversion);
}

/** A record that ends behind `ephemeral` is one of before 3.4. */
export function decodeCreateTxn(reader: JuteReader): CreateTxn | null {
  const path = decodeText(reader);
  const data = reader.buffer();
  const acl = readAcls(reader);
  const ephemeral = reader.boolean();
  if (path === null || reader.failed) return null;
  const parentCversion = reader.remaining === 0 ? PARENT_CVERSION_UNKNOWN : reader.int();
  return reader.failed ? null : { path, data, acl, parentCversion, ephemeral };
}

export function encodeCreateContainerTxn(writer: JuteWriter, txn: CreateContainerTxn): void {
  encodeNode(writer, txn);
  writer.int(txn.parentCversion);
}

export function decodeCreateContainerTxn(reader: JuteReader): CreateContainerTxn | null {
  const path = decodeText(reader);
  const data = reader.buffer();
  const acl = readAcls(reader);
  const parentCversion = reader.int();
  return path === null || reader.failed ? null : { path, data, acl, parentCversion };
}

export function encodeCreateTtlTxn(writer: JuteWriter, txn: CreateTtlTxn): void {
  encodeCreateContainerTxn(writer, txn);
  writer.long(txn.ttl);
}

export function decodeCreateTtlTxn(reader: JuteReader): CreateTtlTxn | null {
  const container = decodeCreateContainerTxn(reader);
  const ttl = reader.long();
  return container === null || reader.failed ? null : { ...container, ttl };
}

function encodeNode(writer: JuteWriter, txn: CreateContainerTxn): void {
  writer.string(txn.path);
  writer.buffer(txn.data);
  writeAcls(writer, txn.acl);
}

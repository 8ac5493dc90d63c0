/**
 * Access control entries: who (a scheme and an id in it) may do what (a set of permission bits).
 *
 *     Id  = ustring scheme, ustring id
 *     ACL = int perms, Id id
 *
 * Some clients write an empty string as null, so a null scheme or id is read as empty.
 */
import type { JuteReader } from '../jute/reader.ts';
import { readVector, writeVector } from '../jute/vector.ts';
import type { JuteWriter } from '../jute/writer.ts';
import { Permission } from '../opcode.ts';

export interface Id {
  readonly scheme: string;
  readonly id: string;
}

export interface Acl {
  readonly perms: number;
  readonly id: Id;
}

const ACL_BYTES_MIN = 12;

const anyone: Id = { scheme: 'world', id: 'anyone' };

/** Anyone may do anything. */
export const OPEN_ACL: readonly Acl[] = [{ perms: Permission.All, id: anyone }];

/** Anyone may read. */
export const READ_ACL: readonly Acl[] = [{ perms: Permission.Read, id: anyone }];

/** Whoever creates the node, by every identity it has proven, may do anything. */
export const CREATOR_ACL: readonly Acl[] = [
  { perms: Permission.All, id: { scheme: 'auth', id: '' } },
];

export function encodeId(writer: JuteWriter, value: Id): void {
  writer.string(value.scheme);
  writer.string(value.id);
}

export function decodeId(reader: JuteReader): Id | null {
  const scheme = reader.string() ?? '';
  const id = reader.string() ?? '';
  return reader.failed ? null : { scheme, id };
}

export function encodeAcl(writer: JuteWriter, value: Acl): void {
  writer.int(value.perms);
  encodeId(writer, value.id);
}

export function decodeAcl(reader: JuteReader): Acl | null {
  const perms = reader.int();
  const id = decodeId(reader);
  return id === null ? null : { perms, id };
}

/** A list of entries; a request may carry null, which the server answers with InvalidAcl. */
export function writeAcls(writer: JuteWriter, acls: readonly Acl[] | null): void {
  writeVector(writer, acls, encodeAcl);
}

/** Null is a null list; a list that cannot be read leaves the reader failed. */
export function readAcls(reader: JuteReader): readonly Acl[] | null {
  return readVector(reader, ACL_BYTES_MIN, decodeAcl);
}

/** The order in which ZooKeeper's own tools print the letters. */
const letters: readonly (readonly [letter: string, permission: number])[] = [
  ['c', Permission.Create],
  ['d', Permission.Delete],
  ['r', Permission.Read],
  ['w', Permission.Write],
  ['a', Permission.Admin],
];

/** `formatPermissions(31)` is `cdrwa`. */
export function formatPermissions(perms: number): string {
  let text = '';
  for (const [letter, permission] of letters) if ((perms & permission) !== 0) text += letter;
  return text;
}

/** The bits of letters in any order, null when one of them is unknown. */
export function parsePermissions(text: string): number | null {
  let perms = 0;
  for (const character of text) {
    const entry = letters.find(([letter]) => letter === character);
    if (entry === undefined) return null;
    perms |= entry[1];
  }
  return perms;
}

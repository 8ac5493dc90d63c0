/**
 * The lists in use, each once. A node holds a key; lists nobody holds vanish. Keys are this
 * server's own and only grow: they stand in snapshots, never in transactions.
 */
import { assert, JuteReader, Permission } from '@zabra/wire';
import { copied } from '../copied.ts';
import { type AclEntry, AclList, encodeAclEntries, readAclEntries } from './acl-list.ts';

/** The key of the built-in nodes, which were never given a list. */
export const OPEN_ACL_KEY = -1;

const OPEN_ENTRIES: readonly AclEntry[] = [
  { permissions: Permission.All, scheme: 'world', id: 'anyone' },
];
/** What nearly every node has: world:anyone with all permissions. */
export const OPEN_ACL: Uint8Array = encodeAclEntries(OPEN_ENTRIES);

export class AclTable {
  readonly #byKey = new Map<number, AclList>();
  readonly #byText = new Map<string, AclList>();
  readonly #builtIn = new AclList(OPEN_ACL_KEY, OPEN_ENTRIES, OPEN_ACL);
  #open: AclList | null = null;
  #keyMax = 0;

  get size(): number {
    return this.#byKey.size;
  }

  lists(): Iterable<AclList> {
    return this.#byKey.values();
  }

  of(key: number): AclList {
    if (key === OPEN_ACL_KEY) return this.#builtIn;
    const list = this.#byKey.get(key);
    assert(list !== undefined, `the node's access control list ${key} is known`);
    return list;
  }

  /** The key for the vector encoded in bytes[start, end); the caller then retains it. */
  intern(bytes: Uint8Array, start: number, end: number): number {
    if (isOpenAcl(bytes, start, end)) return this.#internOpen();
    // A null list, which only old logs have, leaves the node as open as the built-in ones.
    if (end - start === 4 && bytes[start] === 0xff) return OPEN_ACL_KEY;
    const encoded = copied(bytes, start, end);
    const text = latinText(encoded);
    const known = this.#byText.get(text);
    if (known !== undefined) return known.key;
    return this.#add(this.#keyMax + 1, encoded, text).key;
  }

  /** A list read from a snapshot under the key it has there. */
  restore(key: number, encoded: Uint8Array): void {
    const text = latinText(encoded);
    const list = this.#add(key, encoded, text);
    if (isOpenAcl(encoded, 0, encoded.length)) this.#open = list;
  }

  /** Keys that nodes of a snapshot use may lie above those of its table; new ones lie above both. */
  reserveKey(key: number): void {
    if (key > this.#keyMax) this.#keyMax = key;
  }

  has(key: number): boolean {
    return key === OPEN_ACL_KEY || this.#byKey.has(key);
  }

  retain(key: number): void {
    if (key !== OPEN_ACL_KEY) {
      const list = this.#byKey.get(key);
      if (list !== undefined) list.references += 1;
    }
  }

  release(key: number): void {
    if (key === OPEN_ACL_KEY) return;
    const list = this.#byKey.get(key);
    if (list === undefined) return;
    list.references -= 1;
    if (list.references === 0) this.#drop(list);
  }

  /** Forgets lists that no node of a loaded snapshot uses. */
  dropUnused(): void {
    for (const list of [...this.#byKey.values()]) if (list.references === 0) this.#drop(list);
  }

  #internOpen(): number {
    this.#open ??= this.#add(this.#keyMax + 1, OPEN_ACL, latinText(OPEN_ACL));
    return this.#open.key;
  }

  #add(key: number, encoded: Uint8Array, text: string): AclList {
    const entries = readAclEntries(JuteReader.over(encoded)) ?? [];
    const list = new AclList(key, entries, encoded);
    this.#byKey.set(key, list);
    this.#byText.set(text, list);
    this.reserveKey(key);
    return list;
  }

  #drop(list: AclList): void {
    this.#byKey.delete(list.key);
    const text = latinText(list.encoded);
    if (this.#byText.get(text) === list) this.#byText.delete(text);
    if (this.#open === list) this.#open = null;
  }
}

export function isOpenAcl(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== OPEN_ACL.length) return false;
  for (let i = 0; i < OPEN_ACL.length; i += 1) {
    if (bytes[start + i] !== OPEN_ACL[i]) return false;
  }
  return true;
}

/** One character a byte, so that lists which differ in any byte have different keys. */
function latinText(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** What each transaction changed, path by path, as far as anybody may watch for it. */
import { EventType, Opcode, type PartTxn, type Transaction } from '@zabra/wire';
import { parentOf } from './model-requests.ts';
import type { ModelTree } from './model-tree.ts';

export interface Change {
  readonly path: string;
  readonly zxid: bigint;
  /** As a watcher would be told of it. */
  readonly type: number;
}

/** By path, in the order of zxids. */
export class Changes {
  readonly #byPath = new Map<string, Change[]>();
  readonly #byZxid = new Map<bigint, Change[]>();
  /** In their order. */
  readonly all: Change[] = [];

  /** Takes note of a transaction, given the tree just before it. */
  add(txn: Transaction, before: ModelTree): void {
    const { record, header } = txn;
    if (record.type === Opcode.CloseSession) {
      for (const path of before.ownedBy(header.clientId)) this.#remove(path, header.zxid);
    } else if (record.type === Opcode.Multi) {
      const { txns } = record.body;
      if (txns.some(({ type }) => type === Opcode.Error)) return;
      for (const part of txns) this.#addPart(part, header.zxid);
    } else if (record.type === Opcode.Reconfig) {
      this.#note(record.body.path, header.zxid, EventType.DataChanged);
    } else this.#addPart(record as PartTxn, header.zxid);
  }

  /** Those of one transaction. */
  of(zxid: bigint): readonly Change[] {
    return this.#byZxid.get(zxid) ?? [];
  }

  /** The first one behind a zxid, of these types, at a path; undefined without any. */
  firstAfter(path: string, zxid: bigint, types: readonly number[]): Change | undefined {
    const changes = this.#byPath.get(path) ?? [];
    let low = 0;
    let high = changes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (changes[middle]!.zxid <= zxid) low = middle + 1;
      else high = middle;
    }
    while (low < changes.length && !types.includes(changes[low]!.type)) low += 1;
    return changes[low];
  }

  /** Whether a node is there as of a zxid. */
  isThere(path: string, zxid: bigint): boolean {
    const changes = this.#byPath.get(path) ?? [];
    const last = changes.findLast(
      (one) => one.zxid <= zxid && one.type !== EventType.ChildrenChanged,
    );
    return last !== undefined && last.type !== EventType.Deleted;
  }

  #addPart(part: PartTxn, zxid: bigint): void {
    if (isCreation(part)) {
      this.#note(part.body.path, zxid, EventType.Created);
      this.#note(parentOf(part.body.path), zxid, EventType.ChildrenChanged);
    } else if (part.type === Opcode.Delete || part.type === Opcode.DeleteContainer) {
      this.#remove(part.body.path, zxid);
    } else if (part.type === Opcode.SetData) {
      this.#note(part.body.path, zxid, EventType.DataChanged);
    }
  }

  #remove(path: string, zxid: bigint): void {
    this.#note(path, zxid, EventType.Deleted);
    this.#note(parentOf(path), zxid, EventType.ChildrenChanged);
  }

  #note(path: string, zxid: bigint, type: number): void {
    const change = { path, zxid, type };
    this.all.push(change);
    append(this.#byPath, path, change);
    append(this.#byZxid, zxid, change);
  }
}

type Creation = Extract<PartTxn, { readonly body: { readonly parentCversion: number } }>;

function isCreation(part: PartTxn): part is Creation {
  return (
    part.type === Opcode.Create ||
    part.type === Opcode.Create2 ||
    part.type === Opcode.CreateContainer ||
    part.type === Opcode.CreateTtl
  );
}

function append<Key>(lists: Map<Key, Change[]>, key: Key, change: Change): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [change]);
  else list.push(change);
}

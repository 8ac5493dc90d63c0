/** What each transaction changed, path by path, as far as anybody may watch for it. */
import { EventType, Opcode, type PartTxn, type Transaction } from '@zabra/wire';
import { parentOf } from './model-requests.ts';
import type { ModelTree } from './model-tree.ts';

export interface Change {
  readonly zxid: bigint;
  /** As a watcher would be told of it. */
  readonly type: number;
}

/** By path, in the order of zxids. */
export class Changes {
  readonly #byPath = new Map<string, Change[]>();

  /** Takes note of a transaction, given the tree just before it. */
  add(txn: Transaction, before: ModelTree): void {
    const { record, header } = txn;
    if (record.type === Opcode.CloseSession) {
      for (const path of before.ownedBy(header.clientId)) this.#remove(path, header.zxid);
    } else if (record.type === Opcode.Multi) {
      const { txns } = record.body;
      if (txns.some(({ type }) => type === Opcode.Error)) return;
      for (const part of txns) this.#addPart(part, header.zxid);
    } else this.#addPart(record as PartTxn, header.zxid);
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
    if (part.type === Opcode.Create) {
      this.#note(part.body.path, zxid, EventType.Created);
      this.#note(parentOf(part.body.path), zxid, EventType.ChildrenChanged);
    } else if (part.type === Opcode.Delete) this.#remove(part.body.path, zxid);
    else if (part.type === Opcode.SetData) {
      this.#note(part.body.path, zxid, EventType.DataChanged);
    }
  }

  #remove(path: string, zxid: bigint): void {
    this.#note(path, zxid, EventType.Deleted);
    this.#note(parentOf(path), zxid, EventType.ChildrenChanged);
  }

  #note(path: string, zxid: bigint, type: number): void {
    const changes = this.#byPath.get(path);
    if (changes === undefined) this.#byPath.set(path, [{ zxid, type }]);
    else changes.push({ zxid, type });
  }
}

/**
 * What a transaction has in hand while it is applied. Apply is total: every transaction was checked
 * when it was prepared, so a node that is missing now is a broken invariant, except while a log is
 * replayed onto a snapshot that may already contain part of it (`tolerant`).
 */
import { assert, type ErrorCode, JuteReader, JuteWriter } from '@zabra/wire';
import type { AclList } from './acl/acl-list.ts';
import { OPEN_ACL_KEY } from './acl/acl-table.ts';
import type { QuotaTable } from './quota/quota-table.ts';
import { Field, isLess, STAT_BYTES, setLong } from './record.ts';
import type { SessionTable } from './sessions/session-table.ts';
import type { Tree } from './tree.ts';
import type { WatchTable } from './watches/watch-table.ts';

export class Application {
  readonly tree: Tree;
  readonly sessions: SessionTable;
  readonly quotas: QuotaTable;
  readonly watches: WatchTable;
  readonly reader: JuteReader = new JuteReader();
  /** The body of the reply to whoever asked for this. */
  readonly result: JuteWriter = new JuteWriter(512);
  /** Where the result of a create without a stat ends. */
  shortResultEnd = 0;
  tolerant = false;
  sessionHigh = 0;
  sessionLow = 0;
  zxidHigh = 0;
  zxidLow = 0;
  timeHigh = 0;
  timeLow = 0;
  /** What the transaction amounted to for its author. */
  error: number = 0 satisfies ErrorCode;

  constructor(tree: Tree, sessions: SessionTable, quotas: QuotaTable, watches: WatchTable) {
    this.tree = tree;
    this.sessions = sessions;
    this.quotas = quotas;
    this.watches = watches;
  }

  /** Steps over the transaction's path and finds its node; -1 where replay may miss it. */
  readNode(): number {
    const { reader } = this;
    reader.span();
    const end = reader.spanStart + reader.spanLength;
    const row = this.tree.find(reader.bytes, reader.view, reader.spanStart, end);
    assert(row >= 0 || this.tolerant, 'a transaction finds the node it was prepared for');
    return row;
  }

  /**
   * Who may hear of what happens to a node. While a log is replayed nobody listens, and a list may
   * be still to come.
   */
  aclOf(row: number): AclList {
    const { tree } = this;
    return this.tolerant && !tree.hasKnownAcl(row) ? tree.acls.of(OPEN_ACL_KEY) : tree.aclOf(row);
  }

  /** Raises a 64-bit field to this transaction's zxid; it never goes back. */
  raiseZxid(view: DataView, at: number): void {
    if (isLess(view, at, this.zxidHigh, this.zxidLow)) {
      setLong(view, at, this.zxidHigh, this.zxidLow);
    }
  }

  /** Sets a parent's pzxid after a child went, even if the child was gone already. */
  touchParent(parent: number): void {
    const { tree } = this;
    tree.beforeChange(parent);
    this.raiseZxid(tree.viewOf(parent), tree.offsetOf(parent) + Field.Pzxid);
    tree.afterChange(parent);
  }

  writeStat(row: number): void {
    const { tree, result } = this;
    const view = tree.viewOf(row);
    const at = tree.offsetOf(row);
    result.reserve(STAT_BYTES);
    for (let i = 0; i < STAT_BYTES; i += 4) {
      result.view.setInt32(result.position + i, view.getInt32(at + i));
    }
    result.position += STAT_BYTES;
  }
}

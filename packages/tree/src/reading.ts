/**
 * What a read has in hand: the request's bytes, who asks, the tree as it is, and the place in the
 * connection's output where its answer goes. One object serves every read.
 */
import { JuteReader, JuteWriter } from '@zabra/wire';
import type { AclList } from './acl/acl-list.ts';
import { Identities } from './acl/identity.ts';
import { STAT_BYTES } from './record.ts';
import type { Session } from './sessions/session-table.ts';
import type { TreeSettings } from './settings.ts';
import type { Tree } from './tree.ts';
import type { EventSink, WatchTable } from './watches/watch-table.ts';
import type { Watcher } from './watches/watchers.ts';

export class Reading {
  readonly tree: Tree;
  readonly watches: WatchTable;
  readonly events: EventSink;
  readonly settings: TreeSettings;
  readonly reader: JuteReader = new JuteReader();
  out: JuteWriter = new JuteWriter();
  identities: Identities = new Identities([]);
  watcher: Watcher | null = null;
  session: Session | null = null;

  constructor(tree: Tree, watches: WatchTable, events: EventSink, settings: TreeSettings) {
    this.tree = tree;
    this.watches = watches;
    this.events = events;
    this.settings = settings;
  }

  /** Finds the node of the path read last. */
  find(): number {
    const { reader } = this;
    const end = reader.spanStart + reader.spanLength;
    return this.tree.find(reader.bytes, reader.view, reader.spanStart, end);
  }

  permits(permission: number, acl: AclList): boolean {
    return this.settings.skipAcl || acl.permits(permission, this.identities);
  }

  may(permission: number, row: number): boolean {
    return this.settings.skipAcl || this.tree.aclOf(row).permits(permission, this.identities);
  }

  /** Registers a watch on the path at [start, start + length), unless nobody is there to hear. */
  watch(kind: number, start: number, length: number): void {
    const { reader } = this;
    if (this.watcher === null) return;
    this.watches.add(this.watcher, kind, reader.bytes, reader.view, start, start + length);
  }

  writeStat(row: number): void {
    const { out } = this;
    const view = this.tree.viewOf(row);
    const at = this.tree.offsetOf(row);
    out.reserve(STAT_BYTES);
    for (let i = 0; i < STAT_BYTES; i += 4) {
      out.view.setInt32(out.position + i, view.getInt32(at + i));
    }
    out.position += STAT_BYTES;
  }
}

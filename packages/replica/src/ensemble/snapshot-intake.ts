/**
 * A snapshot on its way from the leader, becoming a database beside the one there is. What was taken
 * while the leader's tree went on changing may be half of what follows it.
 */
import { QuotaTable, SessionTable, SnapshotReader, Tree } from '@zabra/tree';
import type { InstallStep } from '@zabra/zab';
import type { Database } from '../recovery.ts';
import type { ReplicaSettings } from '../settings.ts';

/** Longer than any node that a server would send. */
const ITEM_BYTES_MAX = 64 * 1024 * 1024;

export class SnapshotIntake {
  readonly #tree: Tree;
  readonly #sessions: SessionTable;
  readonly #quotas: QuotaTable;
  readonly #reader: SnapshotReader;
  readonly #zxid: bigint;

  constructor(settings: ReplicaSettings, zxid: bigint) {
    const { hashKey, tickMs, tree } = settings;
    this.#tree = new Tree({ hashKey, extendedTypes: tree.extendedTypes });
    this.#sessions = new SessionTable(tickMs);
    this.#quotas = new QuotaTable(this.#tree, tree.enforceQuota);
    this.#reader = new SnapshotReader(this.#tree, this.#sessions, ITEM_BYTES_MAX, 'stream');
    this.#zxid = zxid;
  }

  take(piece: Uint8Array): InstallStep {
    if (this.#reader.push(piece) !== null) return 'refused';
    const { end } = this.#reader;
    return end === null ? 'more' : { byteCount: end };
  }

  /** All of it has come. */
  finish(): Database {
    this.#reader.finishStream();
    this.#quotas.reload();
    return {
      tree: this.#tree,
      sessions: this.#sessions,
      quotas: this.#quotas,
      lastZxid: this.#zxid,
      hasSnapshot: false,
      replayed: 0,
      digestMismatches: 0,
    };
  }
}

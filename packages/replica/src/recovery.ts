/**
 * From files to memory. The body picks files and hands their bytes in; this builds the tree, the
 * sessions and the quotas from them by the same decoders and the same apply that serve later, and
 * refuses, in a sentence, whatever cannot be trusted.
 */
import {
  Application,
  applyTransaction,
  createFreshTree,
  DigestCheck,
  type HashKey,
  QuotaTable,
  removeEphemerals,
  SessionTable,
  type SnapshotFacts,
  SnapshotReader,
  Tree,
  type TreeSettings,
  TXN_HEADER_BYTES,
  TxnField,
  WatchTable,
} from '@zabra/tree';
import { LOG_PAYLOAD_BYTES_MAX_DEFAULT, type LogOutcome, LogScanner } from '@zabra/wire';

export interface RecoveryOptions {
  readonly tree: TreeSettings;
  readonly hashKey: HashKey;
  readonly tickMs: number;
}

/** What a server starts from. */
export interface Database {
  readonly tree: Tree;
  readonly sessions: SessionTable;
  readonly quotas: QuotaTable;
  readonly lastZxid: bigint;
  /** Whether a snapshot is on the disk already. */
  readonly hasSnapshot: boolean;
  /** Transactions applied on top of the snapshot. */
  readonly replayed: number;
  readonly digestMismatches: number;
}

/** Longer than any node that could have been written. */
const SNAPSHOT_ITEM_BYTES_MAX = 1 << 30;

const corruptions: Readonly<Record<string, string>> = {
  'short-header': 'its header is cut short',
  'bad-magic': 'it does not start as a transaction log does',
  'bad-length': 'a record has an impossible length',
  'bad-checksum': 'a record has a wrong checksum: it was changed after it was written',
};

export class Recovery {
  readonly #options: RecoveryOptions;
  #application: Application;
  #snapshot: SnapshotReader | null = null;
  #facts: SnapshotFacts | null = null;
  #scanner: LogScanner | null = null;
  #lastZxid = 0n;
  #replayed = 0;
  #digestMismatches = 0;

  constructor(options: RecoveryOptions) {
    this.#options = options;
    this.#application = this.#on(createFreshTree(this.#treeOptions()));
  }

  /** Starts over from a snapshot, whatever an earlier one left behind. */
  startSnapshot(nameZxid: bigint): void {
    this.#application = this.#on(new Tree(this.#treeOptions()));
    this.#snapshot = new SnapshotReader(
      this.#application.tree,
      this.#application.sessions,
      SNAPSHOT_ITEM_BYTES_MAX,
    );
    this.#facts = null;
    this.#lastZxid = nameZxid;
  }

  /** The next piece of the snapshot; why it cannot be used, or null. */
  snapshotRead(piece: Uint8Array): string | null {
    return this.#snapshot!.push(piece);
  }

  snapshotEnd(): string | null {
    const facts = this.#snapshot!.finish();
    this.#snapshot = null;
    if (typeof facts === 'string') return facts;
    this.#facts = facts;
    return null;
  }

  /** Starts over from nothing: the tree of a new server. */
  startEmpty(): void {
    this.#application = this.#on(createFreshTree(this.#treeOptions()));
    this.#lastZxid = 0n;
  }

  startLog(): void {
    this.#scanner = new LogScanner(payloadBytesMax(this.#options.tree));
  }

  /** The next piece of the log, which must stay unchanged for the call; a refusal, or null. */
  logRead(piece: Uint8Array): string | null {
    this.#scanner!.push(piece);
    return this.#drain();
  }

  logEnd(): string | null {
    this.#scanner!.finish();
    const problem = this.#drain();
    this.#scanner = null;
    return problem;
  }

  /** The longest record a log is believed to hold. */
  get recordBytesMax(): number {
    return payloadBytesMax(this.#options.tree);
  }

  /** The zxid of the last transaction there is. */
  get lastZxid(): bigint {
    return this.#lastZxid;
  }

  /** Settles what the log left open: orphaned ephemerals go, quotas are counted. */
  finish(): Database | string {
    const a = this.#application;
    const { tree, sessions, quotas } = a;
    if (this.#facts?.hasUnknownAcl === true) {
      const path = firstUnknownAcl(tree);
      if (path !== null) return `the access control list of ${path} is in no snapshot and no log`;
    }
    a.zxidHigh = Number(this.#lastZxid >> 32n) | 0;
    a.zxidLow = Number(this.#lastZxid & 0xffffffffn) | 0;
    for (const { high, low } of orphanOwners(tree, sessions)) {
      a.sessionHigh = high;
      a.sessionLow = low;
      removeEphemerals(a);
    }
    quotas.reload();
    return {
      tree,
      sessions,
      quotas,
      lastZxid: this.#lastZxid,
      hasSnapshot: this.#facts !== null,
      replayed: this.#replayed,
      digestMismatches: this.#digestMismatches,
    };
  }

  #drain(): string | null {
    const scanner = this.#scanner!;
    for (let next = scanner.next(); next !== null; next = scanner.next()) {
      if (next.kind === 'end') return null;
      if (next.kind === 'corrupt') return this.#describe(next);
      const problem = this.#replay(next.payload, next.offset);
      if (problem !== null) return problem;
    }
    return null;
  }

  #describe(outcome: LogOutcome & { readonly kind: 'corrupt' }): string {
    return `${corruptions[outcome.reason] ?? outcome.reason} (at byte ${outcome.offset})`;
  }

  #replay(payload: Uint8Array, offset: number): string | null {
    if (payload.length < TXN_HEADER_BYTES) return `a record is too short (at byte ${offset})`;
    const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
    const zxid = view.getBigInt64(TxnField.Zxid);
    if (zxid <= this.#lastZxid) return null;
    let check: DigestCheck;
    try {
      check = applyTransaction(this.#application, payload, view, 0, payload.length);
    } catch (cause) {
      return `transaction 0x${zxid.toString(16)} at byte ${offset} cannot be applied: ${cause}`;
    }
    if (this.#application.reader.failed) {
      return `transaction 0x${zxid.toString(16)} at byte ${offset} cannot be decoded`;
    }
    this.#lastZxid = zxid;
    this.#replayed += 1;
    if (check === DigestCheck.Different && this.#isPastFuzzyRange(zxid))
      this.#digestMismatches += 1;
    return null;
  }

  /** Up to the zxid of its digest, a snapshot may hold some changes and lack others. */
  #isPastFuzzyRange(zxid: bigint): boolean {
    const fuzzyEnd = this.#facts?.digest?.zxid;
    return fuzzyEnd === undefined || zxid >= fuzzyEnd;
  }

  #treeOptions(): { hashKey: HashKey; extendedTypes: boolean } {
    const { hashKey, tree } = this.#options;
    return { hashKey, extendedTypes: tree.extendedTypes };
  }

  #on(tree: Tree): Application {
    const { tree: settings, hashKey, tickMs } = this.#options;
    const sessions = new SessionTable(tickMs);
    const quotas = new QuotaTable(tree, settings.enforceQuota);
    const watches = new WatchTable(hashKey, { onEvent: () => {} }, true);
    const application = new Application(tree, sessions, quotas, watches);
    application.tolerant = true;
    return application;
  }
}

/** A transaction may be larger than its request, but not twice as large. */
function payloadBytesMax({ txnBytesMax }: TreeSettings): number {
  return Math.max(LOG_PAYLOAD_BYTES_MAX_DEFAULT, 2 * txnBytesMax);
}

interface Owner {
  readonly high: number;
  readonly low: number;
}

/** Owners of ephemerals who have no session: it ended while the snapshot was written. */
function orphanOwners(tree: Tree, sessions: SessionTable): Owner[] {
  const owners: Owner[] = [];
  for (const rows of tree.ephemerals.values()) {
    for (const row of rows) {
      const { high, low } = tree.ownerOf(row);
      if (sessions.get(high, low) === undefined) owners.push({ high, low });
      break;
    }
  }
  return owners;
}

function firstUnknownAcl(tree: Tree): string | null {
  const rows = [0];
  for (let row = rows.pop(); row !== undefined; row = rows.pop()) {
    if (!tree.hasKnownAcl(row)) return tree.pathOf(row);
    tree.forEachChild(row, (child) => rows.push(child));
  }
  return null;
}

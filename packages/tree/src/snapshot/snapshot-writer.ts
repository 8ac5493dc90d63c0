/**
 * Writes the tree as it is at one moment while it goes on changing. A walk over the rows emits what
 * it meets; a node that is about to change before the walk has come by is emitted first, as it was,
 * with whatever ancestors are still missing, for a reader needs parents before children. Nodes born
 * meanwhile count as seen. Sessions and access control lists are copied at the start.
 *
 * What is sent to another server is the middle of a file, without header and seals.
 */
import { ADLER32_START, adler32, JuteWriter } from '@zabra/wire';
import { OPEN_ACL_KEY } from '../acl/acl-table.ts';
import { DIGEST_VERSION } from '../digest.ts';
import { Field, Flag, hasFlag } from '../record.ts';
import type { SessionTable } from '../sessions/session-table.ts';
import { type ChangeWitness, ROOT_ROW, type Tree } from '../tree.ts';
import { SNAPSHOT_MAGIC, SNAPSHOT_VERSION } from './format.ts';
import type { SnapshotForm } from './snapshot-reader.ts';

const STAT_TIMES_BYTES = 32;
const MARKS = 65_535;
/** A small tree needs no more, and buffers grow. */
const FIRST_BYTES = 4096;

export interface SnapshotOptions {
  readonly withDigest: boolean;
  readonly sliceBytes: number;
  /** A file where nothing is said. */
  readonly form?: SnapshotForm;
}

export class SnapshotWriter implements ChangeWitness {
  readonly zxidHigh: number;
  readonly zxidLow: number;
  readonly #tree: Tree;
  readonly #mark: number;
  readonly #rowEnd: number;
  readonly #digestHigh: number;
  readonly #digestLow: number;
  readonly #withDigest: boolean;
  readonly #form: SnapshotForm;
  #out: JuteWriter;
  readonly #bufferBytes: number;
  readonly #taken = new Map<Uint8Array, JuteWriter>();
  readonly #spare: JuteWriter[] = [];
  #checksum = ADLER32_START;
  /** How far into `#out` the checksum has come. */
  #summed = 0;
  #row = 0;
  #done = false;

  constructor(
    tree: Tree,
    sessions: SessionTable,
    zxidHigh: number,
    zxidLow: number,
    options: SnapshotOptions,
  ) {
    this.#tree = tree;
    this.zxidHigh = zxidHigh;
    this.zxidLow = zxidLow;
    this.#withDigest = options.withDigest;
    this.#form = options.form ?? 'file';
    this.#digestHigh = tree.digest.high;
    this.#digestLow = tree.digest.low;
    this.#rowEnd = tree.pages.rowEnd;
    this.#mark = (tree.snapshotMark % MARKS) + 1;
    tree.snapshotMark = this.#mark;
    tree.witness = this;
    this.#bufferBytes = options.sliceBytes * 2;
    this.#out = this.#buffer();
    this.#writeHead(sessions);
  }

  get isDone(): boolean {
    return this.#done;
  }

  /** Bytes ready to be taken. */
  get readyBytes(): number {
    return this.#out.position;
  }

  /** Walks on until at least this many bytes are ready or the walk is over. */
  advance(byteCount: number): void {
    while (!this.#done && this.#out.position < byteCount) {
      if (this.#row >= this.#rowEnd) {
        this.#finish();
        return;
      }
      this.#visit(this.#row);
      this.#row += 1;
    }
  }

  /** Hands out what is ready; it stays as it is until it is given back. */
  take(): Uint8Array {
    this.#sum();
    const taken = this.#out.bytes.subarray(0, this.#out.position);
    this.#taken.set(taken, this.#out);
    this.#out = this.#spare.pop() ?? this.#buffer();
    this.#summed = 0;
    return taken;
  }

  /** What was taken has been written and may be used again. */
  giveBack(bytes: Uint8Array): void {
    const buffer = this.#taken.get(bytes);
    this.#taken.delete(bytes);
    if (buffer === undefined || buffer.bytes.length > this.#bufferBytes) return;
    buffer.position = 0;
    this.#spare.push(buffer);
  }

  /** Stops watching the tree, also when the snapshot is given up. */
  detach(): void {
    if (this.#tree.witness === this) this.#tree.witness = null;
  }

  beforeChange(row: number): void {
    this.#visit(row);
  }

  onBirth(row: number): void {
    this.#tree.viewOf(row).setUint16(this.#tree.offsetOf(row) + Field.SnapshotMark, this.#mark);
  }

  #isUnseen(row: number): boolean {
    const view = this.#tree.viewOf(row);
    const at = this.#tree.offsetOf(row);
    return hasFlag(view, at, Flag.Live) && view.getUint16(at + Field.SnapshotMark) !== this.#mark;
  }

  #buffer(): JuteWriter {
    return new JuteWriter(Math.min(this.#bufferBytes, FIRST_BYTES));
  }

  #visit(row: number): void {
    if (!this.#isUnseen(row)) return;
    const parent = this.#tree.field(row, Field.Parent);
    if (row !== ROOT_ROW && this.#isUnseen(parent)) this.#visitAncestors(parent);
    this.#emit(row);
  }

  #visitAncestors(nearest: number): void {
    const unseen: number[] = [];
    for (let row = nearest; this.#isUnseen(row); row = this.#tree.field(row, Field.Parent)) {
      unseen.push(row);
      if (row === ROOT_ROW) break;
    }
    for (const row of unseen.reverse()) this.#emit(row);
  }

  #emit(row: number): void {
    const tree = this.#tree;
    const out = this.#out;
    const view = tree.viewOf(row);
    const at = tree.offsetOf(row);
    view.setUint16(at + Field.SnapshotMark, this.#mark);
    const lengthAt = out.position;
    out.int(0);
    // The root's path is empty here, though it is "/" everywhere else.
    if (row !== ROOT_ROW) tree.writePath(row, out);
    out.view.setInt32(lengthAt, out.position - lengthAt - 4);
    tree.writeData(row, out);
    const aclKey = view.getInt32(at + Field.AclKey);
    out.long2(aclKey < 0 ? -1 : 0, aclKey);
    out.reserve(STAT_TIMES_BYTES);
    for (let i = 0; i < STAT_TIMES_BYTES; i += 4) out.int(view.getInt32(at + i));
    out.int(view.getInt32(at + Field.Version));
    out.int(view.getInt32(at + Field.Cversion));
    out.int(view.getInt32(at + Field.Aversion));
    out.long2(view.getInt32(at + Field.Owner), view.getInt32(at + Field.Owner + 4));
    out.long2(view.getInt32(at + Field.Pzxid), view.getInt32(at + Field.Pzxid + 4));
  }

  #writeHead(sessions: SessionTable): void {
    const out = this.#out;
    if (this.#form === 'file') {
      out.int(SNAPSHOT_MAGIC);
      out.int(SNAPSHOT_VERSION);
      out.long2(-1, -1);
    }
    out.int(sessions.size);
    for (const session of sessions.all()) {
      out.long2(session.high, session.low);
      out.int(session.timeoutMs);
    }
    const lists = [...this.#tree.acls.lists()].filter((list) => list.key !== OPEN_ACL_KEY);
    out.int(lists.length);
    for (const list of lists) {
      out.long2(0, list.key);
      out.raw(list.encoded, list.encodedView, 0, list.encoded.length);
    }
  }

  #finish(): void {
    const out = this.#out;
    out.string('/');
    if (this.#form === 'file') this.#sealFile();
    this.#done = true;
    this.detach();
  }

  #sealFile(): void {
    const out = this.#out;
    this.#seal();
    if (this.#withDigest) {
      out.long2(this.zxidHigh, this.zxidLow);
      out.int(DIGEST_VERSION);
      out.long2(this.#digestHigh, this.#digestLow);
      this.#seal();
    }
    // Apache expects the zxid's section only behind a digest's.
    if (this.#withDigest) {
      out.long2(this.zxidHigh, this.zxidLow);
      this.#seal();
    }
  }

  #seal(): void {
    this.#sum();
    this.#out.long2(0, this.#checksum);
    this.#out.string('/');
  }

  #sum(): void {
    this.#checksum = adler32(this.#checksum, this.#out.bytes, this.#summed, this.#out.position);
    this.#summed = this.#out.position;
  }
}

/**
 * Writes one snapshot after the other, step by step: under a passing name first, and under its own
 * only when every byte of it is safe. Behind it whatever only older ones need is cleared away.
 */
import type { DiskOrder } from '@zabra/replica';
import type { SimFile } from '../sim-directory.ts';
import { INITIALIZE_FILE, MARK_FILE } from './small-files.ts';
import { nameOf, PASSING, type Workbench } from './workbench.ts';

type SnapshotOrder = DiskOrder & {
  readonly kind: 'snapshotBegin' | 'snapshotSlice' | 'snapshotFinish' | 'snapshotDrop';
};

export class SnapshotWriter {
  readonly #bench: Workbench;
  file: SimFile | null = null;
  #zxid = 0n;
  /** Logs that are no longer needed and no longer there, kept aside for those who judge. */
  readonly purgedLogs: Map<string, Uint8Array> = new Map();

  constructor(bench: Workbench) {
    this.#bench = bench;
  }

  perform(order: SnapshotOrder): void {
    const bench = this.#bench;
    if (order.kind === 'snapshotBegin') {
      bench.push('snapshot', 'snapshot.create', () => this.#begin(order.zxid));
    } else if (order.kind === 'snapshotSlice') {
      bench.push('snapshot', 'snapshot.write', () => this.#write(order.bytes));
      bench.done('snapshot', 'snapshot.answer', order.ticket);
    } else if (order.kind === 'snapshotDrop') {
      bench.push('snapshot', 'snapshot.drop', () => this.#drop());
    } else this.#finish(order.ticket);
  }

  #begin(zxid: bigint): void {
    this.#zxid = zxid;
    this.file = this.#bench.directory.create(this.#draft);
  }

  #write(bytes: Uint8Array): void {
    if (this.file !== null) this.#bench.directory.write(this.file, bytes);
  }

  #drop(): void {
    if (this.file !== null) this.#bench.directory.remove(this.#draft);
    this.file = null;
  }

  #finish(ticket: number): void {
    const bench = this.#bench;
    bench.push('snapshot', 'snapshot.sync', () => {
      if (bench.options.syncsSnapshots) bench.directory.syncFile(this.file!);
    });
    bench.push('snapshot', 'snapshot.rename', () => {
      bench.directory.rename(this.#draft, nameOf('snapshot', this.#zxid));
      this.file = null;
    });
    bench.push('snapshot', 'snapshot.syncDirectory', () => bench.syncNames());
    bench.push('snapshot', 'snapshot.purge', () => this.#purge());
    bench.done('snapshot', 'snapshot.answer', ticket);
  }

  get #draft(): string {
    return `${nameOf('snapshot', this.#zxid)}${PASSING}`;
  }

  /** Whatever only snapshots need that are not kept, and what was said of an empty database. */
  #purge(): void {
    const { directory, options } = this.#bench;
    directory.remove(INITIALIZE_FILE);
    // The first one of an empty database holds nothing that could be trusted.
    if (this.#zxid > 0n && directory.has(MARK_FILE)) {
      directory.remove(MARK_FILE);
      this.#bench.syncNames();
    }
    const snapshots = this.#bench.zxidsOf('snapshot');
    const oldest = snapshots.at(-options.snapshotsKept);
    if (snapshots.length <= options.snapshotsKept || oldest === undefined) return;
    const logs = this.#bench.zxidsOf('log');
    const from = logs.filter((zxid) => zxid <= oldest).at(-1) ?? 0n;
    for (const zxid of snapshots.filter((one) => one < oldest)) {
      directory.remove(nameOf('snapshot', zxid));
    }
    for (const zxid of logs.filter((one) => one < from)) {
      const name = nameOf('log', zxid);
      this.purgedLogs.set(name, directory.read(name));
      directory.remove(name);
    }
    this.#bench.answer({ kind: 'purged', oldestZxid: oldest });
  }
}

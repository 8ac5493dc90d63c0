/**
 * A disk that forgets: what was written is volatile until it is synced, and a power cut keeps the
 * durable bytes and any part of the rest. It performs the mind's disk orders one small step at a
 * time, so that a cut can fall between any two of them.
 */
import type { DiskOrder, Recovery } from '@zabra/replica';
import { encodeLogHeader, JuteWriter } from '@zabra/wire';

interface SimFile {
  durable: Uint8Array;
  /** Written behind the durable part, not synced. */
  volatile: Uint8Array;
}

/** What remains of unsynced bytes at a power cut; asked once for each file. */
export type Survival = (volatileBytes: number) => number;

export interface DiskOptions {
  /** False breaks the disk on purpose: it answers without having synced. */
  readonly syncs: boolean;
}

const NO_BYTES = new Uint8Array(0);

export class SimDisk {
  readonly #options: DiskOptions;
  /** Names that survive a power cut; a new name does so only once its directory is synced. */
  readonly #files = new Map<string, SimFile>();
  readonly #steps: (() => void)[] = [];
  #answer: (ticket: number) => void = () => {};
  #log: SimFile | null = null;
  #snapshot: SimFile | null = null;
  #snapshotZxid = 0n;

  constructor(options: DiskOptions) {
    this.#options = options;
  }

  /** Where answers go; a new mind after a restart has its own. */
  onDone(answer: (ticket: number) => void): void {
    this.#answer = answer;
  }

  perform(order: DiskOrder): void {
    if (order.kind === 'append') this.#append(order.ticket, order.bytes, order.firstZxid);
    else if (order.kind === 'roll') this.#steps.push(() => this.#roll());
    else if (order.kind === 'snapshotBegin') this.#steps.push(() => this.#begin(order.zxid));
    else if (order.kind === 'snapshotSlice') this.#slice(order.ticket, order.bytes);
    else this.#finish(order.ticket);
  }

  /** Steps that are still to be done. */
  get backlog(): number {
    return this.#steps.length;
  }

  /** Does the next step; false where there is none. */
  step(): boolean {
    const step = this.#steps.shift();
    step?.();
    return step !== undefined;
  }

  /** The power goes and comes back: open files are closed, and only some of the unsynced is left. */
  cutPower(survival: Survival): void {
    this.#steps.length = 0;
    this.#log = null;
    this.#snapshot = null;
    for (const file of this.#files.values()) {
      const kept = survival(file.volatile.length);
      file.durable = joined(file.durable, file.volatile.subarray(0, kept));
      file.volatile = NO_BYTES;
    }
  }

  /** Reads everything back in the order in which a server does; a reason where it refuses. */
  recover(recovery: Recovery): string | null {
    const snapshots = this.#zxidsOf('snapshot');
    const start = snapshots.reverse().find((zxid) => this.#readSnapshot(recovery, zxid)) ?? null;
    const logs = this.#zxidsOf('log');
    if (start === null) {
      if (logs.length > 0) return 'there are logs without a snapshot';
      recovery.startEmpty();
    }
    const from = logs.filter((zxid) => zxid <= (start ?? 0n)).at(-1) ?? 0n;
    for (const zxid of logs.filter((one) => one >= from)) {
      recovery.startLog();
      const bytes = this.#files.get(nameOf('log', zxid))!.durable;
      const problem = recovery.logRead(bytes) ?? recovery.logEnd();
      if (problem !== null) return problem;
    }
    return null;
  }

  #readSnapshot(recovery: Recovery, zxid: bigint): boolean {
    recovery.startSnapshot(zxid);
    const bytes = this.#files.get(nameOf('snapshot', zxid))!.durable;
    return recovery.snapshotRead(bytes) === null && recovery.snapshotEnd() === null;
  }

  #zxidsOf(kind: 'log' | 'snapshot'): bigint[] {
    const names = [...this.#files.keys()].filter((name) => name.startsWith(`${kind}.`));
    const zxids = names.map((name) => BigInt(`0x${name.slice(kind.length + 1)}`));
    return zxids.sort((a, b) => (a < b ? -1 : 1));
  }

  #append(ticket: number, bytes: Uint8Array, firstZxid: bigint): void {
    this.#steps.push(() => {
      this.#log ??= this.#create(nameOf('log', firstZxid), logHeader());
      // A copy: the order's bytes are the mind's again once it is answered.
      this.#log.volatile = joined(this.#log.volatile, bytes);
    });
    this.#steps.push(() => this.#sync(this.#log));
    this.#steps.push(() => this.#answer(ticket));
  }

  #roll(): void {
    this.#log = null;
  }

  #begin(zxid: bigint): void {
    this.#snapshotZxid = zxid;
    this.#snapshot = { durable: NO_BYTES, volatile: NO_BYTES };
  }

  #slice(ticket: number, bytes: Uint8Array): void {
    this.#steps.push(() => {
      const file = this.#snapshot!;
      file.volatile = joined(file.volatile, bytes);
    });
    this.#steps.push(() => this.#answer(ticket));
  }

  #finish(ticket: number): void {
    this.#steps.push(() => this.#sync(this.#snapshot));
    this.#steps.push(() => {
      this.#files.set(nameOf('snapshot', this.#snapshotZxid), this.#snapshot!);
      this.#snapshot = null;
    });
    this.#steps.push(() => this.#answer(ticket));
  }

  #create(name: string, head: Uint8Array): SimFile {
    const file = { durable: NO_BYTES, volatile: head };
    this.#files.set(name, file);
    return file;
  }

  #sync(file: SimFile | null): void {
    if (file === null || !this.#options.syncs) return;
    file.durable = joined(file.durable, file.volatile);
    file.volatile = NO_BYTES;
  }
}

function nameOf(kind: 'log' | 'snapshot', zxid: bigint): string {
  return `${kind}.${zxid.toString(16)}`;
}

function logHeader(): Uint8Array {
  const writer = new JuteWriter(16);
  encodeLogHeader(writer);
  return writer.finish();
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const all = new Uint8Array(head.length + tail.length);
  all.set(head);
  all.set(tail, head.length);
  return all;
}

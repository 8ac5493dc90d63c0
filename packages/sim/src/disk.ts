/**
 * A simulated server's disk. It performs the mind's disk orders in steps as small as those of a real
 * body (write, sync, rename, sync the directory, answer), so that a power cut can fall between any
 * two of them. Appends are one lane and a snapshot's orders another; each is done in its order.
 */
import type { DiskOrder, Recovery } from '@zabra/replica';
import { assert, encodeLogHeader, JuteWriter, LOG_HEADER_BYTES } from '@zabra/wire';
import { SimDirectory, type SimFile, type Survival, type Unsynced } from './sim-directory.ts';

export interface DiskOptions {
  /** False breaks it on purpose: appends are answered without having been synced. */
  readonly syncs: boolean;
  /** False breaks it on purpose: the directory is never synced. */
  readonly syncsNames: boolean;
  /** False breaks it on purpose: a snapshot gets its name before its bytes are safe. */
  readonly syncsSnapshots: boolean;
  /** False breaks it on purpose: what is read at a start counts, though it may not be safe. */
  readonly syncsRecovered: boolean;
  /** Snapshots that stay when a newer one is complete; what only older ones need goes with them. */
  readonly snapshotsKept: number;
}

const SOUND: DiskOptions = {
  syncs: true,
  syncsNames: true,
  syncsSnapshots: true,
  syncsRecovered: true,
  snapshotsKept: Number.POSITIVE_INFINITY,
};

export type Lane = 'log' | 'snapshot';

/** What a disk does in one step; a fault can fall before, behind or upon each. */
export const diskSteps = [
  'log.create',
  'log.write',
  'log.sync',
  'log.syncDirectory',
  'log.answer',
  'log.roll',
  'snapshot.create',
  'snapshot.write',
  'snapshot.sync',
  'snapshot.rename',
  'snapshot.syncDirectory',
  'snapshot.purge',
  'snapshot.answer',
] as const;

export type DiskStep = (typeof diskSteps)[number];

interface PlannedStep {
  readonly name: DiskStep;
  run(): void;
}

const PASSING = '.tmp';

export class SimDisk {
  readonly #options: DiskOptions;
  #directory = new SimDirectory();
  readonly #lanes: Record<Lane, PlannedStep[]> = { log: [], snapshot: [] };
  #answer: (ticket: number) => void = () => {};
  #log: SimFile | null = null;
  #snapshot: SimFile | null = null;
  #snapshotName = '';
  readonly #purgedLogs = new Map<string, Uint8Array>();

  constructor(options: Partial<DiskOptions> = {}) {
    this.#options = { ...SOUND, ...options };
  }

  /** Where answers go; a new mind after a restart has its own. */
  onDone(answer: (ticket: number) => void): void {
    this.#answer = answer;
  }

  perform(order: DiskOrder): void {
    const { log, snapshot } = this.#lanes;
    if (order.kind === 'append') this.#append(order.ticket, order.bytes, order.firstZxid);
    else if (order.kind === 'roll') log.push({ name: 'log.roll', run: () => this.#roll() });
    else if (order.kind === 'snapshotBegin') {
      snapshot.push({ name: 'snapshot.create', run: () => this.#begin(order.zxid) });
    } else if (order.kind === 'snapshotSlice') this.#slice(order.ticket, order.bytes);
    else {
      assert(order.kind === 'snapshotFinish', 'a server of one asks for nothing else');
      this.#finish(order.ticket);
    }
  }

  /** Steps that are still to be done. */
  get backlog(): number {
    return this.#lanes.log.length + this.#lanes.snapshot.length;
  }

  /** Does the next step of a lane, of the log's first unless one is named; false without any. */
  step(lane?: Lane): boolean {
    const { log, snapshot } = this.#lanes;
    const step = lane === undefined ? (log.shift() ?? snapshot.shift()) : this.#lanes[lane].shift();
    step?.run();
    return step !== undefined;
  }

  /** What the next step of a lane is; null without any. */
  next(lane: Lane): DiskStep | null {
    return this.#lanes[lane][0]?.name ?? null;
  }

  /** The server has died and the machine lives: what was in hand is forgotten, what was written stays. */
  abandon(): void {
    this.#lanes.log.length = 0;
    this.#lanes.snapshot.length = 0;
    this.#log = null;
    this.#snapshot = null;
  }

  /** The power goes and comes back. */
  cutPower(survival: Survival): void {
    this.abandon();
    this.#directory.cutPower(survival);
  }

  /**
   * The next step of a lane fails, and nothing of the lane is done any more. Whatever was written and
   * not synced may be gone from now on, as systems drop pages that they could not write.
   */
  fail(lane: Lane): void {
    const file = lane === 'log' ? this.#log : this.#snapshot;
    if (file !== null) this.#directory.dropUnsynced(file);
    this.#lanes[lane].length = 0;
  }

  /** Everything is gone, as on a machine that was replaced. */
  wipe(): void {
    this.abandon();
    this.#purgedLogs.clear();
    this.#directory = new SimDirectory();
  }

  /** Makes something else of a file's bytes, behind everybody's back. */
  damage(name: string, change: (bytes: Uint8Array) => void): void {
    this.#directory.damage(name, change);
  }

  get unsynced(): Unsynced {
    return this.#directory.unsynced;
  }

  /** A disk with the same content, as after an operator's copy at this very moment. */
  fork(): SimDisk {
    const fork = new SimDisk(this.#options);
    fork.#directory = this.#directory.fork();
    for (const [name, bytes] of this.#purgedLogs) fork.#purgedLogs.set(name, bytes);
    return fork;
  }

  get names(): readonly string[] {
    return this.#directory.names;
  }

  read(name: string): Uint8Array {
    return this.#directory.read(name);
  }

  /** Logs that are no longer needed and no longer there, kept aside for those who judge. */
  get purgedLogs(): ReadonlyMap<string, Uint8Array> {
    return this.#purgedLogs;
  }

  /** Reads everything back in the order in which a server does; a reason where it refuses. */
  recover(recovery: Recovery): string | null {
    this.#tidy();
    // A server that was killed leaves bytes in the system's memory that no sync has met. Whatever is
    // read from here on is shown to others, so it has to be safe.
    if (this.#options.syncsRecovered) this.#directory.syncAll();
    const newestFirst = this.#zxidsOf('snapshot').reverse();
    const start = newestFirst.find((zxid) => this.#readSnapshot(recovery, zxid)) ?? null;
    const logs = this.#zxidsOf('log');
    if (start === null) {
      if (newestFirst.length + logs.length > 0) return 'no snapshot can be used';
      recovery.startEmpty();
    }
    const from = logs.filter((zxid) => zxid <= (start ?? 0n)).at(-1) ?? 0n;
    for (const zxid of logs.filter((one) => one >= from)) {
      recovery.startLog();
      const problem = recovery.logRead(this.read(nameOf('log', zxid))) ?? recovery.logEnd();
      if (problem !== null) return problem;
    }
    return null;
  }

  /** Removes what a server that died left half made. */
  #tidy(): void {
    const directory = this.#directory;
    for (const name of directory.names) if (name.endsWith(PASSING)) directory.remove(name);
    const newest = this.#zxidsOf('log').at(-1);
    if (newest === undefined) return;
    const name = nameOf('log', newest);
    if (this.read(name).length < LOG_HEADER_BYTES) directory.remove(name);
  }

  #readSnapshot(recovery: Recovery, zxid: bigint): boolean {
    recovery.startSnapshot(zxid);
    const bytes = this.read(nameOf('snapshot', zxid));
    return recovery.snapshotRead(bytes) === null && recovery.snapshotEnd() === null;
  }

  #zxidsOf(kind: Lane): bigint[] {
    const pattern = new RegExp(`^${kind}\\.[0-9a-f]+$`);
    const names = this.#directory.names.filter((name) => pattern.test(name));
    const zxids = names.map((name) => BigInt(`0x${name.slice(kind.length + 1)}`));
    return zxids.sort((a, b) => (a < b ? -1 : 1));
  }

  #append(ticket: number, bytes: Uint8Array, firstZxid: bigint): void {
    const { log } = this.#lanes;
    let isNew = false;
    const create = (): void => {
      if (this.#log !== null) return;
      isNew = true;
      this.#log = this.#directory.create(nameOf('log', firstZxid));
      this.#directory.write(this.#log, logHeader());
    };
    const sync = (): void => {
      if (this.#options.syncs) this.#directory.syncFile(this.#log!);
    };
    const syncDirectory = (): void => {
      if (isNew) this.#syncNames();
    };
    log.push({ name: 'log.create', run: create });
    log.push({ name: 'log.write', run: () => this.#directory.write(this.#log!, bytes) });
    log.push({ name: 'log.sync', run: sync });
    log.push({ name: 'log.syncDirectory', run: syncDirectory });
    log.push({ name: 'log.answer', run: () => this.#answer(ticket) });
  }

  #roll(): void {
    this.#log = null;
  }

  #begin(zxid: bigint): void {
    this.#snapshotName = nameOf('snapshot', zxid);
    this.#snapshot = this.#directory.create(`${this.#snapshotName}${PASSING}`);
  }

  #slice(ticket: number, bytes: Uint8Array): void {
    const { snapshot } = this.#lanes;
    const write = (): void => this.#directory.write(this.#snapshot!, bytes);
    snapshot.push({ name: 'snapshot.write', run: write });
    snapshot.push({ name: 'snapshot.answer', run: () => this.#answer(ticket) });
  }

  #finish(ticket: number): void {
    const { snapshot } = this.#lanes;
    const sync = (): void => {
      if (this.#options.syncsSnapshots) this.#directory.syncFile(this.#snapshot!);
    };
    const rename = (): void => {
      this.#directory.rename(`${this.#snapshotName}${PASSING}`, this.#snapshotName);
    };
    snapshot.push({ name: 'snapshot.sync', run: sync });
    snapshot.push({ name: 'snapshot.rename', run: rename });
    snapshot.push({ name: 'snapshot.syncDirectory', run: () => this.#syncNames() });
    snapshot.push({ name: 'snapshot.purge', run: () => this.#purge() });
    snapshot.push({ name: 'snapshot.answer', run: () => this.#answer(ticket) });
  }

  /** Whatever only snapshots need that are not kept. */
  #purge(): void {
    const { snapshotsKept } = this.#options;
    const snapshots = this.#zxidsOf('snapshot');
    const oldest = snapshots.at(-snapshotsKept);
    if (snapshots.length <= snapshotsKept || oldest === undefined) return;
    const logs = this.#zxidsOf('log');
    const from = logs.filter((zxid) => zxid <= oldest).at(-1) ?? 0n;
    for (const zxid of snapshots.filter((one) => one < oldest)) {
      this.#directory.remove(nameOf('snapshot', zxid));
    }
    for (const zxid of logs.filter((one) => one < from)) {
      const name = nameOf('log', zxid);
      this.#purgedLogs.set(name, this.read(name));
      this.#directory.remove(name);
    }
  }

  #syncNames(): void {
    if (this.#options.syncsNames) this.#directory.syncNames();
  }
}

function nameOf(kind: Lane, zxid: bigint): string {
  return `${kind}.${zxid.toString(16)}`;
}

function logHeader(): Uint8Array {
  const writer = new JuteWriter(LOG_HEADER_BYTES);
  encodeLogHeader(writer);
  return writer.finish();
}

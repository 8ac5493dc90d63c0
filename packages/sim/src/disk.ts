/**
 * A simulated server's disk. It performs the mind's disk orders in steps as small as those of a real
 * body (write, sync, rename, sync the directory, answer), so that a power cut can fall between any
 * two of them. Appends and what else a member wants done are one lane, a snapshot's orders another,
 * readings for other servers a third; each is done in its order. Before anything is cut off or read
 * again, no snapshot is being written.
 */
import type { DiskOrder, MemberData, Recovery, StoreConfigurationOrder } from '@zabra/replica';
import { type Ensemble, formatEnsemble, parseEnsemble } from '@zabra/wire';
import { cutting } from './disk/cut.ts';
import { LogReaders } from './disk/log-readers.ts';
import { LogWriter } from './disk/log-writer.ts';
import { lookBack } from './disk/look-back.ts';
import { type Reading, reading, tidy } from './disk/reading.ts';
import {
  CONFIGURATION_FILES,
  EPOCH_FILES,
  INITIALIZE_FILE,
  MARK_FILE,
  replaceNow,
  replacing,
  textOf,
} from './disk/small-files.ts';
import { SnapshotWriter } from './disk/snapshot-writer.ts';
import type { DiskStep, Lane } from './disk/steps.ts';
import { type DiskAnswer, type DiskOptions, Workbench } from './disk/workbench.ts';
import { type Remains, SimDirectory, type Survival, type Unsynced } from './sim-directory.ts';

export type { DiskStep, Lane } from './disk/steps.ts';
export type { DiskAnswer, DiskOptions } from './disk/workbench.ts';

export class SimDisk {
  readonly #bench: Workbench;
  readonly #logs: LogWriter;
  readonly #snapshots: SnapshotWriter;
  readonly #readers: LogReaders;

  constructor(options: Partial<DiskOptions> = {}) {
    this.#bench = new Workbench(options);
    this.#logs = new LogWriter(this.#bench);
    this.#snapshots = new SnapshotWriter(this.#bench);
    this.#readers = new LogReaders(this.#bench, this.#logs);
    replaceNow(this.#bench, INITIALIZE_FILE, '');
    const { firstEpoch } = this.#bench.options;
    if (firstEpoch === 0) return;
    for (const name of Object.values(EPOCH_FILES)) {
      replaceNow(this.#bench, name, String(firstEpoch));
    }
  }

  /** Where answers go; a new mind after a restart has its own. */
  onAnswer(answer: (answer: DiskAnswer) => void): void {
    this.#bench.answer = answer;
  }

  /** Who makes a recovery when everything is to be read again. */
  onRebuild(createRecovery: () => Recovery): void {
    this.#bench.createRecovery = createRecovery;
  }

  perform(order: DiskOrder): void {
    const bench = this.#bench;
    switch (order.kind) {
      case 'append':
        this.#logs.append(order);
        break;
      case 'roll':
        bench.push('log', 'log.roll', () => this.#logs.roll());
        break;
      case 'storeEpoch': {
        const name = EPOCH_FILES[order.name];
        bench.lanes.log.push(...replacing(bench, 'epoch', name, String(order.epoch)));
        bench.done('log', 'epoch.answer', order.ticket);
        break;
      }
      case 'storeConfiguration':
        this.#storeConfiguration(order);
        break;
      case 'truncate':
        bench.push('log', 'cut.begin', () => {
          this.#logs.roll();
          bench.insert('log', cutting(bench, order.zxid));
        });
        bench.done('log', 'cut.answer', order.ticket);
        break;
      case 'rebuild':
        bench.push('log', 'rebuild.read', () => this.#rebuild(order.ticket));
        break;
      case 'openLog':
      case 'pullLog':
      case 'closeLog':
        this.#readers.perform(order);
        break;
      default:
        this.#snapshots.perform(order);
    }
  }

  /** Steps that are still to be done. */
  get backlog(): number {
    const { log, snapshot, read } = this.#bench.lanes;
    return log.length + snapshot.length + read.length;
  }

  /** Does the next step of a lane, of the first that has one unless it is named; false without any. */
  step(lane?: Lane): boolean {
    if (lane === undefined) return this.step('log') || this.step('snapshot') || this.step('read');
    if (this.next(lane) === null) return false;
    this.#bench.lanes[lane].shift()!.run();
    return true;
  }

  /** What the next step of a lane is; null without any. What need not be done is left out. */
  next(lane: Lane): DiskStep | null {
    const { lanes } = this.#bench;
    const steps = lanes[lane];
    while (steps[0]?.isNeeded?.() === false) steps.shift();
    const name = steps[0]?.name ?? null;
    const waits = name === 'cut.begin' || name === 'rebuild.read';
    return waits && lanes.snapshot.length > 0 ? null : name;
  }

  /** Why something that was read again cannot be trusted; told once. */
  takeProblem(): string | null {
    const { problem } = this.#bench;
    this.#bench.problem = null;
    return problem;
  }

  /** The server has died and the machine lives: what was in hand is forgotten, what was written stays. */
  abandon(): void {
    const { lanes } = this.#bench;
    lanes.log.length = 0;
    lanes.snapshot.length = 0;
    lanes.read.length = 0;
    this.#bench.problem = null;
    this.#logs.forget();
    this.#snapshots.file = null;
    this.#readers.forget();
  }

  /** The power goes and comes back. */
  cutPower(survival: Survival): void {
    this.abandon();
    this.#bench.directory.cutPower(survival);
  }

  /**
   * The next step of a lane fails, and nothing of the lane is done any more. Whatever was written and
   * not synced may be gone from now on, as systems drop pages that they could not write.
   */
  fail(lane: Lane): void {
    const { lanes, directory } = this.#bench;
    lanes[lane].length = 0;
    if (lane === 'read') {
      this.#readers.fail();
      return;
    }
    const file = lane === 'log' ? this.#logs.file : this.#snapshots.file;
    if (file !== null) directory.dropUnsynced(file);
  }

  /** Everything is gone, as on a machine that was replaced; nobody says that this was wanted. */
  wipe(): void {
    this.abandon();
    this.#snapshots.purgedLogs.clear();
    this.#bench.directory = new SimDirectory();
  }

  /** Makes something else of a file's bytes, behind everybody's back. */
  damage(name: string, change: (bytes: Uint8Array) => void): void {
    this.#bench.directory.damage(name, change);
  }

  /** A file is gone for good, behind everybody's back. */
  lose(name: string): void {
    this.#bench.directory.remove(name);
    this.#bench.syncNames();
  }

  get unsynced(): Unsynced {
    return this.#bench.directory.unsynced;
  }

  /** A disk with the same content, as after an operator's copy at this very moment. */
  fork(): SimDisk {
    const fork = new SimDisk(this.#bench.options);
    fork.#bench.directory = this.#bench.directory.fork();
    for (const [name, bytes] of this.purgedLogs) fork.#snapshots.purgedLogs.set(name, bytes);
    return fork;
  }

  /** Becomes what a copy was when it was taken. */
  restore(copy: SimDisk): void {
    this.abandon();
    this.#bench.directory = copy.#bench.directory.fork();
  }

  get names(): readonly string[] {
    return this.#bench.directory.names;
  }

  /** What a power cut would leave now if it took all that is not safe. */
  get remains(): Remains {
    return this.#bench.directory.remains;
  }

  read(name: string): Uint8Array {
    return this.#bench.directory.read(name);
  }

  /** Logs that are no longer needed and no longer there, kept aside for those who judge. */
  get purgedLogs(): ReadonlyMap<string, Uint8Array> {
    return this.#snapshots.purgedLogs;
  }

  /** Reads everything back in the order in which a server does; a reason where it refuses. */
  recover(recovery: Recovery): string | null {
    const found = this.#readAll(recovery, false);
    return typeof found === 'string' ? found : null;
  }

  /** The same for a member, whose files say more; `committed` rules where no file says otherwise. */
  recoverMember(recovery: Recovery, committed: Ensemble): MemberData | string {
    const bench = this.#bench;
    const found = this.#readAll(recovery, true);
    if (typeof found === 'string') return found;
    const { lastZxid, isLacking, snapshotZxid, logFromZxid } = found;
    const isWhole = snapshotZxid !== null && logFromZxid === snapshotZxid;
    if (bench.directory.has(INITIALIZE_FILE) || lastZxid > 0n) {
      bench.directory.remove(MARK_FILE);
      bench.directory.syncNames();
    } else if (isLacking) replaceNow(bench, MARK_FILE, 'emptied\n');
    const epochs = this.#completeEpochs(lastZxid);
    if (typeof epochs === 'string') return epochs;
    const kept = { committed: this.#configuration('committed'), next: this.#configuration('next') };
    if (typeof kept.committed === 'string') return kept.committed;
    if (typeof kept.next === 'string') return kept.next;
    return {
      acceptedEpoch: epochs.accepted,
      currentEpoch: epochs.current,
      committed: kept.committed ?? committed,
      next: kept.next,
      oldestSnapshotZxid: snapshotZxid,
      logFromZxid: isWhole ? lookBack(bench, snapshotZxid) : logFromZxid,
      isUntrusted: isLacking || bench.directory.has(MARK_FILE),
    };
  }

  #readAll(recovery: Recovery, isMember: boolean): Reading | string {
    tidy(this.#bench);
    // A server that was killed leaves bytes in the system's memory that no sync has met. Whatever is
    // read from here on is shown to others, so it has to be safe.
    if (this.#bench.options.syncsRecovered) this.#bench.directory.syncAll();
    const pieces = reading(this.#bench, recovery, isMember);
    for (;;) {
      const { done, value } = pieces.next();
      if (done === true) return value;
    }
  }

  #rebuild(ticket: number): void {
    const bench = this.#bench;
    const recovery = bench.createRecovery();
    const pieces = reading(bench, recovery, true);
    const next = (): void => {
      const { done, value } = pieces.next();
      if (done !== true) bench.insert('log', [{ name: 'rebuild.read', run: next }]);
      else if (typeof value === 'string') bench.problem = `the data cannot be read again: ${value}`;
      else {
        const run = (): void => bench.answer({ kind: 'rebuilt', ticket, recovery });
        bench.insert('log', [{ name: 'rebuild.answer', run }]);
      }
    };
    next();
  }

  #storeConfiguration({ ticket, name, ensemble }: StoreConfigurationOrder): void {
    const bench = this.#bench;
    const file = CONFIGURATION_FILES[name];
    if (ensemble !== null) {
      const text = formatEnsemble(ensemble);
      bench.lanes.log.push(...replacing(bench, 'configuration', file, text));
    } else if (name === 'next') {
      bench.push('log', 'configuration.remove', () => bench.directory.remove(file));
      bench.push('log', 'configuration.syncDirectory', () => bench.syncNames());
    }
    bench.done('log', 'configuration.answer', ticket);
  }

  /** A sentence where there is one that cannot be read: whoever goes by another may decide alone. */
  #configuration(name: 'committed' | 'next'): Ensemble | string | null {
    const text = textOf(this.#bench, CONFIGURATION_FILES[name]);
    if (text === null) return null;
    const outcome = parseEnsemble(text);
    if (outcome.kind === 'ensemble') return outcome.ensemble;
    return `${CONFIGURATION_FILES[name]} does not hold a configuration`;
  }

  /** What is missing counts as the epoch of the last transaction, and is written down at once. */
  #completeEpochs(lastZxid: bigint): { accepted: number; current: number } | string {
    const stored = { accepted: this.#epoch('accepted'), current: this.#epoch('current') };
    for (const name of ['accepted', 'current'] as const) {
      if (stored[name] === 'damaged') return `${EPOCH_FILES[name]} does not hold an epoch`;
    }
    const logged = Number(lastZxid >> 32n);
    const current = typeof stored.current === 'number' ? stored.current : logged;
    const promised = typeof stored.accepted === 'number' ? stored.accepted : 0;
    const accepted = Math.max(promised, current, logged);
    if (accepted !== stored.accepted) this.#storeEpochNow('accepted', accepted);
    if (current !== stored.current) this.#storeEpochNow('current', current);
    return { accepted, current };
  }

  #epoch(name: 'accepted' | 'current'): number | 'damaged' | null {
    const text = textOf(this.#bench, EPOCH_FILES[name]);
    if (text === null) return null;
    return /^\d{1,10}$/.test(text) ? Number(text) : 'damaged';
  }

  #storeEpochNow(name: 'accepted' | 'current', epoch: number): void {
    replaceNow(this.#bench, EPOCH_FILES[name], String(epoch));
  }
}

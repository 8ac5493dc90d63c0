/**
 * A directory on a disk that forgets. Bytes are volatile until their file is synced, and names until
 * the directory is; a power cut keeps what was synced and as much of the rest as chance leaves.
 */

/** A file as an open handle sees it, whatever it is called by now. */
export interface SimFile {
  readonly durable: Uint8Array;
  /** Written behind the durable part, not synced. */
  readonly volatile: Uint8Array;
  readonly uncut: Uint8Array | null;
  /** Where more can be made durable without a copy of what is. */
  readonly room: Uint8Array | null;
}

interface Inode {
  durable: Uint8Array;
  volatile: Uint8Array;
  /** What was safe before the file was made shorter, which no sync has met yet. */
  uncut: Uint8Array | null;
  /** The durable part lies at its beginning, and nobody else writes behind that; null where it does not. */
  room: Uint8Array | null;
}

interface NameChange {
  /** The name that goes, null for a file that is made. */
  readonly from: string | null;
  /** The name that comes, null for a file that is removed. */
  readonly to: string | null;
  readonly file: Inode;
}

/** What would be left of a directory: names, and bytes behind them. */
export interface Remains {
  readonly names: readonly string[];
  /** Undefined where the name is not. */
  get(name: string): Uint8Array | undefined;
}

/** Bytes that are not synced, and changes of names by their kind. */
export interface Unsynced {
  readonly bytes: number;
  readonly created: number;
  readonly renamed: number;
  readonly removed: number;
}

/** What a power cut leaves of what was not synced. */
export interface Survival {
  /** How many of a file's unsynced bytes are left: always the first of them. */
  bytes(count: number): number;
  /** Whether a change of a name is left; asked for each, in their order. */
  name(): boolean;
}

export const nothingSurvives: Survival = { bytes: () => 0, name: () => false };
export const everythingSurvives: Survival = { bytes: (count) => count, name: () => true };

const NO_BYTES = new Uint8Array(0);

export class SimDirectory {
  #names = new Map<string, Inode>();
  #durableNames = new Map<string, Inode>();
  #safeNames: readonly string[] = [];
  #changes: NameChange[] = [];

  /** Names as they are seen now, in no order. */
  get names(): readonly string[] {
    return [...this.#names.keys()];
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** What a power cut would leave now if it took all that is not safe. */
  get remains(): Remains {
    return {
      names: this.#safeNames,
      get: (name) => {
        const file = this.#durableNames.get(name);
        return file?.uncut ?? file?.durable;
      },
    };
  }

  /** A new and empty file, in place of one of that name. */
  create(name: string): SimFile {
    const file: Inode = { durable: NO_BYTES, volatile: NO_BYTES, uncut: null, room: null };
    this.#change({ from: null, to: name, file });
    return file;
  }

  rename(name: string, target: string): void {
    const file = this.#names.get(name);
    if (file !== undefined) this.#change({ from: name, to: target, file });
  }

  remove(name: string): void {
    const file = this.#names.get(name);
    if (file !== undefined) this.#change({ from: name, to: null, file });
  }

  /** All of a file's bytes, as a reader sees them. */
  read(name: string): Uint8Array {
    const { durable, volatile } = this.#names.get(name) ?? {
      durable: NO_BYTES,
      volatile: NO_BYTES,
    };
    return joined(durable, volatile);
  }

  write(file: SimFile, bytes: Uint8Array): void {
    const inode: Inode = file;
    inode.volatile = joined(inode.volatile, bytes);
  }

  syncFile(file: SimFile): void {
    const inode: Inode = file;
    appendDurable(inode, inode.volatile);
    inode.volatile = NO_BYTES;
    inode.uncut = null;
  }

  /** The file as it is called; undefined where there is none of that name. */
  open(name: string): SimFile | undefined {
    return this.#names.get(name);
  }

  /** Whatever lies behind so many bytes goes; safely only with the next sync. */
  truncate(file: SimFile, byteCount: number): void {
    const inode: Inode = file;
    const { durable, volatile } = inode;
    inode.volatile = volatile.slice(0, Math.max(byteCount - durable.length, 0));
    if (byteCount >= durable.length) return;
    inode.uncut ??= durable;
    inode.durable = durable.slice(0, byteCount);
    inode.room = null;
  }

  syncAll(): void {
    for (const file of this.#names.values()) this.syncFile(file);
    this.syncNames();
  }

  /** What was written and not synced is no longer there. */
  dropUnsynced(file: SimFile): void {
    const inode: Inode = file;
    inode.volatile = NO_BYTES;
  }

  /** The content of a file changes while nobody has asked for it. */
  damage(name: string, change: (bytes: Uint8Array) => void): void {
    const file = this.#names.get(name);
    if (file === undefined) return;
    file.durable = file.durable.slice();
    file.room = null;
    change(file.durable);
  }

  /** How much a power cut now would have to decide. */
  get unsynced(): Unsynced {
    let bytes = 0;
    for (const file of this.#names.values()) bytes += file.volatile.length;
    const count = (fits: (change: NameChange) => boolean): number =>
      this.#changes.filter(fits).length;
    return {
      bytes,
      created: count(({ from }) => from === null),
      renamed: count(({ from, to }) => from !== null && to !== null),
      removed: count(({ to }) => to === null),
    };
  }

  syncNames(): void {
    this.#durableNames = new Map(this.#names);
    this.#safeNames = [...this.#names.keys()];
    this.#changes = [];
  }

  cutPower(survival: Survival): void {
    const names = new Map(this.#durableNames);
    for (const change of this.#changes) if (survival.name()) perform(names, change);
    for (const file of new Set(names.values())) {
      // Nothing was written behind a cut that was not synced.
      if (file.uncut !== null && !survival.name()) {
        file.durable = file.uncut;
        file.room = null;
      }
      file.uncut = null;
      const kept = survival.bytes(file.volatile.length);
      appendDurable(file, file.volatile.subarray(0, kept));
      file.volatile = NO_BYTES;
    }
    this.#names = names;
    this.syncNames();
  }

  /** The same directory once more, going its own way from here. */
  fork(): SimDirectory {
    const copies = new Map<Inode, Inode>();
    const copyOf = (file: Inode): Inode => {
      const copy = copies.get(file) ?? { ...file, room: null };
      copies.set(file, copy);
      return copy;
    };
    const copyNames = (names: ReadonlyMap<string, Inode>): Map<string, Inode> =>
      new Map([...names].map(([name, file]) => [name, copyOf(file)]));
    const fork = new SimDirectory();
    fork.#names = copyNames(this.#names);
    fork.#durableNames = copyNames(this.#durableNames);
    fork.#safeNames = this.#safeNames;
    fork.#changes = this.#changes.map((change) => ({ ...change, file: copyOf(change.file) }));
    return fork;
  }

  #change(change: NameChange): void {
    perform(this.#names, change);
    this.#changes.push(change);
  }
}

function perform(names: Map<string, Inode>, { from, to, file }: NameChange): void {
  // A name that was given anew meanwhile is another file's.
  if (from !== null && names.get(from) === file) names.delete(from);
  if (to !== null) names.set(to, file);
}

/** Logs are synced at every append: where there is room for it, nothing is copied but what comes. */
function appendDurable(file: Inode, bytes: Uint8Array): void {
  if (bytes.length === 0) return;
  const { durable } = file;
  const length = durable.length + bytes.length;
  if (file.room === null || file.room.length < length) {
    file.room = new Uint8Array(durable.length === 0 ? length : 2 * length);
    file.room.set(durable);
  }
  file.room.set(bytes, durable.length);
  file.durable = file.room.subarray(0, length);
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
  if (tail.length === 0) return head;
  const all = new Uint8Array(head.length + tail.length);
  all.set(head);
  all.set(tail, head.length);
  return all;
}

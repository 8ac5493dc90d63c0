/** The logs or the snapshots of a directory, in the order of their zxids, with their lengths. */
export interface StoredFile {
  readonly path: string;
  readonly zxid: bigint;
  /** Follows the file while it grows. */
  bytes: number;
}

export interface StoredLog extends StoredFile {
  /** Behind the last record that is safe, in a log of this run; null where only reading can tell. */
  end: number | null;
}

export class Shelf<File extends StoredFile> {
  #files: readonly File[] = [];

  /** Oldest first. */
  get files(): readonly File[] {
    return this.#files;
  }

  get newest(): File | undefined {
    return this.#files.at(-1);
  }

  get bytes(): number {
    return this.#files.reduce((sum, file) => sum + file.bytes, 0);
  }

  has(file: File): boolean {
    return this.#files.includes(file);
  }

  /** The one behind this one. */
  after({ zxid }: StoredFile): File | undefined {
    return this.#files.find((file) => file.zxid > zxid);
  }

  /** Takes in a file, in place of one of the same path. */
  put(file: File): void {
    this.#files = [...this.#without(file), file].sort(byZxid);
  }

  remove(file: File): void {
    this.#files = this.#without(file);
  }

  /**
   * The files from which on everything above a zxid is found: the newest that begins at or below
   * it, and all later ones.
   */
  from(zxid: bigint): readonly File[] {
    const start = this.#files.findLastIndex((file) => file.zxid <= zxid);
    return this.#files.slice(Math.max(start, 0));
  }

  #without({ path }: StoredFile): readonly File[] {
    return this.#files.filter((file) => file.path !== path);
  }
}

function byZxid(a: StoredFile, b: StoredFile): number {
  if (a.zxid !== b.zxid) return a.zxid < b.zxid ? -1 : 1;
  return a.path < b.path ? -1 : 1;
}

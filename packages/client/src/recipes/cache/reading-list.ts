/**
 * What is to be read, and what is being read. A path is read once at a time: whatever is heard of it
 * meanwhile has it read again. So it does not matter how answers and events meet on their way here.
 */
export interface Reading {
  readonly path: string;
  /** Its children are to be looked at as well. */
  isDeep: boolean;
  /** It has been deleted since it was asked for: the answer may be older. */
  isVoid: boolean;
  /** Something has been heard of it since it was asked for. */
  isOutdated: boolean;
}

const READINGS_MAX = 128;

export class ReadingList {
  readonly #read: (reading: Reading) => Promise<void>;
  readonly #onIdle: () => void;
  readonly #waiting = new Map<string, boolean>();
  readonly #running = new Map<string, Reading>();

  constructor(read: (reading: Reading) => Promise<void>, onIdle: () => void) {
    this.#read = read;
    this.#onIdle = onIdle;
  }

  get isIdle(): boolean {
    return this.#waiting.size === 0 && this.#running.size === 0;
  }

  add(path: string, isDeep: boolean): void {
    const reading = this.#running.get(path);
    if (reading !== undefined) {
      reading.isOutdated = true;
      reading.isDeep ||= isDeep;
      return;
    }
    this.#waiting.set(path, isDeep || this.#waiting.get(path) === true);
    this.#begin();
  }

  /** What is being read of it is worth nothing any more. */
  void(path: string): void {
    const reading = this.#running.get(path);
    if (reading === undefined) return;
    reading.isVoid = true;
    reading.isOutdated = true;
  }

  clear(): void {
    this.#waiting.clear();
  }

  #begin(): void {
    for (const [path, isDeep] of this.#waiting) {
      if (this.#running.size === READINGS_MAX) return;
      this.#waiting.delete(path);
      const reading = { path, isDeep, isVoid: false, isOutdated: false };
      this.#running.set(path, reading);
      void this.#run(reading);
    }
  }

  async #run(reading: Reading): Promise<void> {
    await this.#read(reading);
    this.#running.delete(reading.path);
    if (reading.isOutdated) this.add(reading.path, reading.isDeep);
    this.#begin();
    if (this.isIdle) this.#onIdle();
  }
}

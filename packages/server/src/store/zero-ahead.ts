/**
 * Lays zeros ahead of the end of a log. A durable write into blocks that are on the disk already
 * costs about two thirds of one that makes the file longer, for then the file's own record on the
 * disk need not change. The zeros are real: space that is only set aside would have to be turned
 * into blocks by the write itself.
 *
 * They go through a descriptor of their own, in the background, one stretch at a time. A write and a
 * stretch of zeros never touch the same bytes: the writer asks first.
 */
import { type Files, type OpenFile, writeAll } from './files.ts';

/** One stretch; while it is synced, appends may wait, about a millisecond for this much. */
const STRETCH_BYTES_MAX = 1024 * 1024;
/** With fewer zeros ahead than this, the next stretch is begun. */
const AHEAD_BYTES_MAX = 2 * 1024 * 1024;
/** Under appends this large the disk is busy enough, and what they gain is not worth its zeros. */
const APPEND_BYTES_MAX = 32 * 1024;
const BLOCK_BYTES = 4096;
const ZEROS = new Uint8Array(128 * 1024);

export interface ZeroOptions {
  /** At most this much is laid ahead; less than a block is nothing. */
  readonly preallocationBytes: number;
  readonly isDurable: boolean;
  /** Called with the length of the file as it has become. */
  readonly onGrown: (bytes: number) => void;
}

export class ZeroAhead {
  readonly #files: Files;
  readonly #path: string;
  readonly #options: ZeroOptions;
  readonly #stretchBytes: number;
  readonly #aheadBytes: number;
  #file: OpenFile | null = null;
  /** The file is this long; zeros up to here from where the writer is. */
  #end = 0;
  #laying: Promise<void> | null = null;
  #failure: { readonly cause: unknown } | null = null;

  constructor(files: Files, path: string, options: ZeroOptions) {
    this.#files = files;
    this.#path = path;
    this.#options = options;
    const blocks = Math.floor(options.preallocationBytes / BLOCK_BYTES);
    this.#stretchBytes = Math.min(blocks * BLOCK_BYTES, STRETCH_BYTES_MAX);
    this.#aheadBytes = Math.min(
      this.#stretchBytes * 2,
      AHEAD_BYTES_MAX,
      (blocks * BLOCK_BYTES) / 2,
    );
  }

  /** Whether a write that ends at `end` must wait until `settle` has come back. */
  isInTheWayOf(end: number): boolean {
    return this.#failure !== null || (this.#laying !== null && end > this.#end);
  }

  /** Waits for the stretch that is being laid; a failure to lay one is thrown here. */
  async settle(): Promise<void> {
    await this.#laying;
    if (this.#failure !== null) throw this.#failure.cause;
  }

  /** The writer has come as far as this, by so many bytes: lays more when little is left. */
  onWritten(position: number, byteCount: number): void {
    if (position > this.#end) {
      this.#end = position;
      this.#options.onGrown(position);
    }
    if (this.#laying !== null || this.#stretchBytes <= 0) return;
    if (byteCount > APPEND_BYTES_MAX) return;
    if (this.#end - position < this.#aheadBytes) this.#laying = this.#lay();
  }

  async close(): Promise<void> {
    await this.#laying;
    await this.#file?.close();
    if (this.#failure !== null) throw this.#failure.cause;
  }

  async #lay(): Promise<void> {
    const start = this.#end;
    const end = Math.ceil(start / BLOCK_BYTES) * BLOCK_BYTES + this.#stretchBytes;
    try {
      this.#file ??= await this.#files.open(this.#path, 'extend');
      await writeAll(this.#file, zeros(end - start), start);
      if (this.#options.isDurable) await this.#file.sync();
      this.#end = end;
      this.#options.onGrown(end);
    } catch (cause) {
      this.#failure = { cause };
    }
    this.#laying = null;
  }
}

/** So many zeros, without so much memory. */
function zeros(byteCount: number): Uint8Array[] {
  const whole = Math.floor(byteCount / ZEROS.length);
  const rest = byteCount % ZEROS.length;
  const parts = Array.from({ length: whole }, () => ZEROS);
  return rest === 0 ? parts : [...parts, ZEROS.subarray(0, rest)];
}

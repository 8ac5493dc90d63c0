/** Packs bytes into one gzip stream, a piece at a time, in the thread pool. */
import { constants, createGzip } from 'node:zlib';

export class Zip {
  // A snapshot is written beside live traffic, so time counts for more than the last percent.
  readonly #gzip = createGzip({ level: constants.Z_BEST_SPEED });
  readonly #ended: Promise<void>;
  #packed: Uint8Array[] = [];

  constructor() {
    this.#gzip.on('data', (chunk: Uint8Array) => this.#packed.push(chunk));
    this.#ended = new Promise((resolve, reject) => {
      this.#gzip.on('end', resolve);
      this.#gzip.on('error', reject);
    });
    this.#ended.catch(() => {});
  }

  /** Takes a piece in; what has come out by then. The piece may change afterwards. */
  async push(piece: Uint8Array): Promise<readonly Uint8Array[]> {
    await new Promise<void>((resolve, reject) => {
      this.#gzip.write(piece, (error) => (error ? reject(error) : resolve()));
    });
    return this.#take();
  }

  /** The rest. */
  async finish(): Promise<readonly Uint8Array[]> {
    this.#gzip.end();
    await this.#ended;
    return this.#take();
  }

  /** Gives up what has not come out. */
  discard(): void {
    this.#gzip.destroy();
  }

  #take(): readonly Uint8Array[] {
    const packed = this.#packed;
    this.#packed = [];
    return packed;
  }
}

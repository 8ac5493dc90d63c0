/**
 * A consumer's word that it has an item: an ephemeral node by the item's name, with a mark of its own
 * in it, so that it is known again when an answer was lost. Who dies takes its claims along, and the
 * items are there for others.
 */
import {
  type Abortable,
  isZooKeeperError,
  MultiError,
  type Op,
  op,
  type ZooKeeper,
} from '../../public.ts';
import { isCut } from '../cut.ts';

export interface ClaimPaths {
  readonly item: string;
  readonly claim: string;
}

export class Claim {
  readonly paths: ClaimPaths;
  /** Of the item. */
  version = 0;
  readonly #zk: ZooKeeper;
  readonly #sessionId: bigint | undefined;
  readonly #loss = new AbortController();
  readonly #onLost = (): void => this.#lose();

  private constructor(zk: ZooKeeper, paths: ClaimPaths) {
    this.#zk = zk;
    this.paths = paths;
    this.#sessionId = zk.session?.id;
    zk.on('lost', this.#onLost).on('closed', this.#onLost);
  }

  /** Null if somebody else has it. */
  static async make(
    zk: ZooKeeper,
    paths: ClaimPaths,
    signal: AbortSignal | undefined,
  ): Promise<Claim | null> {
    const mark = crypto.randomUUID().replaceAll('-', '');
    try {
      return (await claimNode(zk, paths.claim, mark, signal)) ? new Claim(zk, paths) : null;
    } catch (error) {
      if (isZooKeeperError(error) && error.maybeApplied) void withdraw(zk, paths.claim, mark);
      throw error;
    }
  }

  /** Aborts when somebody else can have it. */
  get signal(): AbortSignal {
    return this.#loss.signal;
  }

  /** Gives it back. */
  async release(options: Abortable = {}): Promise<void> {
    this.#forget();
    if (this.#isLost) return;
    try {
      await this.#zk.delete(this.paths.claim, { ...options, missingOk: true, guaranteed: true });
    } catch (error) {
      // It goes all the same: with its session, or when it can be deleted.
      if (!isZooKeeperError(error) || !goesAnyway.has(error.code)) throw error;
    }
  }

  /**
   * The item is deleted and the claim with it, and in the same step `more` is done. False if the
   * claim was lost before: then it is somebody else's.
   */
  async finish(more: readonly Op[], options: Abortable): Promise<boolean> {
    const { item, claim } = this.paths;
    let wasLost = false;
    while (!this.#isLost) {
      try {
        await this.#zk.multi([op.delete(item), op.delete(claim), ...more], options);
        this.#forget();
        return true;
      } catch (error) {
        if (error instanceof MultiError && error.code === 'NoNode') {
          await this.release(options);
          return wasLost && error.index === 0;
        }
        if (!isCut(error)) throw error;
        wasLost = true;
      }
      if (!this.#isLost) await this.#zk.ready(options);
    }
    return wasLost && (await this.#zk.exists(item, options)) === null;
  }

  /** Of several items these are left, and in the same step `more` is done. False if it was lost. */
  async keep(rest: Uint8Array, more: readonly Op[], options: Abortable): Promise<boolean> {
    const { item, claim } = this.paths;
    let wasLost = false;
    while (!this.#isLost) {
      try {
        const own = [op.check(claim, 0), op.set(item, rest, { version: this.version })];
        await this.#zk.multi([...own, ...more], options);
        this.version += 1;
        return true;
      } catch (error) {
        if (error instanceof MultiError && error.code === 'BadVersion' && wasLost) {
          this.version += 1;
          return true;
        }
        if (error instanceof MultiError) return false;
        if (!isCut(error)) throw error;
        wasLost = true;
      }
      if (!this.#isLost) await this.#zk.ready(options);
    }
    return false;
  }

  get #isLost(): boolean {
    if (this.#zk.session?.id !== this.#sessionId) this.#lose();
    return this.#loss.signal.aborted;
  }

  #lose(): void {
    this.#forget();
    this.#loss.abort(new Error(`${this.paths.claim} went with its session`));
  }

  #forget(): void {
    this.#zk.off('lost', this.#onLost).off('closed', this.#onLost);
  }
}

const goesAnyway = new Set<unknown>(['Closed', 'ConnectionLoss', 'SessionExpired', 'SessionMoved']);

async function claimNode(
  zk: ZooKeeper,
  path: string,
  mark: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  for (;;) {
    try {
      await zk.create(path, mark, { mode: 'ephemeral', parents: true, signal });
      return true;
    } catch (error) {
      if (isZooKeeperError(error, 'NodeExists')) return false;
      if (!isCut(error)) throw error;
    }
    await zk.ready({ signal });
    const there = await dataAt(zk, path, signal);
    if (there !== null) return there === mark;
  }
}

/** Nobody waits for the claim any more: if it is there it goes. */
async function withdraw(zk: ZooKeeper, path: string, mark: string): Promise<void> {
  try {
    if ((await dataAt(zk, path, undefined)) !== mark) return;
    await zk.delete(path, { missingOk: true, guaranteed: true });
  } catch {
    // Then it goes with its session.
  }
}

async function dataAt(
  zk: ZooKeeper,
  path: string,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  try {
    return new TextDecoder().decode((await zk.get(path, { signal, sync: true })).data);
  } catch (error) {
    if (isZooKeeperError(error, 'NoNode')) return null;
    throw error;
  }
}

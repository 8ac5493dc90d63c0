/** What a program holds of something that it owns: the same for locks, leases and leadership. */
import { type Abortable, type ZooKeeper, ZooKeeperError } from '../public.ts';

/**
 * When something is taken for lost: `suspect` as soon as the connection breaks, since the session
 * may end while nobody hears of it; `lost` when the session is known to have ended, by the server's
 * word or by the client's clock. That can be a third of the session timeout after somebody else has
 * come into possession, so whoever chooses it should check `fencingToken` where they write.
 */
export type LossPolicy = 'suspect' | 'lost';

/** `suspect`: the connection is away, and with it the certainty. `lost` and `released` are final. */
export type HeldState = 'held' | 'suspect' | 'lost' | 'released';

export interface Held extends AsyncDisposable {
  /** The own node. */
  readonly path: string;
  /** Aborts when it is lost, with an OwnershipLostError that says why; not when it is released. */
  readonly signal: AbortSignal;
  /**
   * The transaction that created the own node: larger for each later owner. Who writes to something
   * that the lock protects hands it on, so that the writes of an owner that was late can be refused.
   */
  readonly fencingToken: bigint;
  readonly state: HeldState;
  /** Asks the servers. False means that it is lost; an error means that nobody could be asked. */
  verify(options?: Abortable): Promise<boolean>;
  /**
   * Resolves when the node is gone, or is sure to go: what cannot be deleted for want of a connection
   * is deleted later.
   */
  release(options?: Abortable): Promise<void>;
}

/** Something is not owned any more. */
export class OwnershipLostError extends ZooKeeperError {
  override readonly name = 'OwnershipLostError';

  constructor(path: string, why: string) {
    super('OwnershipLost', `${path} is lost: ${why} (OwnershipLost)`, { path });
  }
}

/** The way of those who hold something while a function runs. */
export async function holdWhile<H extends Held, R>(
  held: H,
  body: (held: H) => Promise<R>,
): Promise<R> {
  try {
    return await body(held);
  } finally {
    await held.release();
  }
}

/** Errors after which a node goes all the same: with its session, or when it can be deleted. */
const bearable = new Set<unknown>(['Closed', 'ConnectionLoss', 'SessionExpired', 'SessionMoved']);

export async function deleteForSure(
  zk: ZooKeeper,
  path: string,
  options: Abortable,
): Promise<void> {
  try {
    await zk.delete(path, { ...options, missingOk: true, guaranteed: true });
  } catch (error) {
    if (!(error instanceof ZooKeeperError) || !bearable.has(error.code)) throw error;
  }
}

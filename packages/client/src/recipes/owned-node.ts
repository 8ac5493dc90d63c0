/**
 * An ephemeral node that stands for something owned, for as long as it does: it follows the client's
 * connection and the node itself, and says so once when the node is not its owner's any more.
 *
 *              the connection breaks                  deleted, the session ends, the client is closed;
 *    held ─────────────────────────▶ suspect ───────▶ with the policy `suspect`: the connection breaks
 *      ▲    (policy `lost`)             │                             │
 *      └────────────────────────────────┘                             ▼
 *        the same session comes back                                 lost
 */
import type { Abortable, Bytes, StatusEvent, WatchEvent, ZooKeeper } from '../public.ts';
import { deleteForSure, type HeldState, type LossPolicy, OwnershipLostError } from './held.ts';
import type { Place } from './line.ts';

export interface OwnedNodeOptions {
  readonly zk: ZooKeeper;
  readonly lossPolicy?: LossPolicy | undefined;
  /** Told of the data that somebody has written into the node. */
  readonly onData?: ((data: Bytes) => void) | undefined;
}

export class OwnedNode {
  readonly zk: ZooKeeper;
  readonly place: Place;
  readonly #lossPolicy: LossPolicy;
  readonly #onData: ((data: Bytes) => void) | undefined;
  readonly #loss = new AbortController();
  readonly #onStatus = (event: StatusEvent): void => this.#follow(event);
  #state: HeldState = 'held';
  #isWatched = false;
  /** It is being given up, or changed for another. */
  #isLeaving = false;

  constructor(place: Place, { zk, lossPolicy = 'suspect', onData }: OwnedNodeOptions) {
    this.zk = zk;
    this.place = place;
    this.#lossPolicy = lossPolicy;
    this.#onData = onData;
    zk.on('status', this.#onStatus);
    this.#watch();
  }

  get signal(): AbortSignal {
    return this.#loss.signal;
  }

  get state(): HeldState {
    return this.#state;
  }

  async verify(options: Abortable): Promise<boolean> {
    if (this.#isOver) return false;
    const { path, czxid, sessionId } = this.place;
    const stat = await this.zk.exists(path, { ...options, sync: true });
    const isOurs = stat?.czxid === czxid && this.zk.session?.id === sessionId;
    if (!isOurs) this.#lose('its node is gone');
    return isOurs && !this.#isOver;
  }

  async release(options: Abortable): Promise<void> {
    this.#isLeaving = true;
    this.#end('released');
    // A node that is lost may still be there: where only the connection was.
    await deleteForSure(this.zk, this.place.path, options);
  }

  /** `exchange` deletes the node on purpose; if it fails, the node is looked after as before. */
  async giveUpFor<T>(exchange: () => Promise<T>): Promise<T> {
    this.#isLeaving = true;
    try {
      const gain = await exchange();
      this.#end('released');
      return gain;
    } finally {
      this.#isLeaving = false;
      if (!this.#isOver) this.#watch();
    }
  }

  get #isOver(): boolean {
    return this.#state === 'lost' || this.#state === 'released';
  }

  #follow(event: StatusEvent): void {
    if (event.type === 'suspended') {
      if (this.#lossPolicy === 'suspect') this.#lose('the connection broke');
      else this.#state = 'suspect';
    } else if (event.type === 'lost') this.#lose('the session has expired');
    else if (event.type === 'closed') this.#lose('the client was closed');
    else if (event.type === 'connected') this.#onConnected(event.session.id);
  }

  #onConnected(sessionId: bigint): void {
    if (sessionId !== this.place.sessionId) {
      this.#lose('the session has expired');
      return;
    }
    this.#state = 'held';
    if (!this.#isWatched) this.#watch();
  }

  #watch(): void {
    this.#isWatched = true;
    this.#look().catch((error) => {
      this.#isWatched = false;
      if (error.code === 'NoNode') this.#onGone();
    });
  }

  async #look(): Promise<void> {
    const watch = (event: WatchEvent): void => this.#onEvent(event);
    const { path } = this.place;
    if (this.#onData === undefined) {
      if ((await this.zk.exists(path, { watch })) === null) this.#onGone();
      return;
    }
    const { data } = await this.zk.get(path, { watch });
    if (!this.#isOver) this.#onData(data);
  }

  #onEvent({ type }: WatchEvent): void {
    this.#isWatched = false;
    if (this.#isOver) return;
    if (type === 'deleted') this.#onGone();
    else this.#watch();
  }

  #onGone(): void {
    if (!this.#isLeaving) this.#lose('somebody has deleted its node');
  }

  #lose(why: string): void {
    if (this.#isOver) return;
    this.#end('lost');
    this.#loss.abort(new OwnershipLostError(this.place.path, why));
  }

  #end(state: 'lost' | 'released'): void {
    if (!this.#isOver) this.#state = state;
    this.zk.off('status', this.#onStatus);
  }
}

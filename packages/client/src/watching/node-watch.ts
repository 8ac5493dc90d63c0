/**
 * A watch of a program: on a server that knows persistent ones a watcher of the session, else a chain
 * of one-shot watches. It outlives connections and sessions, and tells when events may be missing.
 */
import { validatePath } from '@zabra/wire';
import type { RetryPolicy } from '../connection/retry.ts';
import type { WatchEventType, Watcher } from '../connection/watchers.ts';
import { createError, pathError } from '../errors/create-error.ts';
import { isZooKeeperError } from '../errors/zookeeper-error.ts';
import type { View } from '../operations/view.ts';
import { toClientPath, toServerPath } from '../session/index.ts';
import { EventStream } from '../streams/event-stream.ts';
import { addWatch, removeWatch, type WatchedPath } from './add-watch.ts';
import { callListener } from './one-shot.ts';
import { keepNewest, keepResync } from './overflow.ts';
import { RearmedWatch } from './rearmed-watch.ts';
import type { Watch, WatchOptions } from './watch.ts';
import type { WatchEvent } from './watch-event.ts';

const BUFFER_DEFAULT = 1024;

/** Setting a watch is tried as long as there is a client: on the next connection, in the next session. */
const untilSet: RetryPolicy = { next: () => 0 };

export class NodeWatch implements Watch, Watcher {
  readonly path: string;
  readonly armed: Promise<void>;
  readonly #view: View;
  readonly #options: WatchOptions;
  readonly #watched: WatchedPath;
  readonly #types: ReadonlySet<WatchEventType> | null;
  readonly #stream: EventStream<WatchEvent>;
  readonly #stop = (): void => void this.close();
  #id = 0;
  /** Of one-shot watches, to be told of the end. */
  #endId = 0;
  #isArmed = false;
  #isOver = false;
  #rearmed: RearmedWatch | null = null;

  constructor(view: View, path: string, options: WatchOptions) {
    this.path = path;
    this.#view = { ...view, retry: untilSet, timeout: undefined };
    this.#options = options;
    const isRecursive = options.recursive === true;
    this.#watched = { path, serverPath: toServerPath(view.root, path), isRecursive };
    this.#types = options.types === undefined ? null : new Set(options.types);
    this.#stream = new EventStream<WatchEvent>({
      max: options.buffer ?? BUFFER_DEFAULT,
      onFull: (queue, next) => this.#onFull(queue, next),
      onReturn: () => void this.close(),
    });
    this.armed = this.#begin();
    // Whoever does not ask whether it is armed is told by the iteration.
    this.armed.catch(() => {});
  }

  [Symbol.asyncIterator](): AsyncIterator<WatchEvent> {
    return this.#stream;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async close(): Promise<void> {
    if (!this.#end()) return;
    void this.#stream.return();
    if (this.#rearmed !== null) this.#rearmed.stop();
    else if (this.#id !== 0) await removeWatch(this.#view, this.#watched, this.#id);
  }

  // What the session tells.

  onEvent(type: WatchEventType, serverPath: string, zxid: bigint | undefined): void {
    if (this.#types !== null && !this.#types.has(type)) return;
    const path = toClientPath(this.#view.root, serverPath) ?? serverPath;
    this.tell({ type, path, zxid });
  }

  onRearmed(): void {
    if (this.#isArmed) this.tell({ type: 'resync', reason: 'reconnected' });
  }

  onNewSession(): void {
    if (!this.#isArmed) return;
    this.#isArmed = false;
    void this.#arm({}).then(
      () => this.tell({ type: 'resync', reason: 'new-session' }),
      (error) => this.#fail(error),
    );
  }

  onOver(): void {
    const { end } = this.#view.connection.lifecycle;
    if (end === null || isZooKeeperError(end, 'Closed')) this.#end();
    else this.#fail(end);
    this.#stream.end();
  }

  tell(event: WatchEvent): void {
    if (this.#isOver) return;
    const { listener } = this.#options;
    const { host } = this.#view.connection;
    if (listener === undefined) this.#stream.push(event);
    else callListener(host, listener, event, () => !this.#isOver);
  }

  async #begin(): Promise<void> {
    const problem = validatePath(this.path);
    const signal = this.#options.signal ?? this.#view.signal;
    try {
      if (problem !== null) throw pathError('watch', this.path, problem);
      signal?.addEventListener('abort', this.#stop);
      await this.#arm(this.#options);
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  async #arm({ signal, timeout }: WatchOptions): Promise<void> {
    const { connection } = this.#view;
    try {
      if (connection.hasPersistentWatches) {
        if (this.#id === 0) this.#id = connection.watchers.add(this);
        await addWatch(this.#view, this.#watched, this.#id, { signal, timeout });
      } else await this.#armOneShots();
    } catch (error) {
      const isOld = isZooKeeperError(error, 'Unimplemented') && !this.#watched.isRecursive;
      if (!isOld || this.#rearmed !== null) throw error;
      connection.hasPersistentWatches = false;
      await this.#armOneShots();
    }
    this.#isArmed = true;
    // Closed meanwhile: the server need not go on.
    if (this.#isOver && this.#id !== 0) await removeWatch(this.#view, this.#watched, this.#id);
  }

  async #armOneShots(): Promise<void> {
    if (this.#watched.isRecursive)
      throw createError('Unimplemented', { op: 'watch', path: this.path });
    this.#id = 0;
    this.#endId = this.#view.connection.watchers.add({
      onEvent: () => {},
      onRearmed: () => {},
      onNewSession: () => {},
      onOver: () => this.onOver(),
    });
    this.#rearmed = new RearmedWatch(this.#view, this.path, this.#types, {
      tell: (event) => this.tell(event),
      fail: (error) => this.#fail(error),
    });
    await this.#rearmed.begin();
  }

  #onFull(queue: WatchEvent[], next: WatchEvent): void {
    const { overflow = 'coalesce' } = this.#options;
    if (overflow === 'coalesce') keepNewest(queue, next);
    else if (overflow === 'resync') keepResync(queue);
    else this.#fail(createError('Overflow', { op: 'watch', path: this.path }));
  }

  /** False if it was over before. */
  #end(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.#view.connection.watchers.remove(this.#id);
    this.#view.connection.watchers.remove(this.#endId);
    const signal = this.#options.signal ?? this.#view.signal;
    signal?.removeEventListener('abort', this.#stop);
    return true;
  }

  /** Whoever only listens does not look at what an iteration would throw. */
  #complain(error: unknown): void {
    const isWanted = isZooKeeperError(error, 'Aborted') || isZooKeeperError(error, 'Closed');
    if (this.#options.listener === undefined || isWanted) return;
    this.#view.connection.host.complain(`the watch on ${this.path} has ended`, error);
  }

  #fail(error: unknown): void {
    const id = this.#id;
    if (!this.#end()) return;
    this.#rearmed?.stop();
    this.#stream.fail(error);
    this.#complain(error);
    if (this.#isArmed && id !== 0) void removeWatch(this.#view, this.#watched, id);
  }
}

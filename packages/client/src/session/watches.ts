/**
 * What happens to watches: they enter the book when a server has said that it set them, leave it
 * when they fire or are removed, and are set again on each new connection.
 *
 * All events up to a certain zxid are known to have come. As long as not every piece of the replay
 * was answered that zxid stays where it was, whatever newer zxids are seen: a connection that breaks
 * between two pieces would else lose the events of the second.
 */
import {
  AddWatchMode,
  ErrorCode,
  encodeRemoveWatchesRequest,
  type JuteReader,
  JuteWriter,
  Opcode,
  WatcherType,
} from '@zabra/wire';
import { RemovedEvent } from './contract.ts';
import type { Figures } from './figures.ts';
import type { Flight } from './flight.ts';
import type { Reports } from './reports.ts';
import { allKinds, WatchBook, WatchKind } from './watch-book.ts';
import { WatchReplay, type WatchRequest } from './watch-replay.ts';

/** The kinds of the book that a type of the protocol names. */
const kindsOf: ReadonlyMap<number, readonly WatchKind[]> = new Map([
  [WatcherType.Data, [WatchKind.Data, WatchKind.Exist]],
  [WatcherType.Children, [WatchKind.Child]],
  [WatcherType.Persistent, [WatchKind.Persistent]],
  [WatcherType.PersistentRecursive, [WatchKind.Recursive]],
  [WatcherType.Any, allKinds],
]);

const removedEvents: ReadonlyMap<number, number> = new Map([
  [WatcherType.Data, RemovedEvent.Data],
  [WatcherType.Children, RemovedEvent.Child],
  [WatcherType.Persistent, RemovedEvent.Persistent],
  [WatcherType.PersistentRecursive, RemovedEvent.Persistent],
]);

export interface Unwatch {
  readonly path: string;
  /** WatcherType of wire. */
  readonly type: number;
  /** Null for everybody's. */
  readonly watcher: number | null;
}

export class Watches {
  #book: WatchBook = new WatchBook();
  readonly #reports: Reports;
  readonly #figures: Figures;
  readonly #pieceBytesMax: number;
  #replay: WatchReplay | null = null;
  /** Pieces of the replay that are not answered yet. */
  #unanswered = 0;
  #isArmed = true;
  #knownHigh = 0;
  #knownLow = 0;

  constructor(reports: Reports, figures: Figures, pieceBytesMax: number) {
    this.#reports = reports;
    this.#figures = figures;
    this.#pieceBytesMax = pieceBytesMax;
  }

  /** Watches, and requests under way for some. */
  get count(): number {
    return this.#book.count;
  }

  /** Pieces of the replay wait for an answer. */
  get unansweredPieces(): number {
    return this.#unanswered;
  }

  /** A request that may set a watch has been taken on. */
  onAsked(flight: Flight): void {
    if (flight.watch !== undefined) this.#book.wish(flight.watch.path);
  }

  /** It has ended; `code` is the server's answer, null if there was none. */
  onEnded(flight: Flight, code: number | null): void {
    if (flight.watch === undefined) return;
    const { path, watcher } = flight.watch;
    this.#book.unwish(path);
    const kind = code === null || flight.isAbandoned ? null : kindSet(flight, code);
    if (kind !== null) this.#book.add(kind, path, watcher);
  }

  /** An event's record; false when it is none. */
  onEvent(reader: JuteReader, zxidHigh: number, zxidLow: number): boolean {
    const type = reader.int();
    reader.int();
    const path = reader.string();
    if (path === null || reader.failed) return false;
    const watchers = this.#book.fire(type, path);
    if (watchers.length === 0) {
      this.#figures.strayEvents += 1;
      return true;
    }
    this.#figures.events += 1;
    this.#reports.push({ kind: 'watch', type, path, watchers, zxidHigh, zxidLow });
    return true;
  }

  /**
   * From this call on those watchers hear nothing more. What the server may be asked to forget as
   * well, so that it spares the events; null if there was no such watch.
   */
  unwatch({ path, type, watcher }: Unwatch): readonly WatchRequest[] | null {
    const kinds = kindsOf.get(type) ?? [];
    const emptied: number[] = [];
    let isFound = false;
    for (const [serverType, event] of removedEvents) {
      const own = (kindsOf.get(serverType) ?? []).filter((kind) => kinds.includes(kind));
      const gone = new Set(own.flatMap((kind) => this.#book.remove(kind, path, watcher)));
      if (gone.size === 0) continue;
      isFound = true;
      if (!this.#isWatched(path, serverType)) emptied.push(serverType);
      const watchers = [...gone];
      this.#reports.push({ kind: 'watch', type: event, path, watchers, zxidHigh: 0, zxidLow: 0 });
    }
    return isFound ? this.#forgetting(path, emptied) : null;
  }

  /** The session is over, and with it all that was watched in it: nobody hears of that any more. */
  end(): void {
    this.#book = new WatchBook();
  }

  /** A new connection: everything has to be set again. */
  beginReplay(zxidHigh: number, zxidLow: number): void {
    if (this.#isArmed) {
      this.#knownHigh = zxidHigh;
      this.#knownLow = zxidLow;
    }
    this.#unanswered = 0;
    this.#isArmed = this.#book.isEmpty;
    this.#replay = this.#isArmed
      ? null
      : new WatchReplay(this.#book, this.#knownHigh, this.#knownLow, this.#pieceBytesMax);
  }

  /** The next piece to be sent, null when all are. */
  nextPiece(): WatchRequest | null {
    const piece = this.#replay?.next() ?? null;
    if (piece !== null) this.#unanswered += 1;
    else this.#endReplay();
    return piece;
  }

  get isReplaying(): boolean {
    return this.#replay !== null;
  }

  onPieceAnswered(): void {
    this.#unanswered -= 1;
    if (this.#replay === null && this.#unanswered === 0) this.#onArmed();
  }

  onLinkGone(): void {
    this.#replay = null;
    this.#unanswered = 0;
  }

  #endReplay(): void {
    if (this.#replay === null) return;
    this.#replay = null;
    if (this.#unanswered === 0) this.#onArmed();
  }

  #onArmed(): void {
    this.#isArmed = true;
    this.#reports.push({ kind: 'rearmed' });
  }

  /**
   * While a request is under way that may watch this path nothing is asked of the server: it would
   * forget the new watch with the old. Else all kinds go at once if none is left, since servers
   * before 3.9 cannot tell persistent ones apart; those that do not know a type keep their watch.
   */
  #forgetting(path: string, types: readonly number[]): readonly WatchRequest[] {
    if (types.length === 0 || this.#book.hasWish(path)) return [];
    const isLast = !this.#isWatched(path, WatcherType.Any);
    return (isLast ? [WatcherType.Any] : types).map((type) => removeWatches(path, type));
  }

  #isWatched(path: string, type: number): boolean {
    return (kindsOf.get(type) ?? []).some((kind) => this.#book.isWatched(kind, path));
  }
}

/** Which watch an answer says to have been set, if any. */
function kindSet({ opcode, body }: Flight, code: number): WatchKind | null {
  const isOk = code === ErrorCode.Ok;
  if (opcode === Opcode.Exists && code === ErrorCode.NoNode) return WatchKind.Exist;
  if (opcode === Opcode.Exists || opcode === Opcode.GetData) return isOk ? WatchKind.Data : null;
  if (opcode === Opcode.GetChildren || opcode === Opcode.GetChildren2) {
    return isOk ? WatchKind.Child : null;
  }
  if (opcode !== Opcode.AddWatch || !(isOk || code === ErrorCode.NoNode)) return null;
  // The mode is the last field of the record, a small number.
  const isRecursive = body.at(-1) === AddWatchMode.PersistentRecursive;
  return isRecursive ? WatchKind.Recursive : WatchKind.Persistent;
}

function removeWatches(path: string, type: number): WatchRequest {
  const writer = new JuteWriter();
  encodeRemoveWatchesRequest(writer, { path, type });
  return { opcode: Opcode.RemoveWatches, body: writer.finish() };
}

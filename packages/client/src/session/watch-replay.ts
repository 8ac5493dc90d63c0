/**
 * Sets all watches of the book again, in pieces: a server takes no request above its limit, and
 * nobody is served while a piece is put together. All pieces ask for what was missed since the same
 * zxid.
 */
import {
  asZxid,
  encodeSetWatches2Request,
  encodeSetWatchesRequest,
  JuteWriter,
  Opcode,
} from '@zabra/wire';
import { type WatchBook, WatchKind } from './watch-book.ts';

const LENGTH_BYTES = 4;

export interface WatchRequest {
  readonly opcode: number;
  readonly body: Uint8Array;
}

export class WatchReplay {
  readonly #book: WatchBook;
  readonly #bytesMax: number;
  readonly #relativeZxid: bigint;
  readonly #paths: Generator<readonly [kind: WatchKind, path: string]>;
  /** The path that did not fit in the last piece. */
  #next: readonly [kind: WatchKind, path: string] | null = null;
  #isOver = false;

  constructor(book: WatchBook, zxidHigh: number, zxidLow: number, bytesMax: number) {
    this.#book = book;
    this.#bytesMax = bytesMax;
    this.#relativeZxid = (BigInt(zxidHigh) << 32n) | BigInt(zxidLow >>> 0);
    this.#paths = listOf(book);
  }

  /** The next piece, null when all have been given. */
  next(): WatchRequest | null {
    const lists: string[][] = [[], [], [], [], []];
    let byteCount = 0;
    for (;;) {
      const entry = this.#next ?? this.#advance();
      this.#next = entry;
      if (entry === null) break;
      const [kind, path] = entry;
      if (!this.#book.isWatched(kind, path)) {
        // What an earlier piece brought has fired it since it was listed.
        this.#next = null;
        continue;
      }
      const needed = LENGTH_BYTES + utf8Length(path);
      if (byteCount > 0 && byteCount + needed > this.#bytesMax) break;
      lists[kind]!.push(path);
      byteCount += needed;
      this.#next = null;
    }
    return byteCount === 0 ? null : this.#encode(lists);
  }

  #advance(): readonly [kind: WatchKind, path: string] | null {
    if (this.#isOver) return null;
    const step = this.#paths.next();
    this.#isOver = step.done === true;
    return step.done === true ? null : step.value;
  }

  /** Servers from before 3.6 know only the first form; they have no persistent watches either. */
  #encode(lists: readonly string[][]): WatchRequest {
    const persistentWatches = lists[WatchKind.Persistent]!;
    const persistentRecursiveWatches = lists[WatchKind.Recursive]!;
    const request = {
      relativeZxid: asZxid(this.#relativeZxid),
      dataWatches: lists[WatchKind.Data]!,
      existWatches: lists[WatchKind.Exist]!,
      childWatches: lists[WatchKind.Child]!,
    };
    const writer = new JuteWriter();
    if (persistentWatches.length === 0 && persistentRecursiveWatches.length === 0) {
      encodeSetWatchesRequest(writer, request);
      return { opcode: Opcode.SetWatches, body: writer.finish() };
    }
    encodeSetWatches2Request(writer, { ...request, persistentWatches, persistentRecursiveWatches });
    return { opcode: Opcode.SetWatches2, body: writer.finish() };
  }
}

function* listOf(book: WatchBook): Generator<readonly [kind: WatchKind, path: string]> {
  for (const kind of Object.values(WatchKind)) {
    for (const path of book.paths(kind)) yield [kind, path];
  }
}

/** Paths have no surrogates. */
function utf8Length(path: string): number {
  let byteCount = path.length;
  for (let i = 0; i < path.length; i += 1) {
    const unit = path.charCodeAt(i);
    if (unit >= 0x80) byteCount += unit < 0x800 ? 1 : 2;
  }
  return byteCount;
}

/** What a process has handed to its sockets and the kernel has not taken yet, link by link. */
import type { Network } from '../network/network.ts';

interface Piece {
  readonly bytes: Uint8Array;
  readonly byteCount: number;
  sent: number;
}

interface Waiting {
  readonly pieces: Piece[];
  /** To be closed when all has left. */
  isClosing: boolean;
}

export class Outbox {
  readonly #network: Network;
  readonly #links = new Map<number, Waiting>();

  constructor(network: Network) {
    this.#network = network;
  }

  open(link: number): void {
    this.#links.set(link, { pieces: [], isClosing: false });
  }

  /** True if all has left at once. */
  send(link: number, bytes: Uint8Array, byteCount: number): boolean {
    const waiting = this.#links.get(link);
    if (waiting === undefined) return true;
    waiting.pieces.push({ bytes, byteCount, sent: 0 });
    return waiting.pieces.length === 1 && this.pump(link);
  }

  /** Sends what there is room for; true if nothing is left. */
  pump(link: number): boolean {
    const waiting = this.#links.get(link);
    if (waiting === undefined) return false;
    const { pieces } = waiting;
    for (let piece = pieces[0]; piece !== undefined; piece = pieces[0]) {
      piece.sent += this.#network.write(link, piece.bytes, piece.sent, piece.byteCount);
      if (piece.sent < piece.byteCount) return false;
      pieces.shift();
    }
    if (waiting.isClosing) this.#finish(link);
    return true;
  }

  /** Closes behind what is unsent. */
  close(link: number): void {
    const waiting = this.#links.get(link);
    if (waiting === undefined) return;
    waiting.isClosing = true;
    if (waiting.pieces.length === 0) this.#finish(link);
  }

  forget(link: number): void {
    this.#links.delete(link);
  }

  clear(): void {
    this.#links.clear();
  }

  #finish(link: number): void {
    this.#links.delete(link);
    this.#network.close(link);
  }
}

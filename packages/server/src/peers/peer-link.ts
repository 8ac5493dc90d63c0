/**
 * One connection to another server: bytes in, bytes out, close. What is given to it in one go leaves
 * in one gathered write; `onSent` says when it has left, so who gives the next only then is never
 * owed more than one of them, however slow the other side reads.
 */
import type { Socket } from 'node:net';
import type { Accepted } from '../net/accept.ts';
import type { Farewells, Leaver } from '../net/farewells.ts';

/** `Output` is whatever the sender wants to have back when it has left. */
export interface LinkEvents<Output> {
  onReceived(link: number, chunk: Uint8Array): void;
  /** The other side has hung up, or is not to be reached any more; not told after `close`. */
  onClosed(link: number): void;
  /** It was sent, or never will be; at once, or some time after `send`. */
  onSent(output: Output, isLate: boolean): void;
}

export class PeerLink<Output> implements Leaver {
  readonly id: number;
  readonly #socket: Socket;
  readonly #farewells: Farewells;
  readonly #events: LinkEvents<Output>;
  /** What has not left, oldest first. */
  readonly #unsent: Output[] = [];
  /** Which write the first of them is. */
  #firstUnsent = 1;
  #writtenCount = 0;
  #isEnding = false;

  constructor(
    id: number,
    { socket, listen }: Accepted,
    farewells: Farewells,
    events: LinkEvents<Output>,
  ) {
    this.id = id;
    this.#socket = socket;
    this.#farewells = farewells;
    this.#events = events;
    listen((bytes) => {
      if (!this.#isEnding) events.onReceived(id, bytes);
    });
    // A reset is an ordinary way to end; 'close' follows it.
    socket.on('error', () => {});
    // Servers never close one side only: who sends nothing more has gone.
    socket.on('end', () => this.cut());
    socket.on('close', () => this.#onClosed());
  }

  /** As the other side is called where it speaks from. */
  get remoteAddress(): string {
    return `${this.#socket.remoteAddress ?? 'unknown'}:${this.#socket.remotePort ?? 0}`;
  }

  /** Sends the pieces behind each other; they stay unchanged until `onSent`. */
  send(pieces: readonly Uint8Array[], output: Output): void {
    const socket = this.#socket;
    if (socket.destroyed || this.#isEnding) {
      this.#events.onSent(output, false);
      return;
    }
    this.#unsent.push(output);
    const last = pieces.length - 1;
    if (last > 0) socket.cork();
    for (let index = 0; index < last; index += 1) socket.write(pieces[index]!);
    socket.write(pieces[last] ?? new Uint8Array(0), this.#onWritten);
    if (last > 0) socket.uncork();
    // The kernel usually takes everything at once, and then the bytes are free again.
    if (socket.writableLength === 0) this.#settle(this.#unsent.length, false);
  }

  setReading(isReading: boolean): void {
    if (isReading) this.#socket.resume();
    else this.#socket.pause();
  }

  /**
   * Sends what is unsent, then hangs up. What the other side says is read on and dropped until it
   * hangs up too, since bytes that are never read turn the farewell into a reset, which may overtake
   * our last ones; it has a second for that.
   */
  close(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#socket.resume();
    this.#socket.end();
    this.#farewells.add(this);
  }

  cut(): void {
    this.#socket.destroy();
  }

  /** Also called for what was never written, before the socket is closed. */
  readonly #onWritten = (): void => {
    this.#writtenCount += 1;
    this.#settle(this.#writtenCount - this.#firstUnsent + 1, true);
  };

  /** The oldest so many have left. */
  #settle(count: number, isLate: boolean): void {
    for (let left = count; left > 0; left -= 1) {
      const output = this.#unsent.shift();
      if (output === undefined) return;
      this.#firstUnsent += 1;
      this.#events.onSent(output, isLate);
    }
  }

  #onClosed(): void {
    this.#farewells.remove(this);
    if (!this.#isEnding) this.#events.onClosed(this.id);
    this.#isEnding = true;
  }
}

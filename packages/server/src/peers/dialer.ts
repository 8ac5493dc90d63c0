/**
 * Calls other servers. A server may have several addresses, and a name of it may stand for several
 * more: they are tried in their order, the next as soon as one refuses or has kept us waiting for a
 * moment, and the first that answers is the one. So an address that swallows every packet costs a
 * quarter of a second and not the whole patience.
 */
import { connect, type Socket } from 'node:net';
import type { ServerAddress } from '@zabra/wire';
import type { Accepted } from '../net/accept.ts';
import type { NameResolver } from './name-resolver.ts';

const READ_BYTES = 64 * 1024;
/** An address that has not answered by then is no longer the only one that is tried. */
const NEXT_ADDRESS_MS = 250;
/** So many addresses are tried in one call. */
const CANDIDATES_MAX = 32;

export interface DialerOptions {
  readonly resolver: NameResolver;
  readonly keepAlive: boolean;
}

export interface CallEvents {
  onAnswered(dialled: Accepted): void;
  onFailed(reason: string): void;
}

export class Dialer {
  readonly #options: DialerOptions;
  /** Whatever is called, it is read into this buffer: a chunk is used up when it is handed on. */
  readonly #buffer = new Uint8Array(READ_BYTES);

  constructor(options: DialerOptions) {
    this.#options = options;
  }

  /** One of the events comes, later, unless the call is given up before. */
  call(addresses: readonly ServerAddress[], timeoutMs: number, events: CallEvents): Call {
    return new Call(addresses, timeoutMs, this.#options, this.#buffer, events);
  }
}

export class Call {
  readonly #options: DialerOptions;
  readonly #buffer: Uint8Array;
  readonly #events: CallEvents;
  readonly #candidates: ServerAddress[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #deadline: NodeJS.Timeout;
  #next: NodeJS.Timeout | null = null;
  /** Names that are still being looked up. */
  #unresolved: number;
  #lastReason = 'no address of it is known';
  #isOver = false;

  constructor(
    addresses: readonly ServerAddress[],
    timeoutMs: number,
    options: DialerOptions,
    buffer: Uint8Array,
    events: CallEvents,
  ) {
    this.#options = options;
    this.#buffer = buffer;
    this.#events = events;
    this.#unresolved = addresses.length;
    this.#deadline = setTimeout(() => this.#fail('it did not answer in time'), timeoutMs);
    if (addresses.length === 0) setImmediate(() => this.#failIfExhausted());
    for (const address of addresses) this.#resolve(address, timeoutMs);
  }

  /** Nothing is heard of it any more. */
  giveUp(): void {
    this.#isOver = true;
    clearTimeout(this.#deadline);
    if (this.#next !== null) clearTimeout(this.#next);
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }

  #resolve({ host, port }: ServerAddress, timeoutMs: number): void {
    this.#options.resolver.resolve(host, timeoutMs, (found) => {
      if (this.#isOver) return;
      this.#unresolved -= 1;
      const room = CANDIDATES_MAX - this.#candidates.length;
      for (const address of found.slice(0, room)) this.#candidates.push({ host: address, port });
      if (this.#sockets.size === 0) this.#tryNext();
    });
  }

  #tryNext(): void {
    if (this.#next !== null) clearTimeout(this.#next);
    this.#next = null;
    const candidate = this.#candidates.shift();
    if (candidate === undefined) {
      this.#failIfExhausted();
      return;
    }
    this.#try(candidate);
    if (this.#candidates.length > 0 || this.#unresolved > 0) {
      this.#next = setTimeout(() => this.#tryNext(), NEXT_ADDRESS_MS);
    }
  }

  #try({ host, port }: ServerAddress): void {
    let deliver: (bytes: Uint8Array) => void = () => {};
    const callback = (byteCount: number): boolean => {
      deliver(this.#buffer.subarray(0, byteCount));
      return true;
    };
    const socket = connect({
      host,
      port,
      allowHalfOpen: true,
      noDelay: true,
      keepAlive: this.#options.keepAlive,
      onread: { buffer: this.#buffer, callback },
    });
    this.#sockets.add(socket);
    const onError = (error: Error): void => this.#onRefused(socket, error.message);
    socket.once('error', onError);
    socket.once('connect', () => {
      if (this.#isOver) return;
      socket.off('error', onError);
      if (isOnItsOwn(socket)) {
        socket.destroy();
        this.#onRefused(socket, 'nobody listens there');
        return;
      }
      this.#sockets.delete(socket);
      this.giveUp();
      const listen = (listener: (bytes: Uint8Array) => void): void => {
        deliver = listener;
      };
      this.#events.onAnswered({ socket, listen });
    });
  }

  #onRefused(socket: Socket, reason: string): void {
    this.#sockets.delete(socket);
    if (this.#isOver) return;
    this.#lastReason = reason;
    this.#tryNext();
  }

  #failIfExhausted(): void {
    if (this.#sockets.size === 0 && this.#unresolved === 0) this.#fail(this.#lastReason);
  }

  #fail(reason: string): void {
    if (this.#isOver) return;
    this.giveUp();
    this.#events.onFailed(reason);
  }
}

/**
 * Where nobody listens on this machine, the system may by chance give a call the very port that it
 * calls, and connects it with itself; it would keep who belongs there from binding that port.
 */
export function isOnItsOwn(socket: Socket): boolean {
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  return localPort === remotePort && localAddress === remoteAddress;
}

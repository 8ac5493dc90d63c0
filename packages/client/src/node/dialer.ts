/**
 * A connection to a server on Node's sockets. All addresses of a name are called, in any order, the
 * next one as soon as one refuses or is silent for a while; the first that answers is taken.
 */
import { connect as connectSocket, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import type { LinkEvents, ServerInfo, TransportLink } from '../connection/host.ts';

/** How long an address may be silent until the next is called as well. */
const PATIENCE_MS = 250;

export interface DialSettings {
  addresses(host: string): Promise<readonly string[]>;
  /** Null for a connection in the clear. */
  readonly tls: (() => ConnectionOptions | Promise<ConnectionOptions>) | null;
  /** Whether it keeps the process alive. */
  readonly isRef: boolean;
}

export class Dial implements TransportLink {
  readonly #server: ServerInfo;
  readonly #settings: DialSettings;
  readonly #events: LinkEvents;
  readonly #calling = new Set<Socket>();
  #left: string[] = [];
  #socket: Socket | null = null;
  #timer: NodeJS.Timeout | null = null;
  #why = 'the name has no address';
  #isOver = false;

  constructor(server: ServerInfo, settings: DialSettings, events: LinkEvents) {
    this.#server = server;
    this.#settings = settings;
    this.#events = events;
    void this.#begin();
  }

  write(bytes: Uint8Array): void {
    this.#socket?.write(bytes);
  }

  drop(): void {
    this.#isOver = true;
    this.#quiet();
    for (const socket of this.#calling) socket.destroy();
    this.#calling.clear();
    this.#socket?.destroy();
  }

  async #begin(): Promise<void> {
    const { host } = this.#server;
    try {
      const found = isIP(host) !== 0 ? [host] : await this.#settings.addresses(host);
      this.#left = shuffled(found);
    } catch (error) {
      this.#why = messageOf(error);
    }
    if (!this.#isOver) this.#callNext();
  }

  #callNext(): void {
    this.#quiet();
    const host = this.#left.shift();
    if (host === undefined) {
      if (this.#calling.size === 0) this.#end(this.#why);
      return;
    }
    const { port } = this.#server;
    const socket = connectSocket({ host, port, noDelay: true, keepAlive: true });
    if (!this.#settings.isRef) socket.unref();
    this.#calling.add(socket);
    socket.once('connect', () => void this.#onAnswered(socket));
    // A socket that fails closes; the one that is taken has listeners of its own.
    socket.on('error', (error) => {
      this.#why = messageOf(error);
    });
    socket.once('close', () => {
      if (this.#calling.delete(socket) && !this.#isOver) this.#callNext();
    });
    this.#timer = setTimeout(() => this.#callNext(), PATIENCE_MS);
    if (!this.#settings.isRef) this.#timer.unref();
  }

  async #onAnswered(socket: Socket): Promise<void> {
    this.#quiet();
    this.#calling.delete(socket);
    for (const other of this.#calling) other.destroy();
    this.#calling.clear();
    this.#left = [];
    if (this.#settings.tls === null) this.#take(socket);
    else await this.#secure(socket, this.#settings.tls);
  }

  /** Options are asked for each time, so that certificates can be replaced. */
  async #secure(socket: Socket, tls: NonNullable<DialSettings['tls']>): Promise<void> {
    this.#socket = socket;
    try {
      const options = await tls();
      if (this.#isOver) return;
      const { host } = this.#server;
      // A name is sent and checked; an address may not be sent, and is checked all the same.
      const named = isIP(host) === 0 ? { servername: host } : { host };
      const secured = connectTls({ ...named, ...options, socket });
      this.#take(secured, 'secureConnect');
    } catch (error) {
      socket.destroy();
      this.#end(messageOf(error));
    }
  }

  #take(socket: Socket, opening?: 'secureConnect'): void {
    this.#socket = socket;
    let why = 'the server closed the connection';
    socket.on('data', (chunk: Uint8Array) => {
      if (this.#isOver) return;
      this.#events.received(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length));
    });
    socket.on('error', (error) => {
      why = messageOf(error);
    });
    socket.once('close', () => this.#end(why));
    if (opening === undefined) this.#events.opened();
    else socket.once(opening, () => this.#isOver || this.#events.opened());
  }

  #end(why: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#events.gone(why);
  }

  #quiet(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message === '' ? error.name : error.message;
}

function shuffled(items: readonly string[]): string[] {
  const all = [...items];
  for (let i = all.length - 1; i > 0; i -= 1) {
    const other = Math.floor(Math.random() * (i + 1));
    [all[i], all[other]] = [all[other]!, all[i]!];
  }
  return all;
}

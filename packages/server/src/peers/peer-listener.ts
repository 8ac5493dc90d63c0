/**
 * Accepts other servers at one port of this server's addresses, or of all addresses of the machine.
 * A port that is taken is tried again a second later, for some times or for ever; a name of ours that
 * means nothing yet is waited for where that is wanted.
 */
import { createServer, type Server } from 'node:net';
import { formatServerAddress, type ServerAddress } from '@zabra/wire';
import { type Accepted, acceptClients } from '../net/accept.ts';
import type { NameResolver } from './name-resolver.ts';

const RETRY_MS = 1000;
const LOOK_UP_MS = 5000;

export interface PeerListenerOptions {
  readonly resolver: NameResolver;
  readonly keepAlive: boolean;
  /** Which key of zoo.cfg says where to listen, for complaints. */
  readonly portName: string;
  /** How often a port is tried that cannot be bound; 0 is for ever. */
  readonly triesMax: number;
  /** Whether an own name that cannot be resolved is waited for; else it is a failure. */
  readonly waitsForNames: boolean;
  /** At all addresses of the machine, whatever the own ones are. */
  readonly listensOnAll: boolean;
}

export interface PeerListenerEvents {
  onAccepted(accepted: Accepted): void;
  /** Every address is bound. */
  onBound(): void;
  /** It is closed, and will not accept anybody. */
  onFailed(reason: string): void;
  onNotice(text: string): void;
}

export class PeerListener {
  readonly #options: PeerListenerOptions;
  readonly #events: PeerListenerEvents;
  readonly #servers = new Set<Server>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #unbound = 0;
  #isClosed = false;

  constructor(options: PeerListenerOptions, events: PeerListenerEvents) {
    this.#options = options;
    this.#events = events;
  }

  /** Once. Two addresses with one port are one where all addresses are listened to. */
  open(addresses: readonly ServerAddress[]): void {
    const { listensOnAll } = this.#options;
    const ports = new Set(addresses.map(({ port }) => port));
    this.#unbound = listensOnAll ? ports.size : addresses.length;
    if (listensOnAll) for (const port of ports) this.#bind(undefined, port, 1);
    else for (const address of addresses) this.#resolve(address, true);
  }

  /** Nobody is accepted any more; who was accepted stays. */
  close(): void {
    this.#isClosed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    for (const server of this.#servers) server.close();
    this.#servers.clear();
  }

  #resolve(address: ServerAddress, isFirst: boolean): void {
    this.#options.resolver.resolve(address.host, LOOK_UP_MS, ([found]) => {
      if (this.#isClosed) return;
      if (found !== undefined) {
        this.#bind(found, address.port, 1);
        return;
      }
      const text = `cannot listen on ${formatServerAddress(address)}: the name is not known`;
      if (!this.#options.waitsForNames) {
        this.#fail(text);
        return;
      }
      if (isFirst) this.#events.onNotice(text);
      this.#later(() => this.#resolve(address, false));
    });
  }

  #bind(host: string | undefined, port: number, tries: number): void {
    const server = createServer({ allowHalfOpen: true });
    this.#servers.add(server);
    server.once('error', (error: NodeJS.ErrnoException) => {
      this.#servers.delete(server);
      if (!this.#isClosed) this.#onRefused(host, port, tries, error);
    });
    server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
      if (this.#isClosed) return;
      // A server that could not be taken in is its own trouble: it calls again.
      server.on('error', () => {});
      const options = { keepAlive: this.#options.keepAlive, sharesBuffer: true };
      acceptClients(server, options, (accepted) => this.#events.onAccepted(accepted));
      this.#unbound -= 1;
      if (this.#unbound === 0) this.#events.onBound();
    });
  }

  #onRefused(
    host: string | undefined,
    port: number,
    tries: number,
    error: NodeJS.ErrnoException,
  ): void {
    const { portName, triesMax } = this.#options;
    const text = describe(error, `${portName} ${host ?? '*'}:${port}`);
    if (triesMax > 0 && tries >= triesMax) {
      this.#fail(text);
      return;
    }
    if (tries === 1) this.#events.onNotice(text);
    this.#later(() => this.#bind(host, port, tries + 1));
  }

  #later(act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, RETRY_MS);
    this.#timers.add(timer);
  }

  #fail(reason: string): void {
    this.close();
    this.#events.onFailed(reason);
  }
}

function describe(error: NodeJS.ErrnoException, where: string): string {
  if (error.code === 'EADDRINUSE') return `the ${where} is in use: stop what listens there`;
  if (error.code === 'EADDRNOTAVAIL') {
    return `the ${where} is at no address of this machine: correct this server's own line, or set quorumListenOnAllIPs=true`;
  }
  return `the ${where} cannot be listened to: ${error.message}`;
}

/**
 * A body for clients: sessions as they ship, each with its own links into a world of one server. It
 * does for a session what Node's sockets and timers do, in the world's time, and lets links be cut,
 * the server be out of reach and clients stand still.
 */
import {
  type Completion,
  type Report,
  Session,
  type SessionSettings,
  sessionSettings,
} from '@zabra/client/session';
import type { SimClient } from './sim-client.ts';
import { World, type WorldObserver, type WorldOptions } from './world.ts';

/** Rounds in which nothing happens any more, or something never will. */
const SETTLE_ROUNDS_MAX = 10_000;

const SERVERS = [{ host: 'server', port: 2181 }];

/** One client: a session, its links, and all that it was told. */
export class HostedClient {
  readonly session: Session;
  readonly reports: Report[] = [];
  /** It stands still: neither its session nor its sockets are served. */
  isStopped = false;
  /** How many more bytes come before its link breaks. */
  bytesLeft: number = Number.POSITIVE_INFINITY;
  readonly links: Map<number, SimClient> = new Map();
  /** What came while it stood still. */
  readonly unread: { readonly link: number; readonly bytes: Uint8Array }[] = [];

  constructor(settings: SessionSettings) {
    this.session = new Session(settings);
  }

  get completions(): Completion[] {
    return this.reports.filter((report) => report.kind === 'completion');
  }
}

export class ClientHost implements WorldObserver {
  readonly world: World;
  /** Whether new links come about. */
  isReachable = true;
  readonly #clients: HostedClient[] = [];

  constructor(options: Omit<WorldOptions, 'observer'>) {
    this.world = new World({ ...options, observer: this });
  }

  /** A new client, which begins to connect. */
  join(settings: Partial<SessionSettings> = {}): HostedClient {
    const client = new HostedClient(sessionSettings({ servers: SERVERS, ...settings }));
    this.#clients.push(client);
    client.session.begin(this.world.nowMs);
    client.session.start();
    this.settle();
    return client;
  }

  /** The connections of a client break; nobody is told but the two ends. */
  cut(client: HostedClient): void {
    for (const link of [...client.links.values()]) this.world.disconnect(link);
  }

  /** The connection of a client breaks when so many more bytes have come, amid an answer or not. */
  cutAfter(client: HostedClient, byteCount: number): void {
    client.bytesLeft = byteCount;
  }

  /** Everybody acts until nobody has anything left to do at this moment. */
  settle(): void {
    for (let i = 0; i < SETTLE_ROUNDS_MAX; i += 1) {
      this.world.settle();
      const hasActed = this.#clients.map((client) => !client.isStopped && this.#run(client));
      if (!hasActed.includes(true)) return;
    }
    throw new Error('the clients do not come to rest');
  }

  /** Moves the clock, waking whoever has something due on the way. */
  advance(byMs: number): void {
    const untilMs = this.world.nowMs + byMs;
    this.settle();
    for (let nextMs = this.#nextWake(); nextMs <= untilMs; nextMs = this.#nextWake()) {
      this.world.advance(Math.max(0, nextMs - this.world.nowMs));
      this.settle();
    }
    this.world.advance(untilMs - this.world.nowMs);
    this.settle();
  }

  onOutput(connection: number, bytes: Uint8Array): void {
    for (const client of this.#clients) {
      for (const [link, { id }] of client.links) {
        if (id === connection) client.unread.push({ link, bytes: bytes.slice() });
      }
    }
  }

  #nextWake(): number {
    const awake = this.#clients.filter(({ isStopped }) => !isStopped);
    return Math.min(...awake.map(({ session }) => session.wakeAt()));
  }

  /** One turn of a client; whether anything came of it. */
  #run(client: HostedClient): boolean {
    const { session, links, unread } = client;
    session.begin(this.world.nowMs);
    const heard = unread.splice(0);
    for (const { link, bytes } of heard) this.#hear(client, link, bytes);
    const gone = [...links].filter(([, { isClosed }]) => isClosed);
    for (const [link] of gone) {
      links.delete(link);
      session.disconnected(link);
    }
    session.turn();
    const hasOrders = this.#perform(client);
    const outputs = session.takeOutput();
    for (const { link, bytes } of outputs) this.world.send(links.get(link)!, bytes);
    client.reports.push(...session.takeReports());
    return heard.length + gone.length + outputs.length > 0 || hasOrders;
  }

  #hear(client: HostedClient, link: number, bytes: Uint8Array): void {
    const { session, links, bytesLeft } = client;
    const connection = links.get(link);
    if (connection === undefined) return;
    session.received(link, bytes.subarray(0, bytesLeft));
    client.bytesLeft = bytesLeft - bytes.length;
    if (client.bytesLeft >= 0) return;
    client.bytesLeft = Number.POSITIVE_INFINITY;
    links.delete(link);
    this.world.disconnect(connection);
    session.disconnected(link);
  }

  #perform({ session, links }: HostedClient): boolean {
    const orders = session.takeOrders();
    for (const order of orders) {
      if (order.kind === 'disconnect') {
        const link = links.get(order.link);
        links.delete(order.link);
        if (link !== undefined) this.world.disconnect(link);
      } else if (this.isReachable) {
        links.set(order.link, this.world.connect());
        session.connected(order.link);
      } else session.disconnected(order.link, 'out of reach');
    }
    return orders.length > 0;
  }
}

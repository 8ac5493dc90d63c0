/**
 * The body of one session on Node: sockets and a timer for the session machine of the client, as it
 * ships. Everything that goes over its connections is written down on the way.
 */
import { connect, type Socket } from 'node:net';
import { type Order, type Report, Session, type SessionSettings } from '@zabra/client/session';
import { clockMs, type RecordWriter } from './record.ts';
import { Tap } from './tap.ts';

interface Line {
  readonly socket: Socket;
  readonly tap: Tap;
}

/** Whose server listens on a port at the moment. */
export type ProductAt = (port: number) => string;

/** Numbers all connections of a process. */
let connections = 0;

export class SessionBody {
  readonly session: Session;
  readonly #record: RecordWriter;
  readonly #client: number;
  readonly #productAt: ProductAt;
  readonly #onReport: (report: Report) => void;
  readonly #lines = new Map<number, Line>();
  #timer: NodeJS.Timeout | null = null;
  #isTurning = false;

  constructor(
    settings: SessionSettings,
    client: number,
    record: RecordWriter,
    productAt: ProductAt,
    onReport: (report: Report) => void,
  ) {
    this.session = new Session(settings);
    this.#client = client;
    this.#record = record;
    this.#productAt = productAt;
    this.#onReport = onReport;
  }

  start(): void {
    this.act((session) => session.start());
  }

  /** Asks something of the session, and lets it act. */
  act(ask: (session: Session) => void): void {
    this.session.begin(clockMs());
    ask(this.session);
    this.#turn();
  }

  /** Gone without a word: to the servers it is as if the machine had lost its power. */
  vanish(): void {
    this.#quiet();
    for (const { socket } of this.#lines.values()) socket.destroy();
    this.#lines.clear();
  }

  #turn(): void {
    // What is told may make whoever hears it ask for more, which the same turn goes on with.
    if (this.#isTurning) return;
    this.#isTurning = true;
    const { session } = this;
    for (let isBusy = true; isBusy; ) {
      session.turn();
      const orders = session.takeOrders();
      for (const order of orders) this.#perform(order);
      const outputs = session.takeOutput();
      for (const { link, bytes } of outputs) this.#send(link, bytes);
      const reports = session.takeReports();
      for (const report of reports) this.#onReport(report);
      isBusy = orders.length + outputs.length + reports.length > 0;
    }
    this.#isTurning = false;
    this.#arm();
  }

  #arm(): void {
    this.#quiet();
    const waitMs = this.session.wakeAt() - clockMs();
    if (!Number.isFinite(waitMs)) return;
    this.#timer = setTimeout(() => this.act(() => {}), Math.max(0, Math.ceil(waitMs)));
  }

  #quiet(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #perform(order: Order): void {
    if (order.kind === 'disconnect') {
      this.#lines.get(order.link)?.socket.destroy();
      this.#lines.delete(order.link);
      return;
    }
    connections += 1;
    const { link, endpoint } = order;
    const socket = connect({ ...endpoint, noDelay: true });
    const tap = new Tap(this.#record, this.#client, connections, this.#productAt(endpoint.port));
    this.#lines.set(link, { socket, tap });
    const ifKept = (tell: (session: Session) => void): void => {
      if (this.#lines.get(link)?.socket === socket) this.act(tell);
    };
    let why = 'closed';
    socket.on('connect', () => ifKept((session) => session.connected(link)));
    socket.on('data', (chunk) => {
      const bytes = new Uint8Array(chunk);
      if (this.#lines.get(link)?.socket === socket) tap.heard(bytes);
      ifKept((session) => session.received(link, bytes));
    });
    socket.on('error', (error) => {
      why = error.message;
    });
    socket.on('close', () =>
      ifKept((session) => {
        this.#lines.delete(link);
        session.disconnected(link, why);
      }),
    );
  }

  #send(link: number, bytes: Uint8Array): void {
    const line = this.#lines.get(link);
    if (line === undefined) return;
    line.tap.said(bytes, clockMs());
    line.socket.write(bytes);
  }
}

/**
 * The body of one session: it does what the session orders, on the links of a host, and hands on
 * what it tells. All that is asked in one turn of the event loop goes out in one write; what has
 * come is told at once, in the order in which it came.
 */
import { type Order, type Report, Session, type SessionSettings } from '../session/index.ts';
import type { Host, TransportLink } from './host.ts';

const TIMER_MS_MAX = 2 ** 31 - 1;

export class SessionBody {
  readonly #session: Session;
  readonly #host: Host;
  readonly #onReport: (report: Report) => void;
  readonly #links = new Map<number, TransportLink>();
  #hasBegun = false;
  #isDeferred = false;
  #isTurning = false;
  #timer: unknown = null;
  #timerMs = Number.POSITIVE_INFINITY;

  constructor(settings: SessionSettings, host: Host, onReport: (report: Report) => void) {
    this.#session = new Session(settings);
    this.#host = host;
    this.#onReport = onReport;
  }

  /** To look at. */
  get session(): Session {
    return this.#session;
  }

  /** To ask something of, which will be acted on soon. */
  ask(): Session {
    this.#begin();
    if (!this.#isDeferred) {
      this.#isDeferred = true;
      this.#host.defer(this.#runDeferred);
    }
    return this.#session;
  }

  readonly #runDeferred = (): void => {
    this.#isDeferred = false;
    this.#turn();
  };

  readonly #runTimer = (): void => {
    this.#timer = null;
    this.#timerMs = Number.POSITIVE_INFINITY;
    this.#turn();
  };

  #begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#session.begin(performance.now());
  }

  #turn(): void {
    if (this.#isTurning) return;
    this.#isTurning = true;
    const session = this.#session;
    this.#begin();
    session.turn();
    for (const order of session.takeOrders()) this.#perform(order);
    for (const { link, bytes } of session.takeOutput()) this.#links.get(link)?.write(bytes);
    const reports = session.takeReports();
    this.#hasBegun = false;
    for (const report of reports) this.#onReport(report);
    this.#isTurning = false;
    this.#arm();
  }

  /** A timer that comes too early looks again; so it is rarely set anew. */
  #arm(): void {
    const wakeMs = this.#session.wakeAt();
    if (this.#timerMs <= wakeMs && wakeMs !== Number.POSITIVE_INFINITY) return;
    if (this.#timer !== null) this.#host.clearTimer(this.#timer);
    this.#timer = null;
    this.#timerMs = wakeMs;
    if (wakeMs === Number.POSITIVE_INFINITY) return;
    const waitMs = Math.max(0, Math.ceil(wakeMs - performance.now()));
    this.#timer = this.#host.setTimer(this.#runTimer, Math.min(waitMs, TIMER_MS_MAX));
  }

  #perform(order: Order): void {
    if (order.kind === 'disconnect') {
      this.#links.get(order.link)?.drop();
      this.#links.delete(order.link);
      return;
    }
    const { link, endpoint } = order;
    const opened = this.#host.open(endpoint, {
      opened: () => {
        this.#begin();
        this.#session.connected(link);
        this.#turn();
      },
      received: (chunk) => {
        this.#begin();
        this.#session.received(link, chunk);
        this.#turn();
      },
      gone: (why) => {
        this.#links.delete(link);
        this.#begin();
        this.#session.disconnected(link, why);
        this.#turn();
      },
    });
    this.#links.set(link, opened);
  }
}

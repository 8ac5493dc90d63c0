/** Adds up what all sessions of a client have done. */
import type { Figures, Session } from '../session/index.ts';
import type { Calls } from './calls.ts';
import type { ClientStats } from './status.ts';

type Counted = Exclude<keyof Figures, 'pingMs'>;

export class Statistics {
  sessions = 0;
  readonly #before = new Map<Counted, number>();

  /** This session is over; the next one counts from zero. */
  carry({ figures }: Session): void {
    for (const [name, value] of Object.entries(figures)) {
      if (name === 'pingMs') continue;
      const key = name as Counted;
      this.#before.set(key, (this.#before.get(key) ?? 0) + value);
    }
  }

  read(session: Session, calls: Calls): ClientStats {
    const { figures } = session;
    const sum = (name: Counted): number => figures[name] + (this.#before.get(name) ?? 0);
    return {
      sessions: this.sessions,
      connectionsOpened: sum('linksOpened'),
      connectionsLost: sum('linksLost'),
      attemptsFailed: sum('attemptsFailed'),
      requestsAnswered: sum('requestsAnswered'),
      requestsFailed: sum('requestsFailed'),
      requestsRetried: calls.retried,
      requestsPending: calls.count,
      bytesSent: sum('bytesSent'),
      bytesReceived: sum('bytesReceived'),
      framesSent: sum('framesSent'),
      framesReceived: sum('framesReceived'),
      watches: session.watchCount,
      events: sum('events'),
      pingsSent: sum('pingsSent'),
      pingMs: Number.isNaN(figures.pingMs) ? undefined : figures.pingMs,
    };
  }
}

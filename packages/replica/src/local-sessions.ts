/**
 * Sessions that nobody knows of but the server that gave them out: they take no transaction, are in
 * no snapshot, and run out here. They outlast the parts a server plays, and nothing else.
 *
 * One that needs a node of its own becomes a session of the ensemble. Until the transaction of that
 * is applied it is neither; where the term ends first, the next one shows whether there was one.
 */
import { IdMap, type Session, SessionTable } from '@zabra/tree';

export class LocalSessions {
  #table: SessionTable;
  readonly #tickMs: number;
  #nowMs = 0;
  /** On their way to the ensemble. */
  #upgrading = new IdMap<Session>();

  constructor(tickMs: number) {
    this.#tickMs = tickMs;
    this.#table = new SessionTable(tickMs);
  }

  get size(): number {
    return this.#table.size;
  }

  get table(): SessionTable {
    return this.#table;
  }

  advance(nowMs: number): void {
    this.#nowMs = nowMs;
    this.#table.advance(nowMs);
  }

  get(high: number, low: number): Session | undefined {
    return this.#table.get(high, low);
  }

  open(session: Session): void {
    session.isLocal = true;
    this.#table.expect(session);
    this.#table.open(session.high, session.low, session.timeoutMs);
  }

  close(session: Session): void {
    this.#table.close(session.high, session.low);
  }

  /** From here on it is the ensemble's, with the timeout it has now. */
  upgrade(session: Session, ensemble: SessionTable): void {
    this.close(session);
    session.isLocal = false;
    session.closing = false;
    session.timeoutMs = session.leaseMs;
    ensemble.expect(session);
    this.#upgrading.set(session.high, session.low, session);
  }

  /** A session of the ensemble has begun. */
  onOpened(high: number, low: number): void {
    if (this.#upgrading.size > 0) this.#upgrading.delete(high, low);
  }

  /** Everything that was agreed on is known: what has not become the ensemble's is local still. */
  settle(ensemble: SessionTable): void {
    for (const session of this.#upgrading.values()) {
      const isArrived = ensemble.get(session.high, session.low) !== undefined;
      if (!isArrived && !session.closing) this.open(session);
    }
    this.#upgrading = new IdMap();
  }

  /** All start over with a full lease: nobody could be heard for a while. */
  renewAll(): void {
    this.#table.renewAll();
  }

  /** All end. */
  clear(): void {
    this.#table = new SessionTable(this.#tickMs);
    this.#table.advance(this.#nowMs);
    this.#upgrading = new IdMap();
  }
}

/**
 * Finds the addresses of other servers' names, anew whenever one is called. The system's look-ups
 * block one of the four threads that also write the log, some of them for half a minute, so one runs
 * at a time; a name that fails or takes long has to let others pass, and steps back for a while. Who
 * asks waits no longer than he says, and gets what the name meant before where nothing better comes:
 * a name that is not known yet, or a server of names that is gone, stops nobody whose addresses were
 * found once.
 */
import { lookup } from 'node:dns';
import { isIP } from 'node:net';

/** One look-up, answered later: the addresses, or none where there are none to be found. */
export type LookUp = (host: string, done: (addresses: readonly string[]) => void) => void;

/** IPv4 first, as Java has it, so that servers of either kind mean the same by a name with two. */
const systemLookUp: LookUp = (host, done) => {
  lookup(host, { all: true, verbatim: false }, (error, found) => {
    done(error === null ? found.map(({ address }) => address) : []);
  });
};

/** So many addresses of a name are called. */
const ADDRESSES_MAX = 16;
/** So many names are remembered. */
const NAMES_MAX = 256;
/** Whoever can do with what was found before waits so long for news. */
const NEWS_WAIT_MS = 1000;
const BACK_OFF_MS_MIN = 250;
const BACK_OFF_MS_MAX = 8000;

interface Ask {
  readonly answer: (addresses: readonly string[]) => void;
  readonly timer: NodeJS.Timeout;
}

interface Name {
  readonly host: string;
  /** What was found last; a look-up that fails does not take it away. */
  known: readonly string[];
  failures: number;
  /** It is not looked up again before. */
  nextMs: number;
  readonly asks: Set<Ask>;
}

export class NameResolver {
  readonly #lookUp: LookUp;
  readonly #names = new Map<string, Name>();
  /** Those that want to be looked up, in the order in which they began to. */
  readonly #queue = new Set<Name>();
  #running: Name | null = null;

  constructor(lookUp: LookUp = systemLookUp) {
    this.#lookUp = lookUp;
  }

  /** Calls `answer` once, later, after `waitMs` at most; with nothing where nothing is known. */
  resolve(host: string, waitMs: number, answer: (addresses: readonly string[]) => void): void {
    if (isIP(host) !== 0) {
      setImmediate(answer, [host]);
      return;
    }
    const name = this.#nameOf(host);
    if (performance.now() < name.nextMs) {
      setImmediate(answer, name.known);
      return;
    }
    const isKnown = name.known.length > 0;
    const ask: Ask = {
      answer,
      timer: setTimeout(
        () => {
          name.asks.delete(ask);
          answer(name.known);
        },
        isKnown ? Math.min(waitMs, NEWS_WAIT_MS) : waitMs,
      ),
    };
    name.asks.add(ask);
    if (name !== this.#running) this.#queue.add(name);
    this.#next();
  }

  /** Nobody is answered any more. */
  close(): void {
    this.#queue.clear();
    for (const { asks } of this.#names.values()) {
      for (const { timer } of asks) clearTimeout(timer);
      asks.clear();
    }
  }

  #nameOf(host: string): Name {
    const known = this.#names.get(host);
    if (known !== undefined) return known;
    if (this.#names.size >= NAMES_MAX) this.#forgetOne();
    const name: Name = { host, known: [], failures: 0, nextMs: 0, asks: new Set() };
    this.#names.set(host, name);
    return name;
  }

  #forgetOne(): void {
    for (const name of this.#names.values()) {
      if (name.asks.size > 0 || name === this.#running || this.#queue.has(name)) continue;
      this.#names.delete(name.host);
      return;
    }
  }

  #next(): void {
    if (this.#running !== null) return;
    for (const name of this.#queue) {
      this.#queue.delete(name);
      // Everybody who asked may have been answered meanwhile.
      if (name.asks.size === 0) continue;
      this.#running = name;
      const startedMs = performance.now();
      this.#lookUp(name.host, (addresses) => this.#onFound(name, addresses, startedMs));
      return;
    }
  }

  #onFound(name: Name, addresses: readonly string[], startedMs: number): void {
    const nowMs = performance.now();
    // As long as it took it stays away, so that no name has the turn for more than half of the time.
    let restMs = nowMs - startedMs;
    if (addresses.length > 0) {
      name.known = addresses.slice(0, ADDRESSES_MAX);
      name.failures = 0;
    } else {
      restMs = Math.max(restMs, Math.min(BACK_OFF_MS_MIN * 2 ** name.failures, BACK_OFF_MS_MAX));
      name.failures += 1;
    }
    name.nextMs = restMs < BACK_OFF_MS_MIN ? nowMs : nowMs + Math.min(restMs, BACK_OFF_MS_MAX);
    this.#running = null;
    for (const ask of name.asks) {
      name.asks.delete(ask);
      clearTimeout(ask.timer);
      ask.answer(name.known);
    }
    this.#next();
  }
}

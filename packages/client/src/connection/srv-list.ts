/**
 * The servers that SRV records list, looked up anew every minute. What could not be looked up is
 * tried again sooner; the list that is known stays as long.
 */
import { formatEndpoint } from '../session/index.ts';
import type { Host, ServerInfo } from './host.ts';

const REFRESH_MS = 60_000;
const FIRST_RETRY_MS = 1000;

export class SrvList {
  readonly #name: string;
  readonly #host: Host;
  readonly #onList: (servers: readonly ServerInfo[]) => void;
  #known = '';
  #retryMs = FIRST_RETRY_MS;
  #timer: unknown = null;
  #isStopped = false;

  constructor(name: string, host: Host, onList: (servers: readonly ServerInfo[]) => void) {
    this.#name = name;
    this.#host = host;
    this.#onList = onList;
  }

  /** Resolves behind the first look-up, whatever came of it. */
  async begin(): Promise<void> {
    const isFound = await this.#lookUp();
    if (this.#isStopped) return;
    this.#timer = this.#host.setTimer(() => void this.begin(), this.#pauseMs(isFound));
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#timer !== null) this.#host.clearTimer(this.#timer);
  }

  #pauseMs(isFound: boolean): number {
    const pauseMs = isFound ? REFRESH_MS : this.#retryMs;
    this.#retryMs = isFound ? FIRST_RETRY_MS : Math.min(REFRESH_MS, this.#retryMs * 2);
    return pauseMs;
  }

  async #lookUp(): Promise<boolean> {
    try {
      const servers = await this.#host.services(this.#name);
      if (servers.length === 0) return false;
      const list = servers.map(formatEndpoint).sort().join(',');
      if (list !== this.#known && !this.#isStopped) {
        this.#known = list;
        this.#onList(servers);
      }
      return true;
    } catch {
      // Attempts at the name itself fail meanwhile, and say why.
      return false;
    }
  }
}

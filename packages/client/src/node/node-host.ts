/** Node.js as a host of clients. */
import type { Bytes } from '../connection/bytes.ts';
import type { Host, LinkEvents, ServerInfo, TransportLink } from '../connection/host.ts';
import type { Logger } from '../connection/status.ts';
import type { Tracing } from '../connection/tracing.ts';
import { diagnostics } from './diagnostics.ts';
import { Dial, type DialSettings } from './dialer.ts';
import type { HostResolver } from './host-resolver.ts';

export interface NodeHostSettings {
  readonly resolver: HostResolver;
  readonly tls: DialSettings['tls'];
  readonly isRef: boolean;
  readonly logger: Logger | null;
}

export class NodeHost implements Host {
  readonly tracing: Tracing = diagnostics;
  readonly #settings: NodeHostSettings;
  readonly #dialing: DialSettings;

  constructor(settings: NodeHostSettings) {
    const { resolver, tls, isRef } = settings;
    this.#settings = settings;
    this.#dialing = { addresses: (host) => resolver.addresses(host), tls, isRef };
  }

  open(server: ServerInfo, events: LinkEvents): TransportLink {
    return new Dial(server, this.#dialing, events);
  }

  services(name: string): Promise<readonly ServerInfo[]> {
    return this.#settings.resolver.services(name);
  }

  /** Behind everything that can be read at this moment: what is asked meanwhile is one write. */
  defer(run: () => void): void {
    setImmediate(run);
  }

  setTimer(run: () => void, afterMs: number): NodeJS.Timeout {
    const timer = setTimeout(run, afterMs);
    return this.#settings.isRef ? timer : timer.unref();
  }

  clearTimer(timer: unknown): void {
    clearTimeout(timer as NodeJS.Timeout);
  }

  copyBytes(source: Uint8Array, start: number, byteCount: number): Bytes {
    const copy = Buffer.allocUnsafe(byteCount);
    copy.set(source.subarray(start, start + byteCount));
    return copy;
  }

  /** Without a logger it is a warning of the process: errors of a program are not to be lost. */
  complain(what: string, error: unknown): void {
    try {
      if (this.#settings.logger === null) warn(what, error);
      else this.#settings.logger.error(what, { error });
    } catch (thrown) {
      warn('the logger has thrown', thrown);
    }
  }
}

function warn(what: string, error: unknown): void {
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.emitWarning(what, { type: 'ZooKeeperWarning', detail });
}

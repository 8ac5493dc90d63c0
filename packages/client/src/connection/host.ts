/**
 * What the client needs of the place it runs in, and all that it knows of it: links to servers,
 * names, timers, a word with whoever looks after the program. Node's is `node/node-host.ts`.
 */
import type { Bytes } from './bytes.ts';
import type { Tracing } from './tracing.ts';

export interface ServerInfo {
  readonly host: string;
  readonly port: number;
}

/** What a link tells. Nothing is told before `open` has returned, nor after `gone`. */
export interface LinkEvents {
  /** Bytes may be written. */
  opened(): void;
  /** The chunk is not touched any more. */
  received(chunk: Uint8Array): void;
  /** It is gone, or did not come about; `why` is for people. */
  gone(why: string): void;
}

export interface TransportLink {
  write(bytes: Uint8Array): void;
  /** Lets go of it at once; nothing more is told. */
  drop(): void;
}

export interface Host {
  open(server: ServerInfo, events: LinkEvents): TransportLink;
  /** The servers that are listed under a name, by SRV records. */
  services(name: string): Promise<readonly ServerInfo[]>;
  /** Runs soon, when everything that is being done at this moment has been done. */
  defer(run: () => void): void;
  setTimer(run: () => void, afterMs: number): unknown;
  clearTimer(timer: unknown): void;
  /** A copy that belongs to the program. */
  copyBytes(source: Uint8Array, start: number, byteCount: number): Bytes;
  /** Something in the program's own code has failed, of which nobody else learns. */
  complain(what: string, error: unknown): void;
  readonly tracing: Tracing;
}

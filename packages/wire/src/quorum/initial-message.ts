/**
 * The first thing on an election connection, from the one who dials: who it is and, since 3.5, where
 * its own election port is. It is not framed and not answered.
 *
 *     bare (3.4)  = long serverId, not negative
 *     V1   (3.5)  = long -65536, long serverId, int n 1..2048, n bytes "host:port"
 *     V2   (3.6)  = long -65535, long serverId, int n 1..2048, n bytes "host:port|host:port|..."
 *
 * Both markers are read alike. A caller that announces anything else is hung up on.
 */
import { assert } from '../assert.ts';
import type { JuteWriter } from '../jute/writer.ts';
import { decodeUtf8 } from '../utf8.ts';
import { LentBytes } from './lent-bytes.ts';
import {
  formatServerAddress,
  isWildcardHost,
  parseServerAddress,
  type ServerAddress,
} from './server-address.ts';
import { asServerId, type ServerId } from './server-id.ts';

/** `v2` is for servers with several addresses; 3.5 does not know it. */
export type InitialMessageForm = 'bare' | 'v1' | 'v2';

export interface InitialMessage {
  readonly form: InitialMessageForm;
  readonly serverId: ServerId;
  /** As announced; none in a bare message, one in V1. */
  readonly addresses: readonly ServerAddress[];
}

export type InitialMessageOutcome =
  | { readonly kind: 'message'; readonly message: InitialMessage }
  | InitialMessageRefused;

/** The connection must be closed; `value` is what stood there. */
export interface InitialMessageRefused {
  readonly kind: 'refused';
  readonly reason: 'unknown-version' | 'address-length' | 'bad-address';
  readonly value: bigint | number | string;
}

const markers = { v1: -65536n, v2: -65535n } as const;

const BARE_BYTES = 8;
const HEAD_BYTES = 20;
const LENGTH_OFFSET = 16;
const ADDRESS_BYTES_MAX = 2048;
const SEPARATOR = '|';

export function encodeInitialMessage(writer: JuteWriter, message: InitialMessage): void {
  if (message.form !== 'bare') writer.long(markers[message.form]);
  writer.long(message.serverId);
  if (message.form === 'bare') return;
  writer.string(message.addresses.map(formatServerAddress).join(SEPARATOR));
}

/** The addresses that somebody else can dial; where none is left, the configured ones count. */
export function dialableAddresses(message: InitialMessage): readonly ServerAddress[] {
  return message.addresses.filter(({ host }) => !isWildcardHost(host));
}

/** Reads one message out of chunks; what follows it stays with the caller. */
export class InitialMessageScanner {
  readonly #lent = new LentBytes();
  #outcome: InitialMessageOutcome | null = null;

  /** The message or its refusal, null while bytes are missing. */
  get outcome(): InitialMessageOutcome | null {
    return this.#outcome;
  }

  /** Takes what belongs to the message, copying it; how many bytes of the chunk that were. */
  push(chunk: Uint8Array): number {
    let taken = 0;
    let needed = BARE_BYTES;
    while (this.#outcome === null) {
      taken += this.#lent.fill(chunk, taken, needed);
      if (this.#lent.length < needed) break;
      needed = this.#walk(needed);
    }
    return taken;
  }

  /** With `byteCount` bytes here: settles the outcome, or tells how many it takes to go on. */
  #walk(byteCount: number): number {
    const { view } = this.#lent;
    const first = view.getBigInt64(0);
    const form = formOf(first);
    if (byteCount === BARE_BYTES) {
      if (first >= 0n) this.#settle('bare', first, []);
      else if (form === null) this.#refuse('unknown-version', first);
      return HEAD_BYTES;
    }
    assert(form !== null, 'only a known form is read beyond its first long');
    const length = view.getInt32(LENGTH_OFFSET);
    if (length < 1 || length > ADDRESS_BYTES_MAX) this.#refuse('address-length', length);
    else if (byteCount === HEAD_BYTES + length) this.#readAddresses(form, length);
    return HEAD_BYTES + length;
  }

  #readAddresses(form: InitialMessageForm, length: number): void {
    const { bytes, view } = this.#lent;
    const text = decodeUtf8(bytes.subarray(HEAD_BYTES, HEAD_BYTES + length));
    const addresses: ServerAddress[] = [];
    for (const part of text.split(SEPARATOR)) {
      const address = parseServerAddress(part);
      if (address === null) {
        this.#refuse('bad-address', part);
        return;
      }
      addresses.push(address);
    }
    this.#settle(form, view.getBigInt64(BARE_BYTES), addresses);
  }

  #settle(form: InitialMessageForm, sid: bigint, addresses: readonly ServerAddress[]): void {
    const message: InitialMessage = { form, serverId: asServerId(sid), addresses };
    this.#outcome = { kind: 'message', message };
  }

  #refuse(reason: InitialMessageRefused['reason'], value: InitialMessageRefused['value']): void {
    this.#outcome = { kind: 'refused', reason, value };
  }
}

function formOf(marker: bigint): 'v1' | 'v2' | null {
  if (marker === markers.v1) return 'v1';
  return marker === markers.v2 ? 'v2' : null;
}

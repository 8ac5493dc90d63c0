/**
 * Looks for a server that writes while the session is on one that only reads: one after the other is
 * asked `isro` on a link of its own. A server that does not answer the word is tried with a
 * handshake that does not accept one that only reads; if it greets, its link becomes the session's.
 *
 *     waiting ──▶ asking ──▶ "rw": found
 *        ▲          │ └────▶ "ro", no connection, too late: ──┐
 *        │          └─ no word of it ─▶ greeting ─▶ refused ──┤   or greeted: adopted
 *        └────────────────────── twice as long ───────────────┘
 */
import { encodeUtf8 } from '@zabra/wire';
import type { Endpoint } from './contract.ts';
import { type HostList, isSame } from './host-list.ts';
import type { Link } from './link.ts';

const PAUSE_MS_MIN = 100;
const PAUSE_MS_MAX = 60_000;
const ANSWER_MS_MAX = 1000;
const WORD = encodeUtf8('isro');
/** The first two letters of an answer tell `rw`, `ro` and `null` from everything else. */
const TOLD_BYTES = 2;

export type Verdict = 'reads-and-writes' | 'only-reads' | 'not-told';

export class ReadWriteSearch {
  link: Link | null = null;
  /** Its link tries the handshake, since the word is not answered there. */
  isGreeting = false;
  #told = '';
  #pauseMs = PAUSE_MS_MIN;
  #nextMs: number;
  #index = -1;

  constructor(nowMs: number) {
    this.#nextMs = nowMs + PAUSE_MS_MIN;
  }

  get dueAt(): number {
    return this.link === null ? this.#nextMs : this.link.startedMs + ANSWER_MS_MAX;
  }

  /** The next server to ask: any but `own`, unless there is no other. */
  next(hosts: HostList, own: Endpoint): Endpoint {
    const others = hosts.servers.filter((server) => !isSame(server, own));
    const candidates = others.length === 0 ? hosts.servers : others;
    this.#index = (this.#index + 1) % candidates.length;
    return candidates[this.#index]!;
  }

  follow(link: Link, isGreeting: boolean): void {
    this.link = link;
    this.isGreeting = isGreeting;
    this.#told = '';
  }

  ask(link: Link): void {
    for (const byte of WORD) link.out.byte(byte);
  }

  /** What the answer says; null until enough of it is there. */
  hear(bytes: Uint8Array): Verdict | null {
    this.#told += String.fromCharCode(...bytes.subarray(0, TOLD_BYTES));
    if (this.#told.length < TOLD_BYTES) return null;
    if (this.#told.startsWith('rw')) return 'reads-and-writes';
    return /^(?:ro|nu)/.test(this.#told) ? 'only-reads' : 'not-told';
  }

  /** This server will not do for now. */
  giveUp(nowMs: number): void {
    this.link = null;
    this.#nextMs = nowMs + this.#pauseMs;
    this.#pauseMs = Math.min(this.#pauseMs * 2, PAUSE_MS_MAX);
  }
}

/**
 * What a client asks for next: operations of every kind on few nodes, so that clients are in each
 * other's way all the time, legal ones and such as must be refused. What is made is also taken away:
 * the tree stays small however long it goes on.
 */

import type { Ask } from '@zabra/sim/checkers';
import {
  CreateFlags,
  decodeCreateResponse,
  decodeGetChildren2Response,
  JuteReader,
  type MultiOp,
  OPEN_ACL,
  Opcode,
} from '@zabra/wire';
import type { Chance } from '../support/raw-chance.ts';

/** Nodes in all of these come and go; the numbered ones are taken from the front, as of a queue. */
export const FOLDERS = ['/a', '/b', '/queue', '/people'] as const;
const [NODES_A, NODES_B, QUEUE, PEOPLE] = FOLDERS;
const NAMES_PER_FOLDER = 5;
const QUEUE_LENGTH_MAX = 24;
const EPHEMERALS_MAX = 4;
const ANY_VERSION = -1;

export class Wishes {
  readonly #chance: Chance;
  readonly #name: string;
  #written = 0;
  /** What was seen in the queue last, in its order. */
  #queue: readonly string[] = [];
  /** The session's own numbered nodes. */
  readonly #mine: string[] = [];

  constructor(chance: Chance, name: string) {
    this.#chance = chance;
    this.#name = name;
  }

  /** What everybody asks for at first; all but one are refused. */
  folder(path: string): Ask {
    return { type: Opcode.Create, body: this.#creation(path, CreateFlags.Persistent) };
  }

  next(): Ask {
    const luck = this.#chance.below(100);
    if (luck < 16) return { type: Opcode.GetData, body: this.#read(this.#node()) };
    if (luck < 22) return { type: Opcode.Exists, body: this.#read(this.#node()) };
    if (luck < 30) return { type: Opcode.GetChildren2, body: this.#read(this.#folder()) };
    if (luck < 34) return this.sync();
    if (luck < 44) {
      const ops = Array.from({ length: 1 + this.#chance.below(4) }, () => this.#part());
      return { type: Opcode.Multi, body: { ops } };
    }
    if (luck < 60) return this.#queueing();
    if (luck < 68) return this.#appearing();
    return this.#write();
  }

  sync(): Ask {
    return { type: Opcode.Sync, body: { path: '/' } };
  }

  /** Behind a sync: what was complete before must be seen. */
  look(): Ask {
    return { type: Opcode.GetChildren2, body: { path: QUEUE, watch: false } };
  }

  /** What has come of it, where it went well. */
  onAnswer(ask: Ask, body: Uint8Array): void {
    if (ask.type === Opcode.GetChildren2 && ask.body.path === QUEUE) {
      const children = decodeGetChildren2Response(JuteReader.over(body))?.children ?? [];
      this.#queue = [...children].sort();
    } else if (ask.type === Opcode.Create && ask.body.path.startsWith(`${PEOPLE}/`)) {
      const path = decodeCreateResponse(JuteReader.over(body))?.path;
      if (path) this.#mine.push(path);
    }
  }

  /** The session is another one now; its ephemerals are gone or will be. */
  onNewSession(): void {
    this.#mine.length = 0;
  }

  /** Puts something at the end of the queue, or takes what is at its front. */
  #queueing(): Ask {
    const [first] = this.#queue;
    const isLong = this.#queue.length > QUEUE_LENGTH_MAX;
    if (first !== undefined && (isLong || this.#chance.below(2) === 0)) {
      this.#queue = this.#queue.slice(1);
      return { type: Opcode.Delete, body: { path: `${QUEUE}/${first}`, version: ANY_VERSION } };
    }
    if (isLong || this.#chance.below(3) === 0) {
      return { type: Opcode.GetChildren2, body: this.#read(QUEUE) };
    }
    const body = this.#creation(`${QUEUE}/item-`, CreateFlags.PersistentSequential);
    return { type: Opcode.Create, body };
  }

  /** Ephemerals with a number, as of locks and elections. */
  #appearing(): Ask {
    if (this.#mine.length >= EPHEMERALS_MAX) {
      return { type: Opcode.Delete, body: { path: this.#mine.shift()!, version: ANY_VERSION } };
    }
    const body = this.#creation(`${PEOPLE}/${this.#name}-`, CreateFlags.EphemeralSequential);
    return { type: Opcode.Create, body };
  }

  #part(): MultiOp {
    if (this.#chance.below(4) > 0) return this.#write();
    return { type: Opcode.Check, body: { path: this.#node(), version: this.#version() } };
  }

  #write(): MultiOp {
    const luck = this.#chance.below(10);
    const path = this.#node();
    if (luck < 5) {
      const body = { path, data: this.#data(), version: this.#version() };
      return { type: Opcode.SetData, body };
    }
    if (luck < 7) return { type: Opcode.Delete, body: { path, version: this.#version() } };
    const flags = luck < 9 ? CreateFlags.Persistent : CreateFlags.Ephemeral;
    return { type: Opcode.Create, body: this.#creation(path, flags) };
  }

  #creation(
    path: string,
    flags: number,
  ): { path: string; data: Uint8Array; acl: typeof OPEN_ACL; flags: number } {
    return { path, data: this.#data(), acl: OPEN_ACL, flags };
  }

  #read(path: string): { path: string; watch: boolean } {
    return { path, watch: this.#chance.below(10) < 4 };
  }

  #version(): number {
    return this.#chance.below(10) < 7 ? ANY_VERSION : this.#chance.below(4);
  }

  #folder(): string {
    return FOLDERS[this.#chance.below(FOLDERS.length)]!;
  }

  #node(): string {
    const folder = this.#chance.below(2) === 0 ? NODES_A : NODES_B;
    return `${folder}/n${this.#chance.below(NAMES_PER_FOLDER)}`;
  }

  /** Never the same twice. */
  #data(): Uint8Array {
    this.#written += 1;
    const text = `${this.#name} ${this.#written} ${'x'.repeat(this.#chance.below(80))}`;
    return new Uint8Array(Buffer.from(text));
  }
}

/**
 * What a client asks for next: operations of every kind on a few nodes, so that clients are in each
 * other's way all the time, legal ones and such as must be refused.
 */
import {
  AddWatchMode,
  CreateFlags,
  type MultiOp,
  OPEN_ACL,
  Opcode,
  WatcherType,
} from '@zabra/wire';
import type { Random } from '../time/random.ts';
import type { Ask } from './journal.ts';

const FOLDERS = ['/a', '/b', '/c'];
const NAMES_PER_FOLDER = 4;
const DATA_BYTES_MAX = 24;
const WATCHER_TYPES = Object.values(WatcherType);
const TTLS_MS = [500, 5000, 60_000];
const KINDS = [
  CreateFlags.Persistent,
  CreateFlags.Ephemeral,
  CreateFlags.PersistentSequential,
  CreateFlags.EphemeralSequential,
];

export class Wishes {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  next(): Ask {
    const luck = this.#random.below(100);
    if (luck < 14) return { type: Opcode.GetData, body: this.#read() };
    if (luck < 22) return { type: Opcode.Exists, body: this.#read() };
    if (luck < 30) {
      return { type: Opcode.GetChildren2, body: { ...this.#read(), path: this.#folder() } };
    }
    if (luck < 33) return { type: Opcode.Sync, body: { path: '/' } };
    if (luck < 43) {
      const ops = Array.from({ length: this.#random.between(1, 4) }, () => this.#part());
      return { type: Opcode.Multi, body: { ops } };
    }
    if (luck < 47) {
      const mode = this.#random.pick([AddWatchMode.Persistent, AddWatchMode.PersistentRecursive]);
      return { type: Opcode.AddWatch, body: { path: this.#watchable(), mode } };
    }
    if (luck < 51) {
      const type = this.#random.pick(WATCHER_TYPES);
      return { type: Opcode.RemoveWatches, body: { path: this.#watchable(), type } };
    }
    if (luck < 53) return { type: Opcode.GetEphemerals, body: { prefixPath: this.#watchable() } };
    if (luck < 55) {
      return { type: Opcode.GetAllChildrenNumber, body: { path: this.#watchable() } };
    }
    if (luck < 56) return { type: Opcode.CloseSession, body: null };
    return this.#write();
  }

  /** What is asked when all is said: whether writes of others have come. */
  last(): Ask {
    return { type: Opcode.Sync, body: { path: '/' } };
  }

  #read(): { path: string; watch: boolean } {
    return { path: this.#node(), watch: this.#random.chance(0.4) };
  }

  #part(): MultiOp {
    if (this.#random.below(4) > 0) return this.#write();
    return { type: Opcode.Check, body: { path: this.#node(), version: this.#version() } };
  }

  #write(): MultiOp {
    const luck = this.#random.below(10);
    if (luck < 4) {
      const body = { path: this.#node(), data: this.#data(), version: this.#version() };
      return { type: Opcode.SetData, body };
    }
    if (luck < 6) {
      return { type: Opcode.Delete, body: { path: this.#node(), version: this.#version() } };
    }
    return this.#create();
  }

  /** Half of all nodes are made by the oldest request; some go by themselves. */
  #create(): MultiOp {
    const luck = this.#random.below(8);
    if (luck < 4) return { type: Opcode.Create, body: this.#creation() };
    if (luck < 6) return { type: Opcode.Create2, body: this.#creation() };
    const path = this.#node();
    const plain = { path, data: this.#data(), acl: OPEN_ACL };
    if (luck < 7) {
      return { type: Opcode.CreateContainer, body: { ...plain, flags: CreateFlags.Container } };
    }
    const flags = CreateFlags.PersistentTtl;
    const ttl = BigInt(this.#random.pick(TTLS_MS));
    return { type: Opcode.CreateTtl, body: { ...plain, flags, ttl } };
  }

  #creation(): { path: string; data: Uint8Array | null; acl: typeof OPEN_ACL; flags: number } {
    const random = this.#random;
    const flags = random.pick(KINDS);
    const isNumbered = flags >= CreateFlags.PersistentSequential;
    const folder = this.#folder();
    const isFolder = flags === CreateFlags.Persistent && random.chance(0.5);
    const name = isNumbered ? 's' : `n${random.below(NAMES_PER_FOLDER)}`;
    const path = isFolder ? folder : `${folder}/${name}`;
    return { path, data: this.#data(), acl: OPEN_ACL, flags };
  }

  /** Any node, and now and then all of them. */
  #watchable(): string {
    return this.#random.below(6) === 0 ? '/' : this.#node();
  }

  #version(): number {
    return this.#random.chance(0.7) ? -1 : this.#random.below(4);
  }

  #folder(): string {
    return this.#random.pick(FOLDERS);
  }

  #node(): string {
    const folder = this.#folder();
    const luck = this.#random.below(NAMES_PER_FOLDER + 1);
    return luck === NAMES_PER_FOLDER ? folder : `${folder}/n${luck}`;
  }

  #data(): Uint8Array | null {
    const length = this.#random.below(DATA_BYTES_MAX);
    if (length === 0) return null;
    const data = new Uint8Array(length - 1);
    for (let i = 0; i < data.length; i += 1) data[i] = this.#random.below(256);
    return data;
  }
}

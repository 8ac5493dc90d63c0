/**
 * The one order of all transactions, put together from the logs of all members. What was logged and
 * never agreed on may lie about behind a snapshot that was taken over. So logs can say different
 * things of what was before the first transaction of an epoch; which of them is true is told by the
 * digest that the first of the epoch carries that has one: a refusal has none.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf, ModelTree } from '@zabra/sim/checkers';
import {
  asZxid,
  decodeTransaction,
  JuteReader,
  readLogRecords,
  type Transaction,
  zxidCounter,
} from '@zabra/wire';
import { mended, normalForm } from './void-multi.ts';

export interface Logged {
  readonly txn: Transaction;
  readonly payload: Buffer;
}

export interface Chain {
  readonly transactions: readonly Transaction[];
  readonly violations: readonly string[];
  /** How many lay about that were never agreed on. */
  readonly dropped: number;
}

/** Every record that can be read, in the order of the files. */
export async function readLogs(dataDir: string): Promise<Logged[]> {
  const folder = join(dataDir, 'version-2');
  const names = (await readdir(folder)).filter((name) => /^log\.[0-9a-f]+$/.test(name));
  const zxidOf = (name: string): bigint => BigInt(`0x${name.slice('log.'.length)}`);
  names.sort((a, b) => (zxidOf(a) < zxidOf(b) ? -1 : 1));
  const logged: Logged[] = [];
  for (const name of names) {
    const { records } = readLogRecords(await readFile(join(folder, name)));
    for (const { payload } of records) {
      const bytes = Buffer.from(payload);
      const txn = decodeTransaction(JuteReader.over(mended(bytes)));
      if (txn === null) throw new Error(`a record of ${name} in ${folder} cannot be decoded`);
      logged.push({ txn, payload: normalForm(bytes) });
    }
  }
  return logged;
}

/** The logs by member. */
export function chainOf(logs: ReadonlyMap<number, readonly Logged[]>): Chain {
  const maker = new ChainMaker();
  for (const [member, log] of logs) maker.read(member, log);
  return maker.make();
}

class ChainMaker {
  readonly #violations: string[] = [];
  readonly #all = new Map<bigint, Logged>();
  /** By the first transaction of an epoch, what logs have before it. */
  readonly #claims = new Map<bigint, Set<bigint>>();
  readonly #chain: Transaction[] = [];
  /** The tree at the end of the chain. */
  #model = new ModelTree();
  /** The trees at the beginnings of the epochs in the chain, and how long it was. */
  #starts: { readonly length: number; readonly model: ModelTree }[] = [];

  read(member: number, log: readonly Logged[]): void {
    let before = 0n;
    for (const logged of log) {
      const { zxid } = logged.txn.header;
      const known = this.#all.get(zxid);
      if (known === undefined) this.#all.set(zxid, logged);
      else if (!known.payload.equals(logged.payload)) {
        this.#violate(`member ${member} holds another transaction ${hex(zxid)} than one before`);
      }
      if (isFirst(zxid)) {
        const claims = this.#claims.get(zxid) ?? new Set<bigint>();
        this.#claims.set(zxid, claims.add(before));
      }
      before = zxid;
    }
  }

  make(): Chain {
    const zxids = [...this.#all.keys()].sort(byZxid);
    let before = 0n;
    for (const [i, zxid] of zxids.entries()) {
      const { txn } = this.#all.get(zxid)!;
      if (isFirst(zxid)) this.#beginEpoch(txn, this.#upToDigest(zxids, i));
      else if (zxid !== before + 1n) this.#violate(`no log holds what is before ${hex(zxid)}`);
      this.#add(txn);
      before = zxid;
    }
    const { length } = this.#chain;
    const violations = this.#violations;
    return { transactions: this.#chain, violations, dropped: zxids.length - length };
  }

  /** Whatever is in the chain that its first transaction does not stand upon was never agreed on. */
  #beginEpoch(first: Transaction, some: readonly Transaction[]): void {
    const claims = [...(this.#claims.get(first.header.zxid) ?? [])].sort(byLikelihood);
    const last = this.#chain.at(-1)?.header.zxid ?? 0n;
    if (claims.length > 1 || claims[0] !== last) {
      const found = [...claims, last].find((claim) => this.#fits(some, claim));
      if (found === undefined) {
        const said = claims.map(hex).join(', ');
        this.#violate(
          `${hex(first.header.zxid)} stands on none of ${said} that logs have before it`,
        );
      } else this.#cut(found);
    }
    this.#starts.push({ length: this.#chain.length, model: this.#model.fork() });
  }

  /** From the first of an epoch to the first of it that foretells a digest. */
  #upToDigest(zxids: readonly bigint[], from: number): readonly Transaction[] {
    const some: Transaction[] = [];
    for (const zxid of zxids.slice(from)) {
      const { txn } = this.#all.get(zxid)!;
      if (zxid >> 32n !== zxids[from]! >> 32n) break;
      some.push(txn);
      if (digestIn(txn) !== null) break;
    }
    return some;
  }

  /** Whether the digest of the tree is the foretold one if these come behind that. */
  #fits(some: readonly Transaction[], zxid: bigint): boolean {
    const model = this.#modelAt(zxid);
    const foretold = digestIn(some.at(-1)!);
    if (model === null) return false;
    if (foretold === null) return true;
    for (const txn of some) model.apply(txn);
    return digestOf(model.nodes) === foretold;
  }

  #cut(zxid: bigint): void {
    const model = this.#modelAt(zxid)!;
    this.#chain.length = this.#placeBehind(zxid);
    this.#starts = this.#starts.filter(({ length }) => length < this.#chain.length);
    this.#model = model;
  }

  /** A tree of its own; null where the chain does not come by there. */
  #modelAt(zxid: bigint): ModelTree | null {
    const place = this.#placeBehind(zxid);
    if (place < 0) return null;
    const start = this.#starts.findLast(({ length }) => length <= place);
    const model = start?.model.fork() ?? new ModelTree();
    for (const txn of this.#chain.slice(start?.length ?? 0, place)) model.apply(txn);
    return model;
  }

  #placeBehind(zxid: bigint): number {
    if (zxid === 0n) return 0;
    return this.#chain.findLastIndex(({ header }) => header.zxid === zxid) + 1 || -1;
  }

  #add(txn: Transaction): void {
    this.#chain.push(txn);
    this.#model.apply(txn);
  }

  #violate(what: string): void {
    this.#violations.push(what);
  }
}

function byZxid(one: bigint, other: bigint): number {
  return one < other ? -1 : 1;
}

/**
 * Of two that the digest does not tell apart: a later epoch is behind what a snapshot has skipped, and
 * within an epoch the longer log ends with what changed nothing and was never agreed on.
 */
function byLikelihood(one: bigint, other: bigint): number {
  return one >> 32n === other >> 32n ? byZxid(one, other) : byZxid(other, one);
}

function digestIn({ digest }: Transaction): bigint | null {
  return digest === null || digest === undefined ? null : BigInt.asUintN(64, digest.treeDigest);
}

function isFirst(zxid: bigint): boolean {
  return zxidCounter(asZxid(zxid)) === 1;
}

export function hex(zxid: bigint): string {
  return `0x${zxid.toString(16)}`;
}

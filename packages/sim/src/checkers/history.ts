/**
 * What a server promised, told from outside: every transaction it sent to its disk, and everything
 * its clients were told. After a power cut it says whether the server that came back keeps all of
 * it: acknowledged writes with their exact effect, of the others the first ones or none, sessions,
 * ephemerals, sequence numbers and the digest.
 *
 * Violations are sentences; a run without any is right.
 */
import type { Database } from '@zabra/replica';
import {
  asSessionId,
  decodeTransaction,
  encodeLogHeader,
  JuteReader,
  JuteWriter,
  LOG_HEADER_BYTES,
  Opcode,
  readLogRecords,
  type SessionId,
  type Transaction,
} from '@zabra/wire';
import { type Asked, judgeReply, type Told } from './judge-reply.ts';
import { ModelTree } from './model-tree.ts';
import { differences, digestOf, plainTree } from './plain-node.ts';

const TOLD_MAX = 5;

export class History {
  readonly violations: string[] = [];
  /** What was proposed, by zxid less one. */
  #proposals: Transaction[] = [];
  /** The largest zxid a client was told of. */
  #acknowledged = 0n;
  /** Sessions whose owners know of them. */
  readonly #sessions = new Set<SessionId>();
  /** Names given out by sequential creates, each with the czxid of its parent's. */
  readonly #sequential = new Set<string>();

  /** The same history once more, going its own way from here. */
  fork(): History {
    const fork = new History();
    fork.violations.push(...this.violations);
    fork.#proposals = [...this.#proposals];
    fork.#acknowledged = this.#acknowledged;
    for (const id of this.#sessions) fork.#sessions.add(id);
    for (const name of this.#sequential) fork.#sequential.add(name);
    return fork;
  }

  get proposals(): readonly Transaction[] {
    return this.#proposals;
  }

  /** Log records on their way to the disk. */
  onAppend(records: Uint8Array): void {
    const writer = new JuteWriter(LOG_HEADER_BYTES + records.length);
    encodeLogHeader(writer);
    for (const byte of records) writer.byte(byte);
    for (const { payload } of readLogRecords(writer.finish()).records) {
      const txn = decodeTransaction(JuteReader.over(payload));
      if (txn === null) this.#violate('a log record cannot be decoded');
      else if (txn.header.zxid !== BigInt(this.#proposals.length + 1)) {
        this.#violate(`transaction ${txn.header.zxid} is proposed after ${this.#proposals.length}`);
      } else this.#proposals.push(txn);
    }
  }

  /** A client has its session. */
  onSession(id: bigint): void {
    const session = asSessionId(id);
    this.#sessions.add(session);
    const opened = this.#proposals.find(
      ({ header, record }) => header.clientId === session && record.type === Opcode.CreateSession,
    );
    if (opened === undefined) this.#violate(`session ${id} was given out and never proposed`);
    else this.#acknowledge(opened.header.zxid);
  }

  /** A client has seen the state as of this transaction, so it may not be undone. */
  onSeen(zxid: bigint): void {
    this.#acknowledge(zxid);
  }

  /** A client was answered a write. */
  onReply(asked: Asked, told: Told): void {
    const txn = this.#proposals[Number(told.zxid) - 1];
    if (txn === undefined) {
      this.#violate(`${told.zxid} was acknowledged and never proposed`);
      return;
    }
    this.#acknowledge(txn.header.zxid);
    const problem = judgeReply(asked, told, txn);
    if (problem !== null) this.#violate(problem);
    if (asked.isSequential && told.error === 0) this.#onSequential(txn);
  }

  /** A server came back with this. */
  onRecovered({ tree, sessions, lastZxid }: Database): void {
    if (lastZxid < this.#acknowledged) {
      this.#violate(`${this.#acknowledged} was acknowledged, but only ${lastZxid} are left`);
    }
    if (lastZxid > BigInt(this.#proposals.length)) {
      this.#violate(`${lastZxid} are there, but only ${this.#proposals.length} were proposed`);
    }
    this.#proposals.length = Math.min(this.#proposals.length, Number(lastZxid));
    const model = this.#model();
    const found = plainTree(tree);
    this.#violateAll(differences(found, model.nodes));
    const digest = digestOf(found);
    if (tree.digest.toBigInt() !== digest) this.#violate('the digest is not that of the tree');
    const logged = this.#proposals.at(-1)?.digest?.treeDigest;
    if (logged !== undefined && BigInt.asUintN(64, logged) !== digest) {
      this.#violate('the digest is not the one that the last transaction foretold');
    }
    this.#compareSessions(model, sessions.all());
  }

  /** What the transactions up to this one lead to. */
  modelAt(zxid: bigint): ModelTree {
    const model = new ModelTree();
    for (const txn of this.#proposals.slice(0, Number(zxid))) {
      const problem = model.apply(txn);
      if (problem !== null) this.#violate(problem);
    }
    return model;
  }

  #model(): ModelTree {
    return this.modelAt(BigInt(this.#proposals.length));
  }

  #compareSessions(
    model: ModelTree,
    found: Iterable<{ readonly high: number; readonly low: number; readonly timeoutMs: number }>,
  ): void {
    const left = new Map(model.sessions);
    for (const { high, low, timeoutMs } of found) {
      const id = asSessionId((BigInt(high) << 32n) | BigInt(low >>> 0));
      if (left.get(id) !== timeoutMs) this.#violate(`session ${id} has come back otherwise`);
      left.delete(id);
    }
    for (const id of left.keys()) this.#violate(`session ${id} has not come back`);
    for (const [path, { stat }] of model.nodes) {
      const owner = asSessionId(stat.ephemeralOwner);
      const isOwned = owner > 0n && !model.sessions.has(owner);
      if (isOwned) this.#violate(`${path} belongs to session ${owner}, which has ended`);
    }
  }

  /** A name is never given out twice below one and the same parent, not even across a power cut. */
  #onSequential(txn: Transaction): void {
    if (txn.record.type !== Opcode.Create) return;
    const { path, parentCversion } = txn.record.body;
    if (Number(path.slice(-10)) !== parentCversion - 1) {
      this.#violate(`${path} is not number ${parentCversion - 1}`);
    }
    const parent = this.#creationOf(path.slice(0, path.lastIndexOf('/')), txn.header.zxid);
    const name = `${parent} ${path}`;
    if (this.#sequential.has(name)) this.#violate(`${path} was given out twice`);
    this.#sequential.add(name);
  }

  /** The transaction that made the node that was at this path then. */
  #creationOf(path: string, then: bigint): bigint {
    const before = this.#proposals.slice(0, Number(then));
    return before.findLast((txn) => creates(txn, path))?.header.zxid ?? 0n;
  }

  #acknowledge(zxid: bigint): void {
    if (zxid > this.#acknowledged) this.#acknowledged = zxid;
  }

  #violateAll(problems: readonly string[]): void {
    for (const problem of problems.slice(0, TOLD_MAX)) this.#violate(problem);
  }

  #violate(what: string): void {
    this.violations.push(what);
  }
}

function creates({ record }: Transaction, path: string): boolean {
  if (record.type === Opcode.Create) return record.body.path === path;
  if (record.type !== Opcode.Multi) return false;
  const { txns } = record.body;
  if (txns.some(({ type }) => type === Opcode.Error)) return false;
  return txns.some((part) => part.type === Opcode.Create && part.body.path === path);
}

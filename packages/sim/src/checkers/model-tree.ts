/**
 * What transactions do, by the plainest means: a map from path to a plain node. It shares no code
 * with the tree but the codecs of the log, and it is strict: a transaction that does not fit is a
 * fault of whoever made it.
 */
import {
  asSessionId,
  asZxid,
  type CreateContainerTxn,
  Opcode,
  type PartTxn,
  type PersistedStat,
  type SessionId,
  type Transaction,
} from '@zabra/wire';
import type { PlainNode } from './plain-node.ts';
import { follows } from './server-log.ts';

const CONTAINER_OWNER = asSessionId(1n << 63n);
const TTL_MARK = 0xff00000000000000n;
const NOBODY = asSessionId(0n);

/** Containers and nodes with a time to live have an owner that is no session. */
export function isOfSession({ stat }: PlainNode): boolean {
  const owner = BigInt.asUintN(64, stat.ephemeralOwner);
  return owner !== 0n && owner !== BigInt.asUintN(64, CONTAINER_OWNER) && owner >> 56n !== 0xffn;
}

export class ModelTree {
  readonly nodes: Map<string, PlainNode> = new Map();
  /** Every open session and its timeout. */
  readonly sessions: Map<SessionId, number> = new Map();
  lastZxid = 0n;
  /** Those that were open once. */
  readonly #ended = new Set<SessionId>();
  readonly #knowsLocal: boolean;

  /** `knowsLocal`: whoever has no session in the log may have one of its server's alone. */
  constructor(knowsLocal = false) {
    this.#knowsLocal = knowsLocal;
    const open = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];
    const readable = [{ perms: 1, id: { scheme: 'world', id: 'anyone' } }];
    const zero = asZxid(0n);
    const stat: PersistedStat = {
      czxid: zero,
      mzxid: zero,
      ctime: 0n,
      mtime: 0n,
      version: 0,
      cversion: 0,
      aversion: 0,
      ephemeralOwner: NOBODY,
      pzxid: zero,
    };
    const data = new Uint8Array(0);
    for (const path of ['/', '/zookeeper', '/zookeeper/quota']) {
      this.nodes.set(path, { data, acl: open, stat });
    }
    const config = { data, acl: readable, stat: { ...stat, aversion: -1 } };
    this.nodes.set('/zookeeper/config', config);
  }

  /** Why this transaction cannot follow on what is there, or null. */
  apply(txn: Transaction): string | null {
    const { header, record } = txn;
    if (!follows(header.zxid, this.lastZxid)) {
      return `transaction ${header.zxid} follows on ${this.lastZxid}`;
    }
    this.lastZxid = header.zxid;
    switch (record.type) {
      case Opcode.CreateSession:
        this.sessions.set(header.clientId, record.body.timeoutMs);
        return null;
      case Opcode.CloseSession:
        return this.#closeSession(txn, record.body.paths);
      case Opcode.Multi: {
        const { txns } = record.body;
        if (txns.some(({ type }) => type === Opcode.Error)) return null;
        return first(txns, (part) => this.applyPart(txn, part));
      }
      case Opcode.SetAcl:
        return this.#edit(record.body.path, (node) => ({
          ...node,
          acl: record.body.acl ?? [],
          stat: { ...node.stat, aversion: record.body.version },
        }));
      case Opcode.Reconfig:
        return this.applyPart(txn, { type: Opcode.SetData, body: record.body });
      default:
        return this.applyPart(txn, record);
    }
  }

  /** Whether it may write. */
  isOpen(session: SessionId): boolean {
    return this.sessions.has(session) || this.isLocal(session);
  }

  /** Nobody but its server knows of it. */
  isLocal(session: SessionId): boolean {
    return this.#knowsLocal && !this.sessions.has(session) && !this.#ended.has(session);
  }

  ownedBy(session: SessionId): string[] {
    const owned = [...this.nodes].filter(([, { stat }]) => stat.ephemeralOwner === session);
    return owned.map(([path]) => path);
  }

  /** Why the server may not delete a node on its own account, or null. */
  judgeReaping({ header, record }: Transaction): string | null {
    if (record.type !== Opcode.DeleteContainer) return null;
    const { path } = record.body;
    const node = this.nodes.get(path);
    if (node === undefined) return `${path} was reaped and was not there`;
    if (this.childrenOf(path).length > 0) return `${path} was reaped and had children`;
    const owner = BigInt.asUintN(64, node.stat.ephemeralOwner);
    if (owner === BigInt.asUintN(64, CONTAINER_OWNER)) return null;
    if (owner >> 56n !== 0xffn) return `${path} was reaped and should stay`;
    const ageMs = header.time - node.stat.mtime;
    const ttlMs = owner & ~TTL_MARK;
    return ageMs >= ttlMs ? null : `${path} was reaped after ${ageMs} ms and had ${ttlMs}`;
  }

  /** The same tree once more, going its own way from here. */
  fork(): ModelTree {
    const fork = new ModelTree(this.#knowsLocal);
    for (const id of this.#ended) fork.#ended.add(id);
    fork.nodes.clear();
    for (const [path, node] of this.nodes) fork.nodes.set(path, node);
    for (const [id, timeoutMs] of this.sessions) fork.sessions.set(id, timeoutMs);
    fork.lastZxid = this.lastZxid;
    return fork;
  }

  childrenOf(path: string): string[] {
    const prefix = path === '/' ? path : `${path}/`;
    const below = [...this.nodes.keys()].filter((one) => one !== '/' && one.startsWith(prefix));
    return below.map((one) => one.slice(prefix.length)).filter((name) => !name.includes('/'));
  }

  /** One change of a transaction, or the only one. */
  applyPart({ header }: Transaction, part: PartTxn): string | null {
    const { zxid, time } = header;
    switch (part.type) {
      case Opcode.Create:
      case Opcode.Create2:
        return this.#create(header, part.body, part.body.ephemeral ? header.clientId : NOBODY);
      case Opcode.CreateContainer:
        return this.#create(header, part.body, CONTAINER_OWNER);
      case Opcode.CreateTtl:
        return this.#create(header, part.body, asSessionId(TTL_MARK | part.body.ttl));
      case Opcode.Delete:
      case Opcode.DeleteContainer:
        return this.#delete(part.body.path, zxid);
      case Opcode.SetData:
        return this.#edit(part.body.path, (node) => ({
          ...node,
          data: part.body.data,
          stat: { ...node.stat, mzxid: zxid, mtime: time, version: part.body.version },
        }));
      default:
        return null;
    }
  }

  #create(
    { zxid, time }: Transaction['header'],
    { path, data, acl, parentCversion }: CreateContainerTxn,
    ephemeralOwner: SessionId,
  ): string | null {
    if (this.nodes.has(path)) return `${path} is created though it exists`;
    const stat: PersistedStat = {
      czxid: zxid,
      mzxid: zxid,
      ctime: time,
      mtime: time,
      version: 0,
      cversion: 0,
      aversion: 0,
      ephemeralOwner,
      pzxid: zxid,
    };
    this.nodes.set(path, { data, acl: acl ?? [], stat });
    const parent = parentOf(path);
    const before = this.nodes.get(parent)?.stat.cversion;
    if (before !== undefined && parentCversion !== before + 1) {
      return `${path} is child number ${parentCversion}, after ${before}`;
    }
    return this.#edit(parent, (node) => ({
      ...node,
      stat: { ...node.stat, cversion: parentCversion, pzxid: zxid },
    }));
  }

  #delete(path: string, zxid: PersistedStat['pzxid']): string | null {
    if (!this.nodes.delete(path)) return `${path} is deleted though it is missing`;
    return this.#edit(parentOf(path), (node) => ({ ...node, stat: { ...node.stat, pzxid: zxid } }));
  }

  #closeSession({ header }: Transaction, paths: readonly string[] | null): string | null {
    const owned = this.ownedBy(header.clientId);
    const listed = [...(paths ?? owned)];
    if (owned.sort().join() !== listed.sort().join()) {
      return `the close of ${header.clientId} lists ${listed} and should list ${owned}`;
    }
    this.sessions.delete(header.clientId);
    this.#ended.add(header.clientId);
    return first(owned, (path) => this.#delete(path, header.zxid));
  }

  #edit(path: string, change: (node: PlainNode) => PlainNode): string | null {
    const node = this.nodes.get(path);
    if (node === undefined) return `${path} is changed though it is missing`;
    this.nodes.set(path, change(node));
    return null;
  }
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 1));
}

function first<Item>(items: readonly Item[], judge: (item: Item) => string | null): string | null {
  for (const item of items) {
    const problem = judge(item);
    if (problem !== null) return problem;
  }
  return null;
}

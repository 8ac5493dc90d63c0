/**
 * Request payloads of the client protocol, header included and length prefix left out, as raw
 * clients send them. Values a server must refuse are as easy to express as legal ones.
 */
import { JuteBuilder } from './raw-jute.ts';

export const Op = {
  create: 1,
  delete: 2,
  exists: 3,
  getData: 4,
  setData: 5,
  getAcl: 6,
  setAcl: 7,
  getChildren: 8,
  sync: 9,
  ping: 11,
  getChildren2: 12,
  check: 13,
  multi: 14,
  create2: 15,
  reconfig: 16,
  checkWatches: 17,
  removeWatches: 18,
  createContainer: 19,
  deleteContainer: 20,
  createTtl: 21,
  multiRead: 22,
  auth: 100,
  setWatches: 101,
  sasl: 102,
  getEphemerals: 103,
  getAllChildrenNumber: 104,
  setWatches2: 105,
  addWatch: 106,
  whoAmI: 107,
  createSession: -10,
  closeSession: -11,
} as const;

/** Values of the create family's flags field that the suites use. */
export const Flags = { persistent: 0, ephemeral: 1, sequential: 2, container: 4, ttl: 5 } as const;

export const PING_XID = -2;
export const AUTH_XID = -4;

export interface Acl {
  readonly perms: number;
  readonly scheme: string;
  readonly id: string;
}

export const OPEN_ACL: readonly Acl[] = [{ perms: 31, scheme: 'world', id: 'anyone' }];

export interface CreateFields {
  readonly data?: Uint8Array | string | null;
  readonly acl?: readonly Acl[];
  readonly flags?: number;
}

/** One operation of a multi: its opcode and its record. */
export interface MultiPart {
  readonly type: number;
  readonly body: Buffer;
}

export interface ConnectFields {
  readonly lastZxidSeen?: bigint;
  readonly timeoutMs?: number;
  readonly sessionId?: bigint;
  readonly password?: Uint8Array | null;
  readonly readOnly?: boolean;
}

const NO_PASSWORD = new Uint8Array(16);

export function connectRequest(fields: ConnectFields = {}): Buffer {
  return new JuteBuilder()
    .int(0)
    .long(fields.lastZxidSeen ?? 0n)
    .int(fields.timeoutMs ?? 10_000)
    .long(fields.sessionId ?? 0n)
    .buffer(fields.password === undefined ? NO_PASSWORD : fields.password)
    .boolean(fields.readOnly ?? false)
    .bytes();
}

/** Header and body of any request; the body may be nonsense. */
export function request(xid: number, type: number, body: Uint8Array = Buffer.alloc(0)): Buffer {
  return new JuteBuilder().int(xid).int(type).raw(body).bytes();
}

function dataOf(data: Uint8Array | string | null | undefined): Uint8Array | null {
  if (data === null) return null;
  return typeof data === 'string' ? Buffer.from(data) : (data ?? Buffer.alloc(0));
}

function aclList(acl: readonly Acl[]): Buffer {
  const builder = new JuteBuilder().int(acl.length);
  for (const entry of acl) builder.int(entry.perms).string(entry.scheme).string(entry.id);
  return builder.bytes();
}

export function createBody(path: string | null, fields: CreateFields = {}): Buffer {
  return new JuteBuilder()
    .string(path)
    .buffer(dataOf(fields.data))
    .raw(aclList(fields.acl ?? OPEN_ACL))
    .int(fields.flags ?? Flags.persistent)
    .bytes();
}

export function createTtlBody(path: string, ttlMs: bigint, fields: CreateFields = {}): Buffer {
  return new JuteBuilder().raw(createBody(path, fields)).long(ttlMs).bytes();
}

export function setDataBody(path: string, data: Uint8Array | string | null, version = -1): Buffer {
  return new JuteBuilder().string(path).buffer(dataOf(data)).int(version).bytes();
}

export function setAclBody(path: string, acl: readonly Acl[], version = -1): Buffer {
  return new JuteBuilder().string(path).raw(aclList(acl)).int(version).bytes();
}

/** Body of delete, check, checkWatches, removeWatches and addWatch: a path and one int. */
export function pathAndInt(path: string | null, value: number): Buffer {
  return new JuteBuilder().string(path).int(value).bytes();
}

/** Body of exists, getData, getChildren and getChildren2. */
export function pathAndWatch(path: string | null, watch = false): Buffer {
  return new JuteBuilder().string(path).boolean(watch).bytes();
}

export function pathOnly(path: string | null): Buffer {
  return new JuteBuilder().string(path).bytes();
}

export interface ReconfigFields {
  readonly joining?: string;
  readonly leaving?: string;
  readonly members?: string;
  readonly version?: bigint;
}

export function reconfigBody({ joining, leaving, members, version }: ReconfigFields): Buffer {
  return new JuteBuilder()
    .string(joining ?? null)
    .string(leaving ?? null)
    .string(members ?? null)
    .long(version ?? -1n)
    .bytes();
}

export function authBody(scheme: string, auth: Uint8Array | string): Buffer {
  return new JuteBuilder().int(0).string(scheme).buffer(dataOf(auth)).bytes();
}

export interface WatchLists {
  readonly data?: readonly string[];
  readonly exist?: readonly string[];
  readonly child?: readonly string[];
}

export function setWatchesBody(relativeZxid: bigint, lists: WatchLists): Buffer {
  return new JuteBuilder()
    .long(relativeZxid)
    .strings(lists.data ?? [])
    .strings(lists.exist ?? [])
    .strings(lists.child ?? [])
    .bytes();
}

export function multiBody(parts: readonly MultiPart[]): Buffer {
  const builder = new JuteBuilder();
  for (const part of parts) builder.int(part.type).boolean(false).int(-1).raw(part.body);
  return builder.int(-1).boolean(true).int(-1).bytes();
}

/** What a server's frames say: reply headers, stats, events and multi results, decoded for tests. */
import { JuteCursor } from './raw-jute.ts';
import { Op } from './raw-requests.ts';

export const NOTIFICATION_XID = -1;
const REPLY_HEADER_BYTES = 16;

export const ErrorCode = {
  ok: 0,
  runtimeInconsistency: -2,
  marshalling: -5,
  unimplemented: -6,
  badArguments: -8,
  noNode: -101,
  noAuth: -102,
  badVersion: -103,
  nodeExists: -110,
  notEmpty: -111,
  sessionExpired: -112,
  invalidAcl: -114,
  authFailed: -115,
  noWatcher: -121,
} as const;

export interface Reply {
  readonly xid: number;
  readonly zxid: bigint;
  readonly error: number;
  readonly body: Buffer;
  readonly frame: Buffer;
}

export interface WatchEvent {
  readonly zxid: bigint;
  readonly type: number;
  readonly path: string;
  readonly frame: Buffer;
}

export interface Stat {
  readonly czxid: bigint;
  readonly mzxid: bigint;
  readonly ctime: bigint;
  readonly mtime: bigint;
  readonly version: number;
  readonly cversion: number;
  readonly aversion: number;
  readonly ephemeralOwner: bigint;
  readonly dataLength: number;
  readonly numChildren: number;
  readonly pzxid: bigint;
}

export interface ConnectResponse {
  readonly timeoutMs: number;
  readonly sessionId: bigint;
  readonly password: Buffer;
}

/** One slot of a multi's answer. */
export interface MultiResult {
  readonly type: number;
  readonly error: number;
  readonly path?: string;
  readonly stat?: Stat;
  readonly data?: Buffer | null;
}

export function readReply(frame: Buffer): Reply {
  const cursor = new JuteCursor(frame);
  const header = { xid: cursor.int(), zxid: cursor.long(), error: cursor.int() };
  return { ...header, body: frame.subarray(REPLY_HEADER_BYTES), frame };
}

export function readEvent(reply: Reply): WatchEvent {
  const cursor = new JuteCursor(reply.body);
  const type = cursor.int();
  cursor.int();
  return { zxid: reply.zxid, type, path: cursor.string() ?? '', frame: reply.frame };
}

export function readConnectResponse(frame: Buffer): ConnectResponse {
  const cursor = new JuteCursor(frame, 4);
  const timeoutMs = cursor.int();
  const sessionId = cursor.long();
  return { timeoutMs, sessionId, password: Buffer.from(cursor.buffer() ?? []) };
}

export function readStat(cursor: JuteCursor): Stat {
  return {
    czxid: cursor.long(),
    mzxid: cursor.long(),
    ctime: cursor.long(),
    mtime: cursor.long(),
    version: cursor.int(),
    cversion: cursor.int(),
    aversion: cursor.int(),
    ephemeralOwner: cursor.long(),
    dataLength: cursor.int(),
    numChildren: cursor.int(),
    pzxid: cursor.long(),
  };
}

export function readMultiResults(body: Buffer): MultiResult[] {
  const cursor = new JuteCursor(body);
  const results: MultiResult[] = [];
  for (;;) {
    const type = cursor.int();
    const done = cursor.boolean();
    const error = cursor.int();
    if (done) return results;
    results.push(readMultiResult(cursor, type, error));
  }
}

function readMultiResult(cursor: JuteCursor, type: number, error: number): MultiResult {
  switch (type) {
    case -1:
      return { type, error: cursor.int() };
    case Op.create:
      return { type, error, path: cursor.string() ?? '' };
    case Op.create2:
      return { type, error, path: cursor.string() ?? '', stat: readStat(cursor) };
    case Op.setData:
      return { type, error, stat: readStat(cursor) };
    case Op.getData:
      return { type, error, data: cursor.buffer(), stat: readStat(cursor) };
    default:
      return { type, error };
  }
}

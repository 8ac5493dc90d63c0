/**
 * Checks a trace of a server for one rule: no reply to a write leaves before the bytes that log it
 * are safe on disk. Bytes are safe when a write on a descriptor opened O_DSYNC or O_SYNC has
 * returned, or when an fsync or fdatasync that began after the write has.
 */
import { basename } from 'node:path';
import type { LogFile } from '../support/raw-log.ts';
import { bytesOf, descriptorOf, offsetOf, type SystemCall } from './strace.ts';

const CREATE_SESSION = -10;
const NEVER = Number.POSITIVE_INFINITY;

/** A run of bytes a server put into a log. */
interface Extent {
  readonly start: number;
  readonly bytes: Buffer;
  readonly endLine: number;
  safeFrom: number;
}

interface OpenFile {
  readonly name: string;
  readonly isSynchronous: boolean;
  position: number;
}

/** A frame on its way to a client: the line on which its first byte began to leave. */
interface SentFrame {
  readonly payload: Buffer;
  readonly line: number;
}

interface Violation {
  readonly zxid: bigint;
  readonly replyLine: number;
  readonly safeFrom: number;
}

export interface DurabilityReport {
  readonly checkedReplies: number;
  readonly violations: readonly Violation[];
}

/**
 * A connection of the test: the session it opened, by which its stream is found in the trace, and
 * what it sent, to tell replies to writes from other frames.
 */
export interface TracedConnection {
  readonly sessionId: bigint;
  readonly writeXids: ReadonlySet<number>;
}

export function checkDurability(
  calls: readonly SystemCall[],
  logs: readonly LogFile[],
  connections: readonly TracedConnection[],
): DurabilityReport {
  const { extents, streams } = follow(calls);
  const safe = safetyOfTransactions(logs, extents);
  const violations: Violation[] = [];
  let checkedReplies = 0;
  const sent = streams.map(framesOf);
  for (const connection of connections) {
    const frames = sent.find((candidate) => opensSession(candidate, connection.sessionId)) ?? [];
    for (const [at, frame] of frames.entries()) {
      const safeFrom = at === 0 ? safe.ofSession(frame) : safe.ofReply(frame, connection);
      if (safeFrom === undefined) continue;
      checkedReplies += 1;
      if (frame.line > safeFrom.line) continue;
      violations.push({ zxid: safeFrom.zxid, replyLine: frame.line, safeFrom: safeFrom.line });
    }
  }
  return { checkedReplies, violations };
}

interface Followed {
  readonly extents: ReadonlyMap<string, readonly Extent[]>;
  /** What was sent on each accepted connection. */
  readonly streams: ReadonlyArray<readonly SentPiece[]>;
}

interface SentPiece {
  readonly bytes: Buffer;
  readonly line: number;
}

/** Walks the trace once: which descriptor was what, when, and what went through it. */
function follow(calls: readonly SystemCall[]): Followed {
  const files = new Map<number, OpenFile>();
  const peers = new Map<number, SentPiece[]>();
  const extents = new Map<string, Extent[]>();
  const streams: SentPiece[][] = [];
  for (const call of calls) {
    if (call.result < 0) continue;
    const descriptor = descriptorOf(call);
    if (call.name === 'openat') {
      openFile(call, files);
    } else if (call.name.startsWith('accept')) {
      const stream: SentPiece[] = [];
      streams.push(stream);
      peers.set(call.result, stream);
    } else if (call.name === 'close') {
      files.delete(descriptor);
      peers.delete(descriptor);
    } else if (call.name === 'fsync' || call.name === 'fdatasync') {
      const name = files.get(descriptor)?.name;
      for (const extent of extents.get(name ?? '') ?? []) {
        if (extent.endLine < call.startLine)
          extent.safeFrom = Math.min(extent.safeFrom, call.endLine);
      }
    } else {
      const file = files.get(descriptor);
      const peer = peers.get(descriptor);
      if (file) listOf(extents, file.name).push(writeFile(file, call));
      else peer?.push({ bytes: bytesOf(call), line: call.startLine });
    }
  }
  return { extents, streams };
}

function openFile(call: SystemCall, files: Map<number, OpenFile>): void {
  const hex = /"((?:\\x[0-9a-f]{2})*)"/.exec(call.args)?.[1] ?? '';
  const path = Buffer.from(hex.replaceAll('\\x', ''), 'hex').toString();
  if (!/\/log\.[0-9a-f]+$/.test(path)) return;
  const isSynchronous = /O_D?SYNC/.test(call.args);
  files.set(call.result, { name: basename(path), isSynchronous, position: 0 });
}

function writeFile(file: OpenFile, call: SystemCall): Extent {
  const bytes = bytesOf(call);
  const start = offsetOf(call) ?? file.position;
  if (offsetOf(call) === undefined) file.position += bytes.length;
  const safeFrom = file.isSynchronous ? call.endLine : NEVER;
  return { start, bytes, endLine: call.endLine, safeFrom };
}

function opensSession(frames: readonly SentFrame[], sessionId: bigint): boolean {
  const answer = frames[0]?.payload;
  return answer !== undefined && answer.length >= 16 && answer.readBigInt64BE(8) === sessionId;
}

function listOf<K, V>(lists: Map<K, V[]>, key: K): V[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}

interface SafeFrom {
  readonly zxid: bigint;
  readonly line: number;
}

interface Safety {
  readonly ofSession: (handshake: SentFrame) => SafeFrom | undefined;
  readonly ofReply: (reply: SentFrame, connection: TracedConnection) => SafeFrom | undefined;
}

function safetyOfTransactions(
  logs: readonly LogFile[],
  extents: ReadonlyMap<string, readonly Extent[]>,
): Safety {
  const byZxid = new Map<bigint, SafeFrom>();
  const bySession = new Map<bigint, SafeFrom>();
  for (const { path, bytes, records } of logs) {
    const written = extents.get(basename(path)) ?? [];
    for (const record of records) {
      const line = safeLine(bytes.subarray(record.start, record.end), record.start, written);
      const safeFrom = { zxid: record.zxid, line };
      byZxid.set(record.zxid, safeFrom);
      if (record.type === CREATE_SESSION) bySession.set(record.sessionId, safeFrom);
    }
  }
  const none = (zxid: bigint): SafeFrom => ({ zxid, line: NEVER });
  return {
    ofSession: ({ payload }) => bySession.get(payload.readBigInt64BE(8)) ?? none(0n),
    ofReply: ({ payload }, { writeXids }) => {
      if (!writeXids.has(payload.readInt32BE(0))) return undefined;
      const zxid = payload.readBigInt64BE(4);
      return byZxid.get(zxid) ?? none(zxid);
    },
  };
}

/** The line from which every byte of a record was safe: zeros laid out in advance do not count. */
function safeLine(record: Buffer, recordStart: number, written: readonly Extent[]): number {
  const safeFrom = new Float64Array(record.length).fill(NEVER);
  for (const extent of written) {
    const start = Math.max(recordStart, extent.start);
    const end = Math.min(recordStart + record.length, extent.start + extent.bytes.length);
    for (let at = start; at < end; at += 1) {
      if (extent.bytes[at - extent.start] !== record[at - recordStart]) continue;
      const known = safeFrom[at - recordStart] ?? NEVER;
      safeFrom[at - recordStart] = Math.min(known, extent.safeFrom);
    }
  }
  return safeFrom.reduce((latest, line) => Math.max(latest, line), 0);
}

function framesOf(pieces: readonly SentPiece[]): SentFrame[] {
  const stream = Buffer.concat(pieces.map((piece) => piece.bytes));
  const lineAt = (offset: number): number => {
    let end = 0;
    for (const piece of pieces) {
      end += piece.bytes.length;
      if (offset < end) return piece.line;
    }
    return NEVER;
  };
  const frames: SentFrame[] = [];
  for (let at = 0; at + 4 <= stream.length; ) {
    const length = stream.readInt32BE(at);
    // The answer to a four-letter word has no frames.
    if (length < 0) break;
    frames.push({ payload: stream.subarray(at + 4, at + 4 + length), line: lineAt(at) });
    at += 4 + length;
  }
  return frames;
}

/** The durability check itself, on traces written by hand: it must see every way to reply early. */
import { describe, expect, it } from 'vitest';
import type { LogFile } from '../support/raw-log.ts';
import { readLogRecords } from '../support/raw-log.ts';
import { checkDurability } from './durability.ts';
import { readTrace } from './strace.ts';

const SESSION = 7n;

function record(zxid: bigint, type: number): Buffer {
  const payload = Buffer.alloc(40, 0xee);
  payload.writeBigInt64BE(SESSION, 0);
  payload.writeBigInt64BE(zxid, 12);
  payload.writeInt32BE(type, 28);
  const framing = Buffer.alloc(12, 0x11);
  framing.writeInt32BE(payload.length, 8);
  return Buffer.concat([framing, payload, Buffer.from('B')]);
}

function reply(xid: number, zxid: bigint): Buffer {
  const frame = Buffer.alloc(20);
  frame.writeInt32BE(16);
  frame.writeInt32BE(xid, 4);
  frame.writeBigInt64BE(zxid, 8);
  return frame;
}

const handshake = Buffer.alloc(41);
handshake.writeInt32BE(37);
handshake.writeBigInt64BE(SESSION, 12);

const header = Buffer.alloc(16);
const opened = record(1n, -10);
const created = record(2n, 1);
const logBytes = Buffer.concat([header, opened, created]);
const createdAt = header.length + opened.length;
const logs: LogFile[] = [{ path: '/d/log.1', bytes: logBytes, records: readLogRecords(logBytes) }];
const connection = { sessionId: SESSION, writeXids: new Set([1]) };

const hex = (bytes: Buffer): string => `"${bytes.toString('hex').replace(/../g, '\\x$&')}"`;
const line = (what: string, thread = 10): string => `${thread} 1700000000.000001 ${what}`;
const openLog = (flags: string): string =>
  line(`openat(AT_FDCWD, ${hex(Buffer.from('/d/log.1'))}, O_RDWR|O_CREAT${flags}, 0644) = 5`);
const put = (bytes: Buffer, at: number): string =>
  line(`pwrite64(5, ${hex(bytes)}, ${bytes.length}, ${at}) = ${bytes.length}`, 11);
const send = (bytes: Buffer): string =>
  line(`write(9, ${hex(bytes)}, ${bytes.length}) = ${bytes.length}`);
const accept = line('accept4(4, NULL, NULL, SOCK_CLOEXEC|SOCK_NONBLOCK) = 9');
const begin = [
  openLog('|O_DSYNC'),
  accept,
  put(Buffer.concat([header, opened]), 0),
  send(handshake),
];

function earlyReplies(lines: readonly string[]): bigint[] {
  const report = checkDurability(readTrace(lines.join('\n')), logs, [connection]);
  return report.violations.map((violation) => violation.zxid);
}

describe('durability of traced replies', () => {
  it('a reply behind a synchronous write is in order', () => {
    expect(earlyReplies([...begin, put(created, createdAt), send(reply(1, 2n))])).toEqual([]);
  });

  it('a reply before the write is early', () => {
    expect(earlyReplies([...begin, send(reply(1, 2n)), put(created, createdAt)])).toEqual([2n]);
  });

  it('a reply while the write is under way is early', () => {
    const [start, end] = put(created, createdAt).split(`, ${created.length}, `);
    const lines = [
      `${start}, ${created.length} <unfinished ...>`,
      send(reply(1, 2n)),
      line(`<... pwrite64 resumed>, ${end}`, 11),
    ];
    expect(earlyReplies([...begin, ...lines])).toEqual([2n]);
    expect(earlyReplies([...begin, lines[0] ?? '', lines[2] ?? '', lines[1] ?? ''])).toEqual([]);
  });

  it('a plain write is safe only once a sync that began after it has returned', () => {
    const plain = begin.with(0, openLog(''));
    const sync = line('fdatasync(5) = 0', 12);
    const open = [...plain.slice(0, 3), sync, plain[3] ?? ''];
    const write = put(created, createdAt);
    expect(earlyReplies([...open, write, sync, send(reply(1, 2n))])).toEqual([]);
    expect(earlyReplies([...open, write, send(reply(1, 2n)), sync])).toEqual([2n]);
    const during = [line('fdatasync(5 <unfinished ...>', 12), write];
    const done = line('<... fdatasync resumed>) = 0', 12);
    expect(earlyReplies([...open, ...during, done, send(reply(1, 2n))])).toEqual([2n]);
  });

  it('zeros laid out in advance make nothing safe', () => {
    const zeros = put(Buffer.alloc(created.length), createdAt);
    expect(earlyReplies([...begin, zeros, send(reply(1, 2n))])).toEqual([2n]);
  });

  it('a transaction that is in no log is never safe', () => {
    expect(earlyReplies([...begin, send(reply(1, 3n))])).toEqual([3n]);
  });

  it('a handshake before its session is logged is early', () => {
    const [open = '', accepted = '', write = '', answer = ''] = begin;
    expect(earlyReplies([open, accepted, answer, write])).toEqual([1n]);
  });
});

/**
 * Watches the system calls of the real server: no byte of a reply to a write may leave before the
 * sync that covers its log bytes has returned. The same check on a server told not to sync must go
 * red, or it proves nothing.
 */
import { spawnSync } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { RawClient } from '../support/raw-client.ts';
import { readLogs } from '../support/raw-log.ts';
import {
  createBody,
  Flags,
  multiBody,
  Op,
  pathAndInt,
  setDataBody,
} from '../support/raw-requests.ts';
import { isFullCount, startServer, temporaryDirectory } from '../support/server.ts';
import { checkDurability, type DurabilityReport, type TracedConnection } from './durability.ts';
import { readTrace, tracedCalls } from './strace.ts';

const WRITES = isFullCount() ? 1500 : 300;
const BURST = 50;
const TRACE_END_PATIENCE_MS = 20_000;

let tracerMissing: string | undefined;

beforeAll(() => {
  const tried = spawnSync('strace', ['-D', '-f', '-o', '/dev/null', 'true']);
  if (tried.error || tried.status !== 0) tracerMissing = 'strace is missing or may not trace';
});

/** One write of each kind in turn; the data is long enough for records to cross buffers. */
function writeNumber(i: number): { type: number; body: Buffer } {
  const set = setDataBody('/trace', `value ${i} `.repeat(1 + (i % 40)));
  const create = createBody(`/trace/${i}-`, { data: 'x', flags: Flags.sequential });
  switch (i % 4) {
    case 0:
      return { type: Op.setData, body: set };
    case 1:
      return { type: Op.create, body: create };
    case 2:
      return {
        type: Op.multi,
        body: multiBody([
          { type: Op.setData, body: set },
          { type: Op.create2, body: create },
        ]),
      };
    default:
      return { type: Op.delete, body: pathAndInt(`/missing-${i}`, -1) };
  }
}

/** Writes through one session, so many in flight at a time, and says which xids were writes. */
async function writeThrough(port: number, inFlight: number): Promise<TracedConnection> {
  const client = await RawClient.connect({ port, timeoutMs: 40_000 });
  const writeXids = new Set<number>();
  await client.call(Op.create, createBody('/trace'));
  writeXids.add(1);
  for (let i = 0; i < WRITES; i += inFlight) {
    const burst = Array.from({ length: inFlight }, (_, j) => writeNumber(i + j));
    const replies = await Promise.all(burst.map(({ type, body }) => client.call(type, body)));
    for (const reply of replies) writeXids.add(reply.xid);
  }
  await client.closeSession();
  return { sessionId: client.session.sessionId, writeXids };
}

async function traced(settings: Readonly<Record<string, string>>): Promise<DurabilityReport> {
  const directory = await temporaryDirectory('trace');
  const traceFile = join(directory, 'trace.txt');
  const server = await startServer({
    directory,
    settings,
    wrapper: [
      ...['strace', '-D', '-f', '-ttt', '-xx', '-s', '4000000'],
      ...['-e', `trace=${tracedCalls}`, '-e', 'signal=none', '-o', traceFile, '--'],
    ],
  });
  const connections = [
    await writeThrough(server.port, 1),
    await writeThrough(server.port, BURST),
    ...(await Promise.all([writeThrough(server.port, 3), writeThrough(server.port, BURST)])),
  ];
  await server.stop();
  const trace = await finishedTrace(traceFile, server.pid);
  const report = checkDurability(readTrace(trace), await readLogs(server.dataDir), connections);
  if (report.violations.length === 0) await rm(directory, { recursive: true });
  return report;
}

/** The tracer is a process of its own and writes its last lines after the server is gone. */
async function finishedTrace(file: string, pid: number): Promise<string> {
  const deadline = Date.now() + TRACE_END_PATIENCE_MS;
  for (;;) {
    const text = await readFile(file, 'utf8');
    if (new RegExp(`^${pid} .*\\+\\+\\+ `, 'm').test(text)) return text;
    if (Date.now() > deadline) throw new Error(`${file} never ended`);
    await sleep(50);
  }
}

describe('replies and the disk', () => {
  it('no reply to a write leaves before its log bytes are safe', async (ctx) => {
    if (tracerMissing) ctx.skip(tracerMissing);
    const report = await traced({});
    expect(report.violations).toEqual([]);
    // Four connections, each with its handshake, the first create and all its writes.
    expect(report.checkedReplies).toBeGreaterThanOrEqual(4 * (WRITES + 2));
  });

  it('the check goes red when the server is told not to sync', async (ctx) => {
    if (tracerMissing) ctx.skip(tracerMissing);
    const report = await traced({ forceSync: 'no' });
    expect(report.checkedReplies).toBeGreaterThanOrEqual(4 * (WRITES + 2));
    expect(report.violations.length).toBeGreaterThan(report.checkedReplies / 2);
  });
});

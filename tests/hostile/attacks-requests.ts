/** Attacks by requests: counts and lengths that lie, paths without end, floods of small things. */
import { fourLetterWord } from '../support/peers-process.ts';
import { ConnectionLost, RawClient } from '../support/raw-client.ts';
import { JuteBuilder, JuteCursor } from '../support/raw-jute.ts';
import { framed } from '../support/raw-link.ts';
import {
  connectRequest,
  createBody,
  Flags,
  Op,
  pathAndInt,
  pathAndWatch,
  pathOnly,
  setDataBody,
  setWatchesBody,
} from '../support/raw-requests.ts';
import { isFullCount } from '../support/server.ts';
import { openSocket } from './crowd.ts';
import type { Attack, Target } from './measure.ts';

const GIANTS = [0x7fff_ffff, 0x7fff_fffe, 0x4000_0000, 0x10_0000, 100_000, -2, -0x8000_0000];
const LONG_PATH_BYTES = 1_000_000;
const NESTED_DEPTH = isFullCount() ? 1000 : 300;
const SIBLINGS = isFullCount() ? 20_000 : 5000;
const WATCHES = isFullCount() ? 100_000 : 30_000;
const RECURSIVE = 1;

/** Runs rounds of requests; a server that has had enough may close, which starts a new session. */
async function insist(
  { port, goesOn }: Target,
  round: (client: RawClient, count: number) => Promise<unknown>,
): Promise<void> {
  let client = await RawClient.connect({ port });
  for (let count = 0; goesOn(); count += 1) {
    try {
      await round(client, count);
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw error;
      client = await RawClient.connect({ port });
    }
  }
  client.destroy();
}

/** Bodies in which each vector and each length in turn is a giant. */
function giantBodies(giant: number): Array<{ type: number; body: Buffer }> {
  const path = (): JuteBuilder => new JuteBuilder().string('/giant');
  const lists = (before: number): Buffer => {
    const builder = new JuteBuilder().long(0n);
    for (let i = 0; i < before; i += 1) builder.strings([]);
    return builder.int(giant).string('/a').bytes();
  };
  return [
    { type: Op.create, body: path().buffer(Buffer.alloc(1)).int(giant).int(31).bytes() },
    { type: Op.create, body: path().int(giant).raw(Buffer.alloc(20)).bytes() },
    { type: Op.create, body: new JuteBuilder().int(giant).raw(Buffer.alloc(20)).bytes() },
    { type: Op.setAcl, body: path().int(giant).int(31).bytes() },
    { type: Op.setData, body: path().int(giant).raw(Buffer.alloc(20)).bytes() },
    { type: Op.auth, body: new JuteBuilder().int(0).string('digest').int(giant).bytes() },
    { type: Op.sasl, body: new JuteBuilder().int(giant).bytes() },
    ...[0, 1, 2].map((before) => ({ type: Op.setWatches, body: lists(before) })),
    ...[0, 1, 2, 3, 4].map((before) => ({ type: Op.setWatches2, body: lists(before) })),
    { type: Op.multi, body: new JuteBuilder().int(1).boolean(false).int(-1).int(giant).bytes() },
    {
      type: Op.multiRead,
      body: new JuteBuilder().int(4).boolean(false).int(-1).int(giant).bytes(),
    },
    { type: Op.reconfig, body: new JuteBuilder().int(giant).string('x').bytes() },
  ];
}

const requestsOnPath = (path: string): Array<{ type: number; body: Buffer }> => [
  { type: Op.create, body: createBody(path) },
  { type: Op.exists, body: pathAndWatch(path, true) },
  { type: Op.getData, body: pathAndWatch(path, true) },
  { type: Op.setData, body: setDataBody(path, '') },
  { type: Op.delete, body: pathAndInt(path, -1) },
  { type: Op.sync, body: pathOnly(path) },
  { type: Op.getEphemerals, body: pathOnly(path) },
  { type: Op.addWatch, body: pathAndInt(path, RECURSIVE) },
  { type: Op.setWatches, body: setWatchesBody(0n, { exist: [path] }) },
];

async function nest(client: RawClient): Promise<string> {
  let path = '';
  for (let depth = 0; depth < NESTED_DEPTH; depth += 1) {
    path += '/d';
    await client.call(Op.create, createBody(path));
  }
  return path;
}

const garbage: readonly Buffer[] = [
  Buffer.from('GET /commands/stats HTTP/1.1\r\nHost: localhost\r\n\r\n'),
  Buffer.from('16030100a5010000a10303', 'hex'),
  Buffer.from('SSH-2.0-OpenSSH_9.2\r\n'),
  Buffer.from('ruokruokruok'),
  Buffer.alloc(4096, 0xff),
];

export const requestAttacks: readonly Attack[] = [
  {
    name: 'counts and lengths beyond all bounds',
    run: (target) =>
      insist(target, (client, count) => {
        const giant = GIANTS[count % GIANTS.length] ?? 0;
        return Promise.all(giantBodies(giant).map(({ type, body }) => client.call(type, body)));
      }),
  },
  {
    name: 'paths of a million bytes and half a million components',
    run: (target) =>
      insist(target, async (client, count) => {
        const prefix = `/${count}`;
        const component = count % 2 === 0 ? '/a' : 'a'.repeat(LONG_PATH_BYTES);
        const path =
          prefix + component.repeat((LONG_PATH_BYTES - prefix.length) / component.length);
        for (const { type, body } of requestsOnPath(path)) await client.call(type, body);
      }),
  },
  {
    name: `changes ${NESTED_DEPTH} levels down, under a recursive watch on the root`,
    run: async (target) => {
      const client = await RawClient.connect({ port: target.port });
      const leaf = await nest(client);
      await client.must(Op.addWatch, pathAndInt('/', RECURSIVE));
      client.destroy();
      await insist(target, (again) =>
        Promise.all([
          again.call(Op.addWatch, pathAndInt('/', RECURSIVE)),
          again.call(Op.setData, setDataBody(leaf, '')),
          again.call(Op.getAllChildrenNumber, pathOnly('/')),
          again.call(Op.exists, pathAndWatch(`${leaf}/missing`, true)),
        ]),
      );
    },
  },
  {
    name: `listings of ${SIBLINGS} children`,
    run: async (target) => {
      const client = await RawClient.connect({ port: target.port });
      await client.call(Op.create, createBody('/wide'));
      for (let made = 0; made < SIBLINGS; made += 100) {
        const batch = Array.from({ length: 100 }, () =>
          client.call(Op.create, createBody('/wide/n-', { flags: Flags.sequential })),
        );
        await Promise.all(batch);
      }
      client.destroy();
      await insist(target, async (again) => {
        const reply = await again.must(Op.getChildren, pathAndWatch('/wide'));
        if (new JuteCursor(reply.body).int() < SIBLINGS) throw new Error('children are missing');
      });
    },
  },
  {
    name: `${WATCHES} watches of one session`,
    run: (target) =>
      insist(target, async (client, count) => {
        if (count * 100 >= WATCHES) return client.ping();
        const batch = Array.from({ length: 100 }, (_, i) =>
          client.call(Op.exists, pathAndWatch(`/missing/${count}/${i}`, true)),
        );
        return Promise.all(batch);
      }),
  },
  {
    name: 'one identity after the other',
    run: (target) =>
      insist(target, async (client, count) => {
        const batch = Array.from({ length: 50 }, (_, i) =>
          client.auth('digest', `user-${count}-${i}:password`),
        );
        return Promise.all(batch);
      }),
  },
  {
    name: 'four-letter words in a loop',
    run: async ({ port, goesOn }) => {
      const lane = async (word: string): Promise<void> => {
        while (goesOn()) await fourLetterWord(port, word).catch(() => '');
      };
      await Promise.all([lane('mntr'), lane('srvr'), lane('ruok'), lane('cons')]);
    },
  },
  {
    name: 'garbage behind the handshake',
    run: async ({ port, chance, goesOn }) => {
      while (goesOn()) {
        const socket = await openSocket(port);
        if (socket === undefined) continue;
        const gone = new Promise((done) => socket.once('close', done));
        const bytes = chance.once(2) ? chance.pick(garbage) : chance.bytes(chance.between(1, 500));
        socket.write(Buffer.concat([framed(connectRequest()), bytes]));
        const patience = setTimeout(() => socket.destroy(), 100);
        await gone;
        clearTimeout(patience);
      }
    },
  },
];

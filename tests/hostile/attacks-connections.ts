/** Attacks that need no request: connections that come in numbers, dribble, claim, or vanish. */
import { framed } from '../support/raw-link.ts';
import { connectRequest } from '../support/raw-requests.ts';
import { isFullCount } from '../support/server.ts';
import { disperse, gather, hold, openSocket } from './crowd.ts';
import type { Attack, Target } from './measure.ts';

const IDLE_CONNECTIONS = isFullCount() ? 5000 : 500;
const CLAIMING_CONNECTIONS = isFullCount() ? 5000 : 500;
const DRIBBLING_CONNECTIONS = isFullCount() ? 2000 : 300;
const DRIBBLE_MS = 50;
/** The largest frame a server accepts by default. */
const LARGEST_FRAME_BYTES = 0xf_ffff;
const SESSION_MS = 40_000;

const handshake = framed(connectRequest({ timeoutMs: SESSION_MS }));

const claim = Buffer.alloc(5, 1);
claim.writeInt32BE(LARGEST_FRAME_BYTES);

async function dribble({ port, goesOn }: Target, greeting: Buffer): Promise<void> {
  const sockets = await gather(port, DRIBBLING_CONNECTIONS, (socket) => {
    socket.write(Buffer.concat([greeting, claim]));
  });
  while (goesOn()) {
    for (const socket of sockets) socket.write(claim.subarray(4));
    await hold(goesOn, DRIBBLE_MS);
  }
  disperse(sockets);
}

async function claimMost({ port, goesOn }: Target, greeting: Buffer): Promise<void> {
  const sockets = await gather(port, CLAIMING_CONNECTIONS, (socket) => {
    socket.write(Buffer.concat([greeting, claim]));
  });
  await hold(goesOn);
  disperse(sockets);
}

/** Opens sessions one after the other in a few lanes; each ends as `leave` sees fit. */
async function comeAndGo(
  { port, goesOn }: Target,
  leave: (socket: NonNullable<Awaited<ReturnType<typeof openSocket>>>) => void,
): Promise<void> {
  const lane = async (): Promise<void> => {
    while (goesOn()) {
      const socket = await openSocket(port);
      if (socket === undefined) continue;
      const answered = new Promise((done) => {
        socket.once('data', done);
        socket.once('close', done);
      });
      socket.write(handshake);
      await answered;
      leave(socket);
    }
  };
  await Promise.all([lane(), lane(), lane(), lane()]);
}

export const connectionAttacks: readonly Attack[] = [
  {
    name: `${IDLE_CONNECTIONS} idle connections`,
    run: async ({ port, goesOn }) => {
      const sockets = await gather(port, IDLE_CONNECTIONS, (socket) => socket.write(handshake));
      await hold(goesOn);
      const held = sockets.filter((socket) => !socket.destroyed).length;
      disperse(sockets);
      if (held < IDLE_CONNECTIONS) throw new Error(`only ${held} idle connections were let be`);
    },
  },
  {
    name: `${CLAIMING_CONNECTIONS} connections that claim a giant handshake and send one byte`,
    run: (target) => claimMost(target, Buffer.alloc(0)),
  },
  {
    name: `${CLAIMING_CONNECTIONS} sessions that claim a giant request and send one byte`,
    run: (target) => claimMost(target, handshake),
  },
  {
    name: `${DRIBBLING_CONNECTIONS} handshakes that come byte by byte`,
    run: (target) => dribble(target, Buffer.alloc(0)),
  },
  {
    name: `${DRIBBLING_CONNECTIONS} requests that come byte by byte`,
    run: (target) => dribble(target, handshake),
  },
  {
    name: 'sessions that are opened and reset at full speed',
    run: (target) => comeAndGo(target, (socket) => socket.resetAndDestroy()),
  },
  {
    name: 'sessions whose clients close their half and listen on',
    run: (target) => comeAndGo(target, (socket) => socket.end()),
  },
];

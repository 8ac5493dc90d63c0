/** Streams of bent frames on many sessions, until so many have been sent. */
import type { Chance } from '../support/raw-chance.ts';
import { framed } from '../support/raw-link.ts';
import { connectRequest, Op, PING_XID, request } from '../support/raw-requests.ts';
import { openSocket } from './crowd.ts';
import type { Target } from './measure.ts';
import { mutatedFrame, mutatedPayload } from './mutation.ts';

const LANES = 4;
const FRAMES_PER_SESSION = 40;
const SHORT_PATIENCE_MS = 60;
const LONG_PATIENCE_MS = 3000;
const PIECES = 3;

/** Every batch ends with a ping, whose reply says that all before it has been dealt with. */
const ping = framed(request(PING_XID, Op.ping));
const pingReply = Buffer.from('00000010fffffffe', 'hex');

export async function sendMutated({ port, chance, goesOn }: Target, frames: number): Promise<void> {
  let left = frames;
  const lane = async (): Promise<void> => {
    while (left > 0 || goesOn()) {
      left -= FRAMES_PER_SESSION;
      await sendBatch(port, chance);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

async function sendBatch(port: number, chance: Chance): Promise<void> {
  const frames = Array.from({ length: FRAMES_PER_SESSION }, () => mutatedFrame(chance));
  const handshake = chance.once(20) ? mutatedPayload(chance) : connectRequest({ timeoutMs: 4000 });
  const stream = Buffer.concat([framed(handshake), ...frames.map(({ bytes }) => bytes), ping]);
  const isWhole = !frames.some(({ isMisframed }) => isMisframed);
  await sendInPieces(port, stream, chance, isWhole ? LONG_PATIENCE_MS : SHORT_PATIENCE_MS);
}

/** Sends the stream in a few pieces cut anywhere, and waits for the ping, the end, or long enough. */
async function sendInPieces(
  port: number,
  stream: Buffer,
  chance: Chance,
  patienceMs: number,
): Promise<void> {
  const socket = await openSocket(port);
  if (socket === undefined) throw new Error('the server accepts no connections any more');
  const done = new Promise<void>((settle) => {
    const patience = setTimeout(settle, patienceMs);
    let tail = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      tail = Buffer.concat([tail, chunk]).subarray(-4096);
      if (tail.includes(pingReply)) settle();
    });
    socket.once('close', () => settle());
    void patience;
  });
  const cuts = Array.from({ length: PIECES }, () => chance.between(0, stream.length));
  const edges = [0, ...cuts.sort((a, b) => a - b), stream.length];
  for (const [i, edge] of edges.slice(1).entries()) {
    socket.write(stream.subarray(edges[i], edge));
    await new Promise(setImmediate);
  }
  await done;
  socket.destroy();
}

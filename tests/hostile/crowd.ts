/** Many connections at once: opened in batches, held, and dropped together. */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const BATCH = 100;
const BATCH_PAUSE_MS = 20;

/** Opens a connection; undefined when the server refuses it, which it may. */
export function openSocket(port: number, isReading = true): Promise<Socket | undefined> {
  return new Promise((done) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.on('error', () => done(undefined));
    socket.on('close', () => done(undefined));
    socket.on('connect', () => done(socket));
    if (isReading) socket.resume();
    else socket.pause();
  });
}

/** Opens `count` connections, a batch at a time; `greet` is called for each as it opens. */
export async function gather(
  port: number,
  count: number,
  greet: (socket: Socket, index: number) => void,
): Promise<Socket[]> {
  const sockets: Socket[] = [];
  for (let opened = 0; opened < count; opened += BATCH) {
    const size = Math.min(BATCH, count - opened);
    const batch = await Promise.all(Array.from({ length: size }, () => openSocket(port)));
    for (const socket of batch) {
      if (socket === undefined) continue;
      greet(socket, sockets.length);
      sockets.push(socket);
    }
    await sleep(BATCH_PAUSE_MS);
  }
  return sockets;
}

export function disperse(sockets: readonly Socket[]): void {
  for (const socket of sockets) socket.destroy();
}

/** Waits, in small steps, for as long as the attack is to go on. */
export async function hold(goesOn: () => boolean, stepMs = 20): Promise<void> {
  while (goesOn()) await sleep(stepMs);
}

/**
 * Questions to a server that may not be up yet, repeated in short steps: does it serve, and what
 * is the first thing it reads for a client. Their answers end the measured start times.
 */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { FrameSplitter } from './frame-splitter.ts';
import { connectFrame, getDataFrame } from './frames.ts';

/** Short against what is measured, long enough not to take the core from the starting server. */
const STEP_MS = 2;
const SERVING_TIMEOUT_MS = 180_000;
const ANSWER_TIMEOUT_MS = 10_000;
/** An attempt without an answer after this long is joined by another. */
const HANGING_MS = 50;

/** `srvr` tells its mode only when the server serves; `ruok` is answered before that. */
export function waitUntilServing(port: number, isRunning: () => boolean): Promise<void> {
  return retry(isRunning, async () => {
    const answer = await fourLetterWord(port, 'srvr');
    if (!answer.includes('Mode:')) throw new Error('the server does not serve yet');
  });
}

/** A session, then one getData that finds its node. */
export function waitUntilRead(port: number, path: string, isRunning: () => boolean): Promise<void> {
  return retry(isRunning, () => readOnce(port, path));
}

/**
 * Attempts follow each other until one succeeds. One that hangs does not hold up the next: a server
 * that has just begun to listen may take a connection and never answer on it.
 */
async function retry(isRunning: () => boolean, attempt: () => Promise<void>): Promise<void> {
  const deadline = performance.now() + SERVING_TIMEOUT_MS;
  const state = { isAnswered: false };
  while (!state.isAnswered) {
    if (!isRunning()) throw new Error('the server ended before it served');
    if (performance.now() > deadline) throw new Error('the server took too long to serve');
    const settled = attempt().then(
      () => {
        state.isAnswered = true;
      },
      () => sleep(STEP_MS),
    );
    await Promise.race([settled, sleep(HANGING_MS)]);
  }
}

export function fourLetterWord(port: number, word: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(word));
    const parts: Buffer[] = [];
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => socket.destroy(new Error(`no answer to ${word}`)));
    socket.on('data', (part) => parts.push(part));
    socket.on('error', reject);
    socket.on('close', () => resolve(Buffer.concat(parts).toString()));
  });
}

function readOnce(port: number, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const splitter = new FrameSplitter();
    let frames = 0;
    const onFrame = (buffer: Buffer, start: number): void => {
      frames++;
      if (frames === 1) return;
      const code = buffer.readInt32BE(start + 12);
      if (code === 0) resolve();
      else reject(new Error(`reading ${path} gave ${code}`));
      socket.destroy();
    };
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => socket.destroy());
    socket.on('connect', () => {
      socket.write(Buffer.concat([connectFrame(30_000), getDataFrame(1, path)]));
    });
    socket.on('data', (chunk) => splitter.push(chunk, onFrame));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the server closed the connection')));
  });
}

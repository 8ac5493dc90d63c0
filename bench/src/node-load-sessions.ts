/** Sessions of the Node generator: connect, handshake, closeSession, wait for the end; and again. */
import { connect } from 'node:net';
import { FrameSplitter } from './frame-splitter.ts';
import { closeSessionFrame, connectFrame } from './frames.ts';
import type { LoadArguments } from './load-job.ts';
import type { LoadWindow } from './node-load-window.ts';

const SESSION_TIMEOUT_MS = 30_000;

export async function playSessions(job: LoadArguments, window: LoadWindow): Promise<void> {
  window.start();
  const slots = Array.from({ length: job.connections }, async (_, i) => {
    const port = job.ports[i % job.ports.length]!;
    while (!window.isOver) await playSession(port, window);
  });
  await Promise.all(slots);
}

function playSession(port: number, window: LoadWindow): Promise<void> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const splitter = new FrameSplitter();
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let frames = 0;
    const onFrame = (): void => {
      frames++;
      if (frames > 1) return;
      window.noteLatency(performance.now() - startedAt);
      socket.write(closeSessionFrame(0x7fff_ffff));
    };
    socket.on('connect', () => socket.write(connectFrame(SESSION_TIMEOUT_MS)));
    socket.on('data', (chunk) => splitter.push(chunk, onFrame));
    // A reset behind the last reply is an end like any other.
    socket.on('error', (error) => (frames < 2 ? reject(error) : undefined));
    socket.on('close', () => {
      if (frames < 2) {
        reject(new Error('the server ended a session early'));
        return;
      }
      window.noteReplies(1);
      resolve();
    });
  });
}

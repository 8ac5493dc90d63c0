/**
 * The load generator for machines without a C compiler: the same contract as native/load.c, in
 * Node. It reaches more than a million requests a second, but adds its own event loop to every
 * latency, so figures of the two generators must not be compared.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fromArguments, type LoadArguments, type LoadOutcome } from './load-job.ts';
import { LoadConnection } from './node-load-connection.ts';
import { playSessions } from './node-load-sessions.ts';
import { LoadWindow } from './node-load-window.ts';
import { decodeScript } from './script.ts';

const PATIENCE_MS = 20_000;

async function playRequests(job: LoadArguments, window: LoadWindow): Promise<void> {
  const script = decodeScript(readFileSync(job.script));
  const connections = Array.from(
    { length: job.connections },
    (_, index) =>
      new LoadConnection({
        script,
        port: job.ports[index % job.ports.length]!,
        startAt: Math.floor((index * script.length) / job.connections),
        job,
        window,
      }),
  );
  await Promise.all(connections.map((connection) => connection.open()));
  window.start();
  for (const connection of connections) connection.begin();
  await window.ended;
  const patience = setTimeout(() => {
    throw new Error('the server left requests unanswered');
  }, PATIENCE_MS);
  await Promise.all(connections.map((connection) => connection.drain()));
  await Promise.all(connections.map((connection) => connection.close()));
  clearTimeout(patience);
}

async function main(): Promise<void> {
  const job = fromArguments(process.argv.slice(2));
  const window = new LoadWindow(job);
  if (job.sessions === 1) await playSessions(job, window);
  else await playRequests(job, window);
  if (job.samples !== '') writeFileSync(job.samples, window.sampleBytes());
  const outcome: LoadOutcome = window.outcome();
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
}

process.on('uncaughtException', (error) => {
  process.stderr.write(`load: ${error.message}\n`);
  process.exit(3);
});

await main();

// `npm run sim`: the host of the simulator. It gives it arguments, a clock for the speed, a place to
// say things, and as many threads as it is told; all else is in the pure room.

import { stderr, stdout } from 'node:process';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import {
  campaign,
  isGreen,
  parseSimArguments,
  replicaSpecies,
  sum,
  summary,
  tell,
  usage,
} from '../dist/index.js';

const progressMs = 5000;
const invocationExitCode = 2;

const say = (line) => stdout.write(`${line}\n`);

/** `taken` counts the worlds that some thread has taken. */
function inThread(request, taken) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: { request, taken } });
    worker.on('message', resolve);
    worker.on('error', reject);
  });
}

function inThreads(request) {
  const taken = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  return Promise.all(Array.from({ length: request.jobs }, () => inThread(request, taken)));
}

async function many(request) {
  const startedAt = performance.now();
  const seconds = () => (performance.now() - startedAt) / 1000;
  let saidAt = startedAt;
  const onWorld = ({ worldCount, failures }) => {
    if (performance.now() - saidAt < progressMs) return;
    saidAt = performance.now();
    stderr.write(`${worldCount} worlds, ${failures.length} failed\n`);
  };
  const totals =
    request.jobs === 1 ? campaign(request, replicaSpecies, onWorld) : sum(await inThreads(request));
  for (const line of summary(totals, request, seconds())) say(line);
  return isGreen(totals, request);
}

async function main(args) {
  if (args.includes('--help')) {
    say(usage);
    return 0;
  }
  const request = parseSimArguments(args);
  if (typeof request === 'string') {
    stderr.write(`${request}\n\n${usage}\n`);
    return invocationExitCode;
  }
  const isGreen = request.seed === null ? await many(request) : tell(request, replicaSpecies, say);
  return isGreen ? 0 : 1;
}

function work({ request, taken }) {
  return campaign(request, replicaSpecies, undefined, () => Atomics.add(taken, 0, 1));
}

if (isMainThread) process.exitCode = await main(process.argv.slice(2));
else parentPort.postMessage(work(workerData));

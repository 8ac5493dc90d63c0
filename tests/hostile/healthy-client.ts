/**
 * A well-behaved client in a thread of its own, so that what is measured is the server's latency
 * and not the turns of the event loop that runs the attack. It writes and reads a node of its own
 * in turn, one request at a time at a steady pace.
 */
import { Worker } from 'node:worker_threads';

/** Between two requests: brisk enough for a percentile, slow enough to be no load itself. */
const PACE_MS = 2;
const ANSWER_PATIENCE_MS = 10_000;

export class HealthyClient {
  readonly #worker: Worker;
  #failure: Error | undefined;

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('error', (error) => {
      this.#failure = error;
    });
  }

  static async start(port: number): Promise<HealthyClient> {
    // Node 20 cannot load TypeScript into a thread; the text of a closed function it can.
    const worker = new Worker(`(${inThread.toString()})()`, {
      eval: true,
      workerData: { port, paceMs: PACE_MS },
    });
    const client = new HealthyClient(worker);
    await client.latencies();
    return client;
  }

  /** Latencies in milliseconds since the last call; throws when the client has been cut off. */
  latencies(): Promise<number[]> {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((done, fail) => {
      const late = setTimeout(
        () => fail(new Error('the healthy client hangs')),
        ANSWER_PATIENCE_MS,
      );
      const settle = (): void => {
        clearTimeout(late);
        this.#worker.off('message', onMessage).off('error', onError);
      };
      const onMessage = (latencies: number[]): void => {
        settle();
        done(latencies);
      };
      const onError = (error: Error): void => {
        settle();
        fail(error);
      };
      this.#worker.on('message', onMessage).on('error', onError);
      this.#worker.postMessage('latencies');
    });
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}

/** Runs in the thread. It may use nothing from outside itself. */
function inThread(): void {
  const { connect } = process.getBuiltinModule('node:net');
  const { parentPort, workerData } = process.getBuiltinModule('node:worker_threads');
  const { performance } = process.getBuiltinModule('node:perf_hooks');
  const { port, paceMs } = workerData as { port: number; paceMs: number };
  const path = '/healthy';
  let latencies: number[] = [];
  let sentAt = 0;
  let answered = 0;
  let received = Buffer.alloc(0);

  const frame = (...parts: Array<number | string | Buffer>): Buffer => {
    const fields = parts.map((part) => {
      if (typeof part !== 'number') {
        const bytes = Buffer.from(part);
        const length = Buffer.alloc(4);
        length.writeInt32BE(bytes.length);
        return Buffer.concat([length, bytes]);
      }
      const int = Buffer.alloc(4);
      int.writeInt32BE(part);
      return int;
    });
    const payload = Buffer.concat(fields);
    const length = Buffer.alloc(4);
    length.writeInt32BE(payload.length);
    return Buffer.concat([length, payload]);
  };
  const handshake = frame(0, 0, 0, 40_000, 0, 0, Buffer.alloc(16));
  const create = frame(1, 1, path, 'x', 1, 31, 'world', 'anyone', 0);
  const set = frame(2, 5, path, 'y'.repeat(100), -1);
  const get = Buffer.concat([frame(3, 4, path), Buffer.from([0])]);
  get.writeInt32BE(get.length - 4);

  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const next = (): void => {
    sentAt = performance.now();
    socket.write(answered === 1 ? create : answered % 2 === 0 ? set : get);
  };
  const onFrame = (payload: Buffer): void => {
    answered += 1;
    if (answered > 2) {
      if (payload.readInt32BE(12) !== 0) throw new Error(`refused with ${payload.readInt32BE(12)}`);
      latencies.push(performance.now() - sentAt);
    }
    setTimeout(next, answered === 1 ? 0 : paceMs);
  };
  socket.on('connect', () => socket.write(handshake));
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) {
      const end = 4 + received.readInt32BE(0);
      onFrame(received.subarray(4, end));
      received = received.subarray(end);
    }
  });
  socket.on('close', () => {
    throw new Error(`the server dropped the healthy client after ${answered} answers`);
  });
  parentPort?.on('message', () => {
    parentPort.postMessage(latencies);
    latencies = [];
  });
}

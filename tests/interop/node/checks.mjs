/** The peers' side of the report: one JSON line per check, and wishes to the harness. */
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

export const port = Number(process.env.PEER_PORT);
export const proxyPort = Number(process.env.PEER_PROXY_PORT);

const PATIENCE_MS = 15_000;

/** The foreign modules lie in the cache, not beside this file. */
export const foreign = createRequire(`${process.env.PEER_MODULES}/`);

const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

function emit(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

/** A check passes unless its body throws; either way the program goes on. */
export async function check(name, body) {
  try {
    await within(body());
    emit({ name, ok: true, detail: '' });
  } catch (error) {
    emit({ name, ok: false, detail: String(error?.stack ?? error).slice(0, 1500) });
  }
}

/** Waits for something that the server brings about. */
export async function eventually(what, fact) {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await fact())) {
    if (Date.now() > deadline) throw new Error(`did not happen in ${PATIENCE_MS} ms: ${what}`);
    await new Promise((wake) => setTimeout(wake, 10));
  }
}

/** Asks the harness for a fault and waits until it has happened. */
export async function ask(wish) {
  emit({ ask: wish });
  const { value } = await answers.next();
  if (value !== 'done') throw new Error(`the harness did not answer to ${wish}`);
}

function within(promise) {
  let timer;
  const late = new Promise((_, fail) => {
    timer = setTimeout(() => fail(new Error('the check hangs')), 2 * PATIENCE_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

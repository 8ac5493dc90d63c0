/** What a server owes its operator when it gives up: an exit code that says so and a sentence. */
import { expect } from 'vitest';
import type { ServerProcess } from '../support/server.ts';

const STOP_PATIENCE_MS = 20_000;

/** Waits for the server to end by itself and checks how it did; gives back what it said. */
export async function expectStopped(server: ServerProcess, sentence: RegExp): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'still running'>((done) => {
    timer = setTimeout(() => done('still running'), STOP_PATIENCE_MS);
  });
  const outcome = await Promise.race([server.exited, late]);
  clearTimeout(timer);
  const said = await server.stderr();
  expect(outcome, `stderr: ${said.slice(-2000)}`).not.toBe('still running');
  // A signal, which would be a crash, shows as -1. Apache may say 0 after a failed sync, which lets
  // a supervisor believe that somebody wanted it to stop.
  const lowestCode = server.product === 'zabra' ? 1 : 0;
  expect(outcome, `stderr: ${said.slice(-2000)}`).toBeGreaterThanOrEqual(lowestCode);
  expect(said).toMatch(sentence);
  // An operator is told what happened, not which function it happened in.
  if (server.product === 'zabra') expect(said).not.toMatch(/^\s+at .*\(.*:\d+:\d+\)$/m);
  return said;
}

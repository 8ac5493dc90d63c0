/** Runs the tests that name a bug while a mutant brings it back. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Mutant } from './mutant.ts';
import { filesNaming } from './named-tests.ts';
import { root } from './plant.ts';

/** What vitest's reporter writes, as far as it is read here. */
interface Results {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** Longer than tests take on a machine that is busy with other things. */
const PATIENCE_MS = 240_000;

export interface Proof {
  /** Names of the tests that name one of its bugs. */
  readonly red: readonly string[];
  readonly green: readonly string[];
}

export async function prove(mutant: Mutant): Promise<Proof> {
  const files = filesNaming();
  const wanted = new Set(mutant.brings.flatMap((id) => [...(files.get(id) ?? [])]));
  if (wanted.size === 0) return { red: [], green: [] };
  const directory = await mkdtemp(join(tmpdir(), 'zabra-proof-'));
  try {
    const output = join(directory, 'results.json');
    await vitest(mutant, [...wanted], output);
    return proofIn(JSON.parse(await readFile(output, 'utf8')) as Results, mutant.brings);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function vitest(mutant: Mutant, files: readonly string[], output: string): Promise<void> {
  const names = mutant.brings.join('|');
  const args = [
    join(root, 'node_modules/vitest/vitest.mjs'),
    ...['run', '--config', 'tests/mutants/vitest.config.ts'],
    ...['--reporter=json', `--outputFile=${output}`, '-t', names],
    ...files,
  ];
  const env = { ...process.env, ZABRA_MUTANT: mutant.id };
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      env,
      stdio: 'ignore',
      detached: true,
    });
    const watch = setTimeout(() => {
      process.kill(-child.pid!, 'SIGKILL');
      reject(new Error(`with ${mutant.id}, a test never ends: choose an edit with which it does`));
    }, PATIENCE_MS);
    child.on('error', reject);
    child.on('close', () => {
      clearTimeout(watch);
      resolve();
    });
  });
}

function proofIn({ testResults }: Results, ids: readonly string[]): Proof {
  const named = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ fullName, status }) => {
      return (
        status !== 'skipped' && status !== 'pending' && ids.some((id) => fullName.includes(id))
      );
    });
  const of = (isRed: boolean): string[] =>
    named.filter(({ status }) => (status === 'failed') === isRed).map(({ fullName }) => fullName);
  return { red: of(true), green: of(false) };
}

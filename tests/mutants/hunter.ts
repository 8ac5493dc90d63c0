/** Looks for a mutant: bundles the worlds with it in them and lives through seeds of each. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import type { Mutant, World } from './mutant.ts';
import { planter } from './plant.ts';
import type { Objection } from './worlds.ts';

const SEEDS_MAX = 2000;
/** A world that takes so much longer than any other never ends, which is as good as an objection. */
const PATIENCE_MS = 60_000;

export interface Find extends Objection {
  readonly world: World;
  /** How many it took, the one that found it included. */
  readonly seeds: number;
}

/** The first objection to a mutant; null where no world objects. */
export async function hunt(mutant: Mutant, seedsMax: number = SEEDS_MAX): Promise<Find | null> {
  const directory = await mkdtemp(join(tmpdir(), 'zabra-mutant-'));
  try {
    const program = join(directory, 'hunt.mjs');
    await bundle(mutant, program);
    for (const world of mutant.worlds) {
      const found = await live(program, world, seedsMax);
      if (found !== null) return found;
    }
    return null;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function bundle(mutant: Mutant, file: string): Promise<void> {
  const build = await rolldown({
    input: fileURLToPath(new URL('hunt.ts', import.meta.url)),
    platform: 'node',
    resolve: { conditionNames: ['source', 'node', 'import', 'module', 'default'] },
    plugins: [planter(mutant)],
  });
  try {
    await build.write({ file, format: 'esm', codeSplitting: false });
  } finally {
    await build.close();
  }
}

async function live(program: string, world: World, seedsMax: number): Promise<Find | null> {
  const child = spawn(process.execPath, [program, world, '1', `${seedsMax}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let isHung = false;
  const watch = setTimeout(() => {
    isHung = true;
    child.kill('SIGKILL');
  }, PATIENCE_MS);
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  let seeds = 0;
  let objection: Objection | null = null;
  for await (const line of createInterface({ input: child.stdout })) {
    watch.refresh();
    seeds += 1;
    objection = JSON.parse(line) as Objection | null;
  }
  clearTimeout(watch);
  const code = await ended;
  if (isHung) return { world, seeds: seeds + 1, check: 'hang', what: 'the world never ends' };
  if (code !== 0) throw new Error(`the worlds with the mutant ended with exit code ${code}`);
  return objection === null ? null : { ...objection, world, seeds };
}

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
  readonly seed: number;
}

/** The sources as they are. */
const sound: Mutant = { id: 'none', brings: [], does: 'does nothing wrong', worlds: [], edits: [] };

/** The first objection to a mutant; null where no world objects. */
export async function hunt(mutant: Mutant, seedsMax: number = SEEDS_MAX): Promise<Find | null> {
  const directory = await mkdtemp(join(tmpdir(), 'zabra-mutant-'));
  try {
    const program = join(directory, 'hunt.mjs');
    const control = join(directory, 'control.mjs');
    await bundle(mutant, program);
    for (const world of mutant.worlds) {
      for (let first = 1; first <= seedsMax; ) {
        const found = await live(program, world, first, seedsMax);
        if (found === null) break;
        await bundle(sound, control);
        // What is objected to without the mutant as well is none of its doing.
        if ((await live(control, world, found.seed, found.seed)) === null) return found;
        first = found.seed + 1;
      }
    }
    return null;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The first objection to the sources as they are; null where there is none. */
export async function control(world: World, seedsMax: number): Promise<Find | null> {
  const directory = await mkdtemp(join(tmpdir(), 'zabra-control-'));
  try {
    const program = join(directory, 'hunt.mjs');
    await bundle(sound, program);
    return await live(program, world, 1, seedsMax);
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

async function live(
  program: string,
  world: World,
  first: number,
  last: number,
): Promise<Find | null> {
  const child = spawn(process.execPath, [program, world, `${first}`, `${last}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let isHung = false;
  const watch = setTimeout(() => {
    isHung = true;
    child.kill('SIGKILL');
  }, PATIENCE_MS);
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  let seed = first - 1;
  let objection: Objection | null = null;
  for await (const line of createInterface({ input: child.stdout })) {
    watch.refresh();
    seed += 1;
    objection = JSON.parse(line) as Objection | null;
  }
  clearTimeout(watch);
  const code = await ended;
  if (isHung) return { world, seed: seed + 1, check: 'hang', what: 'the world never ends' };
  if (code !== 0) throw new Error(`the worlds with the mutant ended with exit code ${code}`);
  return objection === null ? null : { ...objection, world, seed };
}

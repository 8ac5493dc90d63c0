/**
 * A program of its own, bundled with a mutant's edits made: `node hunt.js <world> <first> <last>` lives
 * through seeds until something objects. Each line it says is JSON: a seed that was lived through
 * without objection as `null`, the objection as an object.
 */
import { stdout } from 'node:process';
import type { World } from './mutant.ts';
import { type Objection, objectionOf, worlds } from './worlds.ts';

const [, , world, first, last] = process.argv;
const live = worlds[world as World];

function objectionTo(seed: number): Objection | null {
  try {
    return live(seed);
  } catch (cause) {
    return objectionOf(cause);
  }
}

for (let seed = Number(first); seed <= Number(last); seed += 1) {
  const objection = objectionTo(seed);
  stdout.write(`${JSON.stringify(objection)}\n`);
  if (objection !== null) break;
}

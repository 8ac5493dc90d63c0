/**
 * Each mutant is found: worlds with it in them are lived through until something objects, 2,000 seeds
 * of each at most. In small counts a few of them are tried, one of each kind.
 */
import { stdout } from 'node:process';
import { afterAll, describe, expect, test } from 'vitest';
import { mutants } from './catalogue.ts';
import { control, type Find, hunt } from './hunter.ts';
import type { Mutant } from './mutant.ts';

const isFull = process.env.ZABRA_COUNTS === 'full';
const PATIENCE_MS = 3_600_000;
const SOUND_SEEDS = isFull ? 100 : 10;
const few: readonly string[] = [
  'acknowledge-before-it-is-synced',
  'commit-by-one-less-than-a-majority',
  'skip-the-cut-of-a-dead-branch',
  'elect-while-the-disk-is-at-work',
  'elect-without-regard-to-logs',
];

const hunted = mutants.filter(
  ({ id, worlds }) => worlds.length > 0 && (isFull || few.includes(id)),
);
const worlds = [...new Set(hunted.flatMap((mutant) => mutant.worlds))];
const finds = new Map<Mutant, Find | null>();

describe('where nothing is wrong', () => {
  test.each(worlds)(
    'nothing objects in the world of %s',
    { timeout: PATIENCE_MS },
    async (world) => {
      expect(await control(world, SOUND_SEEDS)).toBeNull();
    },
  );
});

describe('a mutant that', () => {
  test.each(hunted)('$does is found ($id)', { timeout: PATIENCE_MS }, async (mutant) => {
    const find = await hunt(mutant);
    finds.set(mutant, find);
    expect(find).not.toBeNull();
  });
});

afterAll(() => {
  stdout.write('\nmutant | found by | in the world of | seeds to find\n');
  for (const [{ id }, find] of finds) {
    const told = find === null ? 'nobody' : `${find.check} | ${find.world} | ${find.seed}`;
    stdout.write(`${id} | ${told}\n`);
  }
});

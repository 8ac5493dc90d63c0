/**
 * Each test that names a bug of docs/internals/faults.md fails where a mutant brings that bug back. In
 * small counts a few mutants are tried.
 */
import { stdout } from 'node:process';
import { afterAll, describe, expect, test } from 'vitest';
import { mutants } from './catalogue.ts';
import { type Proof, prove } from './proof.ts';

const isFull = process.env.ZABRA_COUNTS === 'full';
const PATIENCE_MS = 600_000;
const few: readonly string[] = ['swear-before-the-history-is-synced', 'take-what-leaves-a-hole'];

const bringing = mutants.filter(
  ({ id, brings }) => brings.length > 0 && (isFull || few.includes(id)),
);
const proofs = new Map<string, Proof>();

describe('the tests of a bug', () => {
  test.each(bringing)('$brings fail with $id', { timeout: PATIENCE_MS }, async (mutant) => {
    const proof = await prove(mutant);
    proofs.set(mutant.id, proof);
    for (const id of mutant.brings) {
      expect(
        proof.red.filter((name) => name.includes(id)),
        id,
      ).not.toEqual([]);
    }
  });

  test('fail each with one mutant at least', () => {
    if (!isFull) return;
    const red = new Set([...proofs.values()].flatMap((proof) => proof.red));
    const green = new Set([...proofs.values()].flatMap((proof) => proof.green));
    expect([...green].filter((name) => !red.has(name))).toEqual([]);
  });
});

afterAll(() => {
  for (const [id, { red, green }] of proofs) {
    stdout.write(`\n${id}\n`);
    for (const name of red) stdout.write(`  red    ${name}\n`);
    for (const name of green) stdout.write(`  green  ${name}\n`);
  }
});

/** What members of an ensemble owe each other: the same tree, with everything that was acknowledged. */
import { expect } from 'vitest';
import type { Ensemble } from './ensemble.ts';

const PATIENCE = { timeout: 20_000, interval: 100 };

export function expectRoles(
  ensemble: Ensemble,
  followers: number,
  { timeout }: { readonly timeout: number } = PATIENCE,
): Promise<void> {
  const wanted = [...Array.from({ length: followers }, () => 'follower'), 'leader'];
  const roles = (): Promise<string[]> =>
    Promise.all(ensemble.running.map((id) => ensemble.roleOf(id)));
  return expect.poll(async () => (await roles()).sort(), { ...PATIENCE, timeout }).toEqual(wanted);
}

/** All that run have come to the same transaction, and have the same nodes with the same Stats. */
export async function expectAgreement(ensemble: Ensemble, paths: readonly string[]): Promise<void> {
  const zxids = (): Promise<string[]> =>
    Promise.all(ensemble.running.map((id) => ensemble.zxidOf(id)));
  await expect.poll(async () => new Set(await zxids()).size, PATIENCE).toBe(1);
  const [first = 0, ...others] = ensemble.running;
  const tree = await ensemble.tree(first);
  expect(tree.map(({ path }) => path)).toEqual(expect.arrayContaining([...paths]));
  for (const id of others) {
    await expect.poll(() => ensemble.tree(id), PATIENCE).toEqual(tree);
  }
}

/**
 * What is left of an ensemble when all is said and done: everything that its members' clients can
 * see, and what the members say of their digests, taken while they run and kept in files beside their
 * data, so that a history can be judged again long after they have ended.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ensemble } from '../ensemble/ensemble.ts';
import type { DescribedNode } from '../faults/tree-reader.ts';

export interface Finding {
  readonly member: number;
  readonly product: string;
  readonly tree: readonly DescribedNode[];
  /** By zxid, as the member says it. */
  readonly digests: Readonly<Record<string, string>>;
  /** How often it has found a digest to be another than the leader's. */
  readonly mismatches: number;
}

const fileOf = (root: string): string => join(root, 'findings.json');

export async function takeFindings(ensemble: Ensemble): Promise<void> {
  const findings = await Promise.all(
    ensemble.ids.map(async (member): Promise<Finding> => {
      const lines = (await ensemble.word(member, 'hash')).trim().split('\n');
      const mntr = await ensemble.word(member, 'mntr');
      return {
        member,
        product: ensemble.productOf(member),
        tree: await ensemble.tree(member),
        digests: Object.fromEntries(lines.map((line) => line.split(': '))),
        mismatches: Number(/^zk_digest_mismatches_count\t(\d+)/m.exec(mntr)?.[1] ?? 0),
      };
    }),
  );
  await writeFile(fileOf(ensemble.root), JSON.stringify(findings));
}

export async function readFindings(root: string): Promise<readonly Finding[]> {
  return JSON.parse(await readFile(fileOf(root), 'utf8')) as Finding[];
}

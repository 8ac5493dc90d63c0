/** Whether what was found in the end is what the transactions lead to, and the same on all members. */
import type { ModelTree } from '@zabra/sim/checkers';
import type { Finding } from './findings.ts';

const TOLD_MAX = 3;
/** Who owns containers; clients are told of nobody. */
const CONTAINER = 1n << 63n;

export function judgeFindings(findings: readonly Finding[], model: ModelTree): string[] {
  const expected = describe(model);
  return [
    ...findings.flatMap((finding) => differences(finding, expected).slice(0, TOLD_MAX)),
    ...findings
      .filter(({ product, mismatches }) => mismatches > 0 && !isApaches(product))
      .map(({ member, mismatches }) => `member ${member} met ${mismatches} wrong digests`),
    ...digestsApart(findings),
  ];
}

/**
 * Of Apache's members alone, to be told and not judged: one that gets in step while much is written may
 * lose its place, log a record behind later ones, and wonder at its digest when it reads its log again.
 */
export function strayDigests(findings: readonly Finding[]): number {
  return findings
    .filter(({ product }) => isApaches(product))
    .reduce((sum, { mismatches }) => sum + mismatches, 0);
}

function isApaches(product: string): boolean {
  return product.startsWith('apache');
}

/** By path, everything about a node in a line. */
function describe(model: ModelTree): ReadonlyMap<string, string> {
  const lines = new Map<string, string>();
  for (const [path, { data, stat }] of model.nodes) {
    if (path.startsWith('/zookeeper')) continue;
    const children = model.childrenOf(path).length;
    const owner = BigInt.asUintN(64, stat.ephemeralOwner);
    const told = {
      ...stat,
      // Clients are told of creations and deletions together.
      cversion: stat.cversion * 2 - children,
      ephemeralOwner: owner === CONTAINER ? 0n : owner,
      dataLength: data?.length ?? 0,
      numChildren: children,
    };
    lines.set(path, lineOf(data === null ? null : Buffer.from(data).toString('base64'), told));
  }
  return lines;
}

function lineOf(data: string | null, stat: Readonly<Record<string, unknown>>): string {
  const fields = Object.entries(stat).map(([name, value]) => `${name} ${BigInt(`${value}`)}`);
  return `${data} ${fields.sort().join(', ')}`;
}

function differences({ member, tree }: Finding, expected: ReadonlyMap<string, string>): string[] {
  const told: string[] = [];
  const found = new Set<string>();
  for (const { path, data, stat } of tree) {
    if (path.startsWith('/zookeeper')) continue;
    found.add(path);
    const line = lineOf(data, stat);
    const wanted = expected.get(path);
    if (wanted === undefined) told.push(`member ${member} has ${path}, which should not be there`);
    else if (line !== wanted) told.push(`member ${member} has ${path} as ${line}, not ${wanted}`);
  }
  for (const path of expected.keys()) {
    if (!found.has(path)) told.push(`member ${member} lacks ${path}`);
  }
  return told;
}

function digestsApart(findings: readonly Finding[]): string[] {
  const violations: string[] = [];
  const first = new Map<string, { readonly member: number; readonly digest: string }>();
  for (const { member, digests } of findings) {
    for (const [zxid, digest] of Object.entries(digests)) {
      const known = first.get(zxid);
      if (known === undefined) first.set(zxid, { member, digest });
      else if (known.digest !== digest) {
        violations.push(`members ${known.member} and ${member} have other digests at ${zxid}`);
      }
    }
  }
  return violations;
}

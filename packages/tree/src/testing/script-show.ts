/** What scripts may look at besides answers: the tree, the books, the last transaction. */
import {
  type Acl,
  assert,
  errorName,
  formatZxid,
  Opcode,
  type PartTxn,
  type TxnRecord,
} from '@zabra/wire';
import { Field, OwnerKind, ownerKind, ttlMsOf } from '../record.ts';
import { WatchKind } from '../watches/watch-kind.ts';
import { rowsOf, statOf } from './dump.ts';
import { formatAcl, formatData, formatOwner, formatStat, quote } from './script-format.ts';
import type { Client, World } from './world.ts';

/** The Stat of a node as clients see it, and what is stored instead where that differs. */
export function showStat(world: World, path: string): string[] {
  const { tree } = world;
  const row = tree.findPath(path);
  if (row < 0) return [`stat ${quote(path)} -> missing`];
  const { high, low } = tree.ownerOf(row);
  const owner = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
  const stored = `stored cversion=${tree.field(row, Field.Cversion)}`;
  return [
    `stat ${quote(path)} -> ${formatStat(world, statOf(tree, row))}`,
    `  ${stored} owner=${formatOwner(world, owner)}`,
  ];
}

/** Every node outside /zookeeper, sorted, with its data and what kind it is. */
export function showTree(world: World): string[] {
  const { tree } = world;
  const lines: string[] = [];
  for (const row of rowsOf(tree)) {
    const path = tree.pathOf(row);
    if (path === '/' || path.startsWith('/zookeeper')) continue;
    lines.push(`${quote(path)} ${formatData(tree.dataOf(row))}${kindOf(world, row)}`);
  }
  return lines.length === 0 ? ['nothing'] : lines.sort();
}

function kindOf(world: World, row: number): string {
  const { high, low } = world.tree.ownerOf(row);
  switch (ownerKind(high, low, world.tree.extendedTypes)) {
    case OwnerKind.Session:
      return ` of ${formatOwner(world, (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0))}`;
    case OwnerKind.Container:
      return ' (container)';
    case OwnerKind.Ttl:
      return ` (ttl ${ttlMsOf(high, low)})`;
    default:
      return '';
  }
}

const kindNames: readonly (readonly [kind: number, name: string])[] = [
  [WatchKind.Data, 'data'],
  [WatchKind.Child, 'child'],
  [WatchKind.Persistent, 'persistent'],
  [WatchKind.Recursive, 'recursive'],
];

/** Who watches what. */
export function showWatches({ watches }: World): string[] {
  const lines: string[] = [];
  for (const { path, watchers } of watches.list()) {
    const name = path.length === 0 ? '""' : String.fromCharCode(...path);
    for (const [client, kinds] of watchers) {
      const names = kindNames.filter(([kind]) => (kinds & kind) !== 0).map(([, name]) => name);
      lines.push(`${(client as Client).name} watches ${name}: ${names.join(', ')}`);
    }
  }
  return lines.length === 0 ? ['nobody watches anything'] : lines.sort();
}

/** The lists in use, by key, with how many nodes hold each. */
export function showLists(world: World): string[] {
  return [...world.tree.acls.lists()].map(({ key, references, entries }) => {
    const acl = entries.map(
      ({ permissions, scheme, id }): Acl => ({ perms: permissions, id: { scheme, id } }),
    );
    return `list ${key} of ${references}: ${formatAcl(acl)}`;
  });
}

export function showQuotas(world: World): string[] {
  const lines = [...world.quotas.reports()].map(({ path, limits, count, bytes }) => {
    const { countHard, bytesHard } = limits;
    const soft = `${limits.count}/${limits.bytes}`;
    return `quota ${path} -> ${count}/${bytes} of ${soft}, hard ${countHard}/${bytesHard}`;
  });
  const exceeded = [...world.quotas.exceeded].map((path) => `exceeded ${path}`);
  return lines.length === 0 ? ['no quota'] : [...lines.sort(), ...exceeded];
}

/** Sizes that monitors are told. */
export function showCounts({ tree }: World): string {
  const { nodeCount, ephemeralCount, contentBytes, containers, ttlNodes } = tree;
  const kinds = `${ephemeralCount} ephemeral, ${containers.size} containers, ${ttlNodes.size} ttl`;
  return `counts -> ${nodeCount} nodes, ${contentBytes} bytes, ${kinds}`;
}

/** The transaction prepared last, as the log has it. */
export function showTransaction(world: World): string[] {
  const { header, record, digest } = world.decodeLastTransaction();
  const owner = formatOwner(world, header.clientId);
  const end = digest === null ? 'no digest' : 'digest';
  const head = `zxid ${formatZxid(header.zxid)} of ${owner} at ${header.time}`;
  if (record.type !== Opcode.Multi) {
    return [`txn -> ${head}: ${formatRecord(record)}, ${end}`];
  }
  const parts = record.body.txns.map((txn) => `  ${formatRecord(txn)}`);
  return [`txn -> ${head}: multi, ${end}`, ...parts];
}

const recordNames: ReadonlyMap<number, string> = new Map(
  Object.entries(Opcode).map(([name, opcode]) => [opcode, name]),
);

function formatRecord(record: TxnRecord | PartTxn): string {
  const name = recordNames.get(record.type) ?? `type ${record.type}`;
  if (record.type === Opcode.Error) return `${name} ${errorName(record.body.err)}`;
  assert(record.type !== Opcode.Multi, 'multis do not nest');
  const fields = Object.entries(record.body).map(
    ([key, value]) => `${key}=${formatField(key, value)}`,
  );
  return `${name} ${fields.join(' ')}`;
}

function formatField(key: string, value: unknown): string {
  if (key === 'acl') return formatAcl(value as readonly Acl[] | null);
  if (key === 'data') return formatData(value as Uint8Array | null);
  if (key === 'path') return quote(value as string);
  return Array.isArray(value) ? `[${value.join(', ')}]` : `${value}`;
}

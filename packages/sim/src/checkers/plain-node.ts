/**
 * A node as a plain value, however it is kept: in a server's tree, in a snapshot file, in a model.
 * Only in this form are they compared.
 */
import { Field, ROOT_ROW, type Tree } from '@zabra/tree';
import {
  type Acl,
  CRC32_START,
  crc32Extend,
  crc32Finish,
  encodeUtf8,
  formatPermissions,
  JuteWriter,
  type PersistedStat,
  type Snapshot,
} from '@zabra/wire';

export interface PlainNode {
  readonly data: Uint8Array | null;
  readonly acl: readonly Acl[];
  /** As it is stored, with the owner unsigned. */
  readonly stat: PersistedStat;
}

export type PlainTree = ReadonlyMap<string, PlainNode>;

/** What a transaction or an ACL cache means by its key for the open list. */
const OPEN: readonly Acl[] = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];
const OPEN_KEY = -1n;
const STAT_FIELDS = [
  'czxid',
  'mzxid',
  'ctime',
  'mtime',
  'version',
  'cversion',
  'aversion',
  'ephemeralOwner',
  'pzxid',
] as const satisfies readonly (keyof PersistedStat)[];

export function plainTree(tree: Tree): PlainTree {
  const nodes = new Map<string, PlainNode>();
  const rows = [ROOT_ROW];
  for (let row = rows.pop(); row !== undefined; row = rows.pop()) {
    nodes.set(tree.pathOf(row), plainNode(tree, row));
    tree.forEachChild(row, (child) => rows.push(child));
  }
  return nodes;
}

function plainNode(tree: Tree, row: number): PlainNode {
  const long = (field: number): bigint => tree.viewOf(row).getBigInt64(tree.offsetOf(row) + field);
  const acl = tree
    .aclOf(row)
    .entries.map(({ permissions, scheme, id }) => ({ perms: permissions, id: { scheme, id } }));
  const stat = {
    czxid: long(Field.Czxid),
    mzxid: long(Field.Mzxid),
    ctime: long(Field.Ctime),
    mtime: long(Field.Mtime),
    version: tree.field(row, Field.Version),
    cversion: tree.field(row, Field.Cversion),
    aversion: tree.field(row, Field.Aversion),
    ephemeralOwner: long(Field.Owner),
    pzxid: long(Field.Pzxid),
  };
  return { data: tree.dataOf(row), acl, stat: stat as PersistedStat };
}

export function plainSnapshot(snapshot: Snapshot): PlainTree {
  const lists = new Map(snapshot.acls.map(({ key, acl }) => [key, acl]));
  return new Map(
    snapshot.nodes.map(({ path, data, aclKey, stat }) => {
      const acl = aclKey === OPEN_KEY ? OPEN : (lists.get(aclKey) ?? []);
      return [path === '' ? '/' : path, { data, acl, stat }];
    }),
  );
}

/** Everything about a node in a line, for comparing and for telling. */
function describeNode({ data, acl, stat }: PlainNode): string {
  const lists = acl.map(({ perms, id }) => `${id.scheme}:${id.id}:${formatPermissions(perms)}`);
  const stats = Object.values(stat).map(String);
  return `${data === null ? 'null' : data.join('.')} [${lists.join()}] ${stats.join(' ')}`;
}

/** Enough to say that they are the same, not that they differ. */
function isAlike(one: PlainNode, other: PlainNode): boolean {
  return (
    one.data?.length === other.data?.length &&
    (one.data?.every((byte, i) => byte === other.data![i]) ?? true) &&
    one.acl.length === other.acl.length &&
    one.acl.every(({ perms, id }, i) => {
      const { perms: otherPerms, id: otherId } = other.acl[i]!;
      return perms === otherPerms && id.scheme === otherId.scheme && id.id === otherId.id;
    }) &&
    STAT_FIELDS.every((field) => one.stat[field] === other.stat[field])
  );
}

/** Where two trees differ, in words; empty where they do not. */
export function differences(found: PlainTree, expected: PlainTree): string[] {
  const told: string[] = [];
  for (const [path, node] of expected) {
    const other = found.get(path);
    if (other === undefined) told.push(`${path} is missing`);
    else if (!isAlike(other, node) && describeNode(other) !== describeNode(node)) {
      told.push(`${path} is ${describeNode(other)} and should be ${describeNode(node)}`);
    }
  }
  for (const path of found.keys())
    if (!expected.has(path)) told.push(`${path} should not be there`);
  return told;
}

/** The tree digest, made again from nothing. */
export function digestOf(tree: PlainTree): bigint {
  let sum = 0n;
  const writer = new JuteWriter();
  for (const [path, { data, stat }] of tree) {
    if (path.startsWith('/zookeeper/')) continue;
    writer.position = 0;
    for (const byte of encodeUtf8(path === '/' ? '' : path)) writer.byte(byte);
    for (const byte of data ?? []) writer.byte(byte);
    for (const long of [stat.czxid, stat.mzxid, stat.pzxid, stat.ctime, stat.mtime]) {
      writer.long(long);
    }
    for (const int of [stat.version, stat.cversion, stat.aversion]) writer.int(int);
    writer.long(stat.ephemeralOwner);
    sum += BigInt(crc32Finish(crc32Extend(CRC32_START, writer.view, 0, writer.position)));
  }
  return BigInt.asUintN(64, sum);
}

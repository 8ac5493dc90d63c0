/**
 * A tree and a model as texts that can be compared, and the tree's own books held against each
 * other: links, counters, the index, the holders of every access control list, and the digest, made
 * again from nothing by a checksum that goes bit by bit.
 */
import { assert, decodeStat, encodeUtf8, JuteReader, JuteWriter, type Stat } from '@zabra/wire';
import { Field, OwnerKind, ownerKind, STAT_BYTES } from '../record.ts';
import { ROOT_ROW, type Tree } from '../tree.ts';
import { type ModelNode, type ModelState, modelDescendants, modelStat } from './model.ts';

/** One line for every node, by path. */
export type Dump = ReadonlyMap<string, string>;

export function dumpTree(tree: Tree): Dump {
  const dump = new Map<string, string>();
  for (const row of rowsOf(tree)) dump.set(tree.pathOf(row), dumpRow(tree, row));
  return dump;
}

/** Every row from the root, parents before children. */
export function* rowsOf(tree: Tree): Generator<number> {
  const rows = [ROOT_ROW];
  for (let row = rows.pop(); row !== undefined; row = rows.pop()) {
    yield row;
    tree.forEachChild(row, (child) => rows.push(child));
  }
}

export function dumpModel(state: ModelState, extendedTypes: boolean): Dump {
  const dump = new Map<string, string>();
  for (const [path, node] of state) {
    const descendants = modelDescendants(state, path);
    dump.set(path, line(node, modelStat(state, path, extendedTypes), descendants));
  }
  return dump;
}

function dumpRow(tree: Tree, row: number): string {
  const long = (field: number): bigint => tree.viewOf(row).getBigInt64(tree.offsetOf(row) + field);
  const entries = tree.aclOf(row).entries;
  const node: ModelNode = {
    data: tree.dataOf(row),
    acl: entries.map(({ permissions, scheme, id }) => ({ perms: permissions, id: { scheme, id } })),
    czxid: long(Field.Czxid),
    mzxid: long(Field.Mzxid),
    pzxid: long(Field.Pzxid),
    ctime: long(Field.Ctime),
    mtime: long(Field.Mtime),
    version: tree.field(row, Field.Version),
    cversion: tree.field(row, Field.Cversion),
    aversion: tree.field(row, Field.Aversion),
    owner: BigInt.asUintN(64, long(Field.Owner)),
  };
  return line(node, statOf(tree, row), tree.field(row, Field.Descendants));
}

/** What a client is sent. */
export function statOf(tree: Tree, row: number): Stat {
  const view = tree.viewOf(row);
  const at = tree.offsetOf(row);
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at, STAT_BYTES);
  const stat = decodeStat(JuteReader.over(bytes));
  assert(stat !== null, 'a record begins with a Stat');
  return stat;
}

function line(node: ModelNode, stat: Stat, descendants: number): string {
  const data = node.data === null ? 'null' : hex(node.data);
  const acl = node.acl.map(({ perms, id }) => `${id.scheme}:${id.id}:${perms}`).join(',');
  const stored = `cversion=${node.cversion} owner=${node.owner.toString(16)}`;
  const visible = Object.entries(stat).map(([name, value]) => `${name}=${value}`);
  return `${data} [${acl}] ${stored} | ${visible.join(' ')} | below=${descendants}`;
}

function hex(bytes: Uint8Array): string {
  if (bytes.length > 64) return `${bytes.length} bytes of ${bytes[0]}`;
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Whatever the tree says of itself must follow from its nodes. */
export function checkBooks(tree: Tree): void {
  let nodeCount = 0;
  let contentBytes = 0;
  let ephemeralCount = 0;
  const holders = new Map<number, number>();
  for (const row of rowsOf(tree)) {
    nodeCount += 1;
    const path = tree.pathOf(row);
    assert(tree.findPath(path) === row, `${path} is found where it is`);
    contentBytes +=
      tree.field(row, Field.DataLength) + (row === ROOT_ROW ? 0 : tree.pathLength(row));
    const key = tree.field(row, Field.AclKey);
    holders.set(key, (holders.get(key) ?? 0) + 1);
    checkChildren(tree, row);
    if (checkOwner(tree, row) === OwnerKind.Session) ephemeralCount += 1;
  }
  assert(tree.nodeCount === nodeCount, `${nodeCount} nodes are counted`);
  assert(tree.contentBytes === contentBytes, `${contentBytes} bytes of content are counted`);
  assert(tree.ephemeralCount === ephemeralCount, `${ephemeralCount} ephemerals are counted`);
  for (const list of tree.acls.lists()) {
    const held = holders.get(list.key) ?? 0;
    assert(list.references === held, `list ${list.key} has ${held} holders: ${list.references}`);
  }
  assert(tree.digest.toBigInt() === naiveDigest(tree), 'the digest is the sum over the nodes');
}

function checkChildren(tree: Tree, row: number): void {
  let previous = 0;
  let count = 0;
  tree.forEachChild(row, (child) => {
    assert(tree.field(child, Field.Parent) === row, 'a child knows its parent');
    assert(tree.field(child, Field.PreviousSibling) === previous, 'siblings know each other');
    previous = child + 1;
    count += 1;
  });
  assert(tree.field(row, Field.NumChildren) === count, `${count} children are counted`);
}

function checkOwner(tree: Tree, row: number): number {
  const { high, low } = tree.ownerOf(row);
  const kind = ownerKind(high, low, tree.extendedTypes);
  assert(tree.containers.has(row) === (kind === OwnerKind.Container), 'containers are listed');
  assert(tree.ttlNodes.has(row) === (kind === OwnerKind.Ttl), 'TTL nodes are listed');
  const listed = tree.ephemerals.get(high, low)?.has(row) ?? false;
  assert(listed === (kind === OwnerKind.Session), 'ephemerals are listed by session');
  return kind;
}

/** The sum over all nodes, from their contents alone. */
function naiveDigest(tree: Tree): bigint {
  let sum = 0n;
  for (const row of rowsOf(tree)) {
    const path = tree.pathOf(row);
    if (path.startsWith('/zookeeper/')) continue;
    const writer = new JuteWriter();
    const raw = (bytes: Uint8Array): void => {
      for (const byte of bytes) writer.byte(byte);
    };
    raw(encodeUtf8(path === '/' ? '' : path));
    raw(tree.dataOf(row) ?? new Uint8Array(0));
    const view = tree.viewOf(row);
    const at = tree.offsetOf(row);
    for (const field of [Field.Czxid, Field.Mzxid, Field.Pzxid, Field.Ctime, Field.Mtime]) {
      writer.long(view.getBigInt64(at + field));
    }
    for (const field of [Field.Version, Field.Cversion, Field.Aversion]) {
      writer.int(view.getInt32(at + field));
    }
    writer.long(view.getBigInt64(at + Field.Owner));
    sum += BigInt(naiveCrc32(writer.finish()));
  }
  return BigInt.asUintN(64, sum);
}

function naiveCrc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

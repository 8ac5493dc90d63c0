/**
 * Data directories of Apache ZooKeeper 3.8.0: from each snapshot that can be read, and from none,
 * the logs behind it must lead to the tree that Apache showed, by way of the digests it logged.
 */
import { gunzipSync } from 'node:zlib';
import { readLogRecords } from '@zabra/wire';
import { describe, expect, test } from 'vitest';
import {
  goldenDataDirFacts,
  goldenDataDirFiles,
  goldenDataDirs,
} from '../../../tests/support/data-dirs.ts';
import { Application } from './application.ts';
import { applyTransaction, DigestCheck, TXN_HEADER_BYTES, TxnField } from './apply.ts';
import { createFreshTree } from './fresh-tree.ts';
import { QuotaTable } from './quota/quota-table.ts';
import { SessionTable } from './sessions/session-table.ts';
import { SnapshotReader } from './snapshot/snapshot-reader.ts';
import { SnapshotWriter } from './snapshot/snapshot-writer.ts';
import { checkBooks, rowsOf, statOf } from './testing/dump.ts';
import { HASH_KEY } from './testing/world.ts';
import { Tree } from './tree.ts';
import { WatchTable } from './watches/watch-table.ts';

interface NodeFacts {
  readonly path: string;
  /** base64, or null for null. */
  readonly data: string | null;
  readonly stat: Readonly<Record<string, number | string>>;
  readonly acl: readonly { readonly perms: number; readonly scheme: string; readonly id: string }[];
}

interface DirectoryFacts {
  readonly apacheStarts?: boolean;
  readonly tree?: readonly NodeFacts[];
  readonly treeDigestAfterReplay?: string;
  readonly digestsCheckedByReplay?: { readonly ok: number; readonly bad: number };
  readonly sessionsOpenAtKill?: readonly { readonly sessionId: string; readonly timeout: number }[];
}

const options = { hashKey: HASH_KEY, extendedTypes: true };

interface Start {
  readonly directory: string;
  /** The snapshot's file; null for the tree of a new server. */
  readonly snapshot: string | null;
  readonly zxid: bigint;
}

interface Replayed {
  readonly tree: Tree;
  readonly sessions: SessionTable;
  readonly quotas: QuotaTable;
  readonly equal: number;
  readonly different: readonly bigint[];
}

function factsOf(directory: string): DirectoryFacts {
  return goldenDataDirFacts(directory) as DirectoryFacts;
}

/** Where a server could start from in each directory in which Apache does. */
const starts: readonly Start[] = goldenDataDirs().flatMap((directory) => {
  if (factsOf(directory).apacheStarts === false) return [];
  const files = [...goldenDataDirFiles(directory).keys()];
  // A member that was wiped and sent a snapshot has no log of what came before it.
  const fromNothing = files.some((file) => /\/log\.(1|100000001)$/.test(file));
  const snapshots = files
    .filter((file) => /\/snapshot\./.test(file))
    .filter((file) => fromNothing || zxidOf(file) > 0n);
  return [
    ...snapshots.map((snapshot) => ({ directory, snapshot, zxid: zxidOf(snapshot) })),
    ...(fromNothing ? [{ directory, snapshot: null, zxid: 0n }] : []),
  ];
});

function zxidOf(file: string): bigint {
  return BigInt(`0x${file.split('.')[1]}`);
}

function replay({ directory, snapshot, zxid }: Start): Replayed | string {
  const files = goldenDataDirFiles(directory);
  const tree = snapshot === null ? createFreshTree(options) : new Tree(options);
  const sessions = new SessionTable(2000);
  let comparedFrom = zxid;
  if (snapshot !== null) {
    const reader = new SnapshotReader(tree, sessions, 1 << 20);
    reader.push(plain(snapshot, files.get(snapshot)!));
    const facts = reader.finish();
    if (typeof facts === 'string') return facts;
    if (facts.digest !== null) comparedFrom = facts.digest.zxid;
  }
  const quotas = new QuotaTable(tree, false);
  const watches = new WatchTable(HASH_KEY, { onEvent: () => expect.fail('nobody listens') }, true);
  const a = new Application(tree, sessions, quotas, watches);
  a.tolerant = true;
  let equal = 0;
  const different: bigint[] = [];
  for (const payload of payloadsAfter(files, zxid)) {
    const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
    const at = view.getBigInt64(TxnField.Zxid);
    const check = applyTransaction(a, payload, view, 0, payload.length);
    expect(a.reader.failed).toBe(false);
    expect(payload.length).toBeGreaterThan(TXN_HEADER_BYTES);
    if (check === DigestCheck.Equal) equal += 1;
    if (check === DigestCheck.Different && at >= comparedFrom) different.push(at);
  }
  quotas.reload();
  return { tree, sessions, quotas, equal, different };
}

/** Transactions above a zxid, in the order of the files. */
function* payloadsAfter(
  files: ReadonlyMap<string, Uint8Array>,
  zxid: bigint,
): Generator<Uint8Array> {
  const logs = [...files.keys()].filter((file) => /\/log\./.test(file));
  for (const log of logs.sort((a, b) => (zxidOf(a) < zxidOf(b) ? -1 : 1))) {
    const { records, last } = readLogRecords(files.get(log)!);
    expect(last.kind).toBe('end');
    for (const { payload } of records) {
      const own = new DataView(payload.buffer, payload.byteOffset).getBigInt64(TxnField.Zxid);
      if (own > zxid) yield payload;
    }
  }
}

function plain(file: string, bytes: Uint8Array): Uint8Array {
  if (file.endsWith('.gz')) return new Uint8Array(gunzipSync(bytes));
  return file.endsWith('.snappy') ? unsnappy(bytes) : bytes;
}

/** Blocks of raw Snappy behind a header of 16 bytes, each with its length in front. */
function unsnappy(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const out: number[] = [];
  for (let at = 16; at < bytes.length; ) {
    const length = view.getInt32(at);
    expandBlock(bytes.subarray(at + 4, at + 4 + length), out);
    at += 4 + length;
  }
  return Uint8Array.from(out);
}

function expandBlock(block: Uint8Array, out: number[]): void {
  const start = out.length;
  let at = 0;
  let byteCount = 0;
  for (let shift = 0, more = true; more; at += 1, shift += 7) {
    byteCount |= (block[at]! & 0x7f) << shift;
    more = block[at]! >= 0x80;
  }
  while (at < block.length) {
    const tag = block[at]!;
    at += 1;
    if ((tag & 3) === 0) {
      const extra = Math.max((tag >> 2) - 59, 0);
      const length = extra === 0 ? tag >> 2 : little(block, at, extra);
      at += extra;
      out.push(...block.subarray(at, at + length + 1));
      at += length + 1;
      continue;
    }
    const wide = [0, 1, 2, 4][tag & 3]!;
    const high = wide === 1 ? (tag >> 5) << 8 : 0;
    const length = wide === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
    const from = out.length - (high | little(block, at, wide));
    at += wide;
    for (let i = 0; i < length; i += 1) out.push(out[from + i]!);
  }
  expect(out.length - start).toBe(byteCount);
}

function little(bytes: Uint8Array, at: number, byteCount: number): number {
  let value = 0;
  for (let i = byteCount - 1; i >= 0; i -= 1) value = (value << 8) | bytes[at + i]!;
  return value;
}

/** The tree in the form of the facts. */
function nodesOf(tree: Tree): NodeFacts[] {
  const nodes: NodeFacts[] = [];
  for (const row of rowsOf(tree)) {
    const stat = Object.entries(statOf(tree, row)).map(([name, value]) => [
      name,
      typeof value === 'bigint' && !name.endsWith('time')
        ? `0x${BigInt.asUintN(64, value).toString(16)}`
        : Number(value),
    ]);
    const data = tree.dataOf(row);
    nodes.push({
      path: tree.pathOf(row),
      data: data === null ? null : Buffer.from(data).toString('base64'),
      stat: Object.fromEntries(stat),
      acl: tree.aclOf(row).entries.map(({ permissions, scheme, id }) => ({
        perms: permissions,
        scheme,
        id,
      })),
    });
  }
  return nodes;
}

function byPath(nodes: readonly NodeFacts[]): ReadonlyMap<string, NodeFacts> {
  // A member of an ensemble writes its configuration into this node when it starts.
  return new Map(
    nodes.filter(({ path }) => path !== '/zookeeper/config').map((node) => [node.path, node]),
  );
}

const damaged = starts.filter((start) => typeof replay(start) === 'string');
const usable = starts.filter((start) => !damaged.includes(start));

test('the damaged snapshots, and no others, are refused', () => {
  expect(damaged.map(({ directory, snapshot }) => `${directory}/${snapshot}`)).toEqual([
    'snapshot-newest-bitflip/version-2/snapshot.79',
    'snapshot-newest-truncated/version-2/snapshot.79',
  ]);
});

describe.each(usable)('$directory from $snapshot', (start) => {
  const facts = factsOf(start.directory);
  const replayed = replay(start);
  if (typeof replayed === 'string') throw new Error(replayed);
  const { tree, sessions, quotas, equal, different } = replayed;

  test('is the tree that Apache showed', () => {
    expect(byPath(nodesOf(tree))).toEqual(byPath(facts.tree ?? []));
    checkBooks(tree);
  });

  test('has every digest on the way', () => {
    expect(different).toEqual([]);
    if (start.zxid === 0n && facts.digestsCheckedByReplay !== undefined) {
      expect(equal).toBe(facts.digestsCheckedByReplay.ok);
    }
    if (facts.treeDigestAfterReplay !== undefined) {
      expect(`0x${tree.digest.toBigInt().toString(16)}`).toBe(facts.treeDigestAfterReplay);
    }
  });

  test('has the sessions that were open', () => {
    const expected = facts.sessionsOpenAtKill?.map(
      ({ sessionId, timeout }) => `${sessionId} ${timeout}`,
    );
    const found = [...sessions.all()].map(({ text, timeoutMs }) => `${text} ${timeoutMs}`);
    // Others may have been left behind that had not run out.
    if (expected !== undefined) expect(found).toEqual(expect.arrayContaining(expected));
  });

  test('counts quotas as Apache did', () => {
    for (const { path, count, bytes } of quotas.reports()) {
      const row = tree.findPath(`/zookeeper/quota${path}/zookeeper_stats`);
      const stats = new TextDecoder().decode(tree.dataOf(row) ?? undefined);
      expect(stats).toBe(`count=${count},bytes=${bytes}`);
    }
  });

  test('comes back from a snapshot of ours', () => {
    const writer = new SnapshotWriter(tree, sessions, 0, 1, { withDigest: true, sliceBytes: 1024 });
    writer.advance(1 << 20);
    const loaded = new Tree(options);
    const reader = new SnapshotReader(loaded, new SessionTable(2000), 1 << 20);
    reader.push(writer.take());
    expect(reader.finish()).toMatchObject({ hasUnknownAcl: false });
    expect(byPath(nodesOf(loaded))).toEqual(byPath(nodesOf(tree)));
    expect(loaded.digest.toBigInt()).toBe(tree.digest.toBigInt());
    checkBooks(loaded);
  });
});

/** Snapshots: written while the tree changes, read in whatever pieces, refused when damaged. */
import {
  type Acl,
  asSessionId,
  asZxid,
  decodeSnapshot,
  encodeSnapshot,
  JuteWriter,
  Opcode,
  type Snapshot,
} from '@zabra/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arbitraryWrite } from '../../../../tests/support/arbitrary-writes.ts';
import { SessionTable } from '../sessions/session-table.ts';
import { checkBooks, dumpTree } from '../testing/dump.ts';
import { Scene } from '../testing/scene.ts';
import { BorrowedBytes, HASH_KEY, World } from '../testing/world.ts';
import { Tree } from '../tree.ts';
import { type SnapshotFacts, SnapshotReader } from './snapshot-reader.ts';
import { SnapshotWriter } from './snapshot-writer.ts';

const ITEM_BYTES_MAX = 1 << 20;
const openAcl: readonly Acl[] = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];

interface Loaded {
  readonly tree: Tree;
  readonly sessions: SessionTable;
  readonly facts: SnapshotFacts | string;
}

function load(pieces: readonly Uint8Array[], itemBytesMax = ITEM_BYTES_MAX): Loaded {
  const tree = new Tree({ hashKey: HASH_KEY, extendedTypes: true });
  const sessions = new SessionTable(2000);
  const reader = new SnapshotReader(tree, sessions, itemBytesMax);
  let problem: string | null = null;
  for (const piece of pieces) {
    const lent = new BorrowedBytes(piece.length);
    lent.set(piece);
    problem = reader.push(lent);
    lent.fill(0xdd);
  }
  const facts = reader.finish();
  if (problem !== null) expect(facts).toBe(problem);
  return { tree, sessions, facts };
}

function write(world: World, withDigest = true): Uint8Array {
  const high = Number(world.zxid >> 32n);
  const options = { withDigest, sliceBytes: 64 };
  const writer = new SnapshotWriter(world.tree, world.sessions, high, Number(world.zxid), options);
  const pieces: Uint8Array[] = [];
  while (!writer.isDone) {
    writer.advance(64);
    pieces.push(writer.take());
  }
  pieces.push(writer.take());
  return joined(pieces);
}

function sceneAfter(steps: readonly Step[]): Scene {
  const scene = new Scene();
  for (const { who, write } of steps) scene.propose(who, write);
  scene.world.applyAll();
  return scene;
}

/** As it is sent to another server. */
function send(world: World): Uint8Array {
  const options = { withDigest: true, sliceBytes: 64, form: 'stream' } as const;
  const writer = new SnapshotWriter(world.tree, world.sessions, 0, 1, options);
  writer.advance(1 << 30);
  return writer.take().slice();
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

function sessionsOf(sessions: SessionTable): string[] {
  return [...sessions.all()].map(({ text, timeoutMs }) => `${text} ${timeoutMs}`).sort();
}

/** Who writes what; nothing where it is no write. */
type Step = Pick<typeof writes extends fc.Arbitrary<(infer T)[]> ? T : never, 'who' | 'write'>;

const writes = fc.array(
  fc.record({
    who: fc.nat(2),
    write: fc.oneof(
      { weight: 20, arbitrary: arbitraryWrite },
      { weight: 1, arbitrary: fc.constant(null) },
    ),
    isHeld: fc.boolean(),
    isReturned: fc.boolean(),
    sliceBytes: fc.integer({ min: 1, max: 400 }),
  }),
  { maxLength: 40, size: 'max' },
);

describe('a snapshot', () => {
  test('is the tree at its start, whatever happens while it is written (B-31, B-32, B-35)', () => {
    fc.assert(
      fc.property(writes, writes, fc.boolean(), (before, during, withDigest) => {
        const scene = new Scene();
        const { world } = scene;
        for (const { who, write } of before) scene.propose(who, write);
        world.applyAll();
        const expected = dumpTree(world.tree);
        const expectedSessions = sessionsOf(world.sessions);
        const digest = world.tree.digest.toBigInt();
        const { zxid } = world;
        const writer = new SnapshotWriter(world.tree, world.sessions, 0, Number(zxid), {
          withDigest,
          sliceBytes: 16,
        });
        const pieces: Uint8Array[] = [];
        const kept: Uint8Array[] = [];
        const keptCopies: Uint8Array[] = [];
        for (const { who, write, isHeld, isReturned, sliceBytes } of during) {
          scene.propose(who, write);
          if (!isHeld) world.applyAll();
          writer.advance(sliceBytes);
          const taken = writer.take();
          pieces.push(taken.slice());
          if (isReturned) writer.giveBack(taken);
          else {
            kept.push(taken);
            keptCopies.push(taken.slice());
          }
        }
        writer.advance(1 << 20);
        pieces.push(writer.take());
        world.applyAll();
        expect(writer.isDone).toBe(true);
        // What was handed out and not given back is not written over.
        expect(joined(kept)).toEqual(joined(keptCopies));

        const { tree, sessions, facts } = load(pieces);
        expect(typeof facts === 'string' ? facts : facts.hasUnknownAcl).toBe(false);
        expect(dumpTree(tree)).toEqual(expected);
        expect(sessionsOf(sessions)).toEqual(expectedSessions);
        expect(tree.digest.toBigInt()).toBe(digest);
        if (typeof facts !== 'string') expect(facts.digest !== null).toBe(withDigest);
        checkBooks(tree);
        checkBooks(world.tree);
        // The wire's own reader, which knows no tree, takes it too.
        const outcome = decodeSnapshot(joined(pieces));
        expect(outcome.kind === 'corrupt' ? outcome.reason : outcome.kind).toBe('snapshot');
      }),
      { numRuns: 60 },
    );
  });

  test('can be given up and begun again', () => {
    const { world } = new Scene();
    for (let i = 0; i < 300; i += 1) {
      const writer = new SnapshotWriter(world.tree, world.sessions, 0, 0, {
        withDigest: true,
        sliceBytes: 16,
      });
      writer.advance(1);
      writer.detach();
      expect(world.tree.witness).toBeNull();
    }
    expect(dumpTree(load([write(world)]).tree)).toEqual(dumpTree(world.tree));
  });

  test('comes back the same in any pieces', () => {
    const scene = new Scene();
    const bytes = write(scene.world);
    const expected = dumpTree(scene.world.tree);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 30, size: 'max' }), (cuts) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const pieces = edges.slice(1).map((end, i) => bytes.slice(edges[i], end));
        const { tree, facts } = load(pieces);
        expect(facts).toMatchObject({ hasUnknownAcl: false });
        expect(dumpTree(tree)).toEqual(expected);
      }),
      { numRuns: 40 },
    );
    const single = Array.from(bytes, (byte) => Uint8Array.of(byte));
    expect(dumpTree(load(single).tree)).toEqual(expected);
  });

  test('carries the digest and the zxid it was taken at', () => {
    const { world } = new Scene();
    const { facts } = load([write(world)]);
    const { high, low } = world.tree.digest;
    expect(facts).toEqual({
      digest: { zxid: world.zxid, high, low: low | 0 },
      hasUnknownAcl: false,
    });
    expect(load([write(world, false)]).facts).toEqual({ digest: null, hasUnknownAcl: false });
  });
});

describe('a stream', () => {
  test('is a file without header and seals', () => {
    const { world } = new Scene();
    const file = write(world, false);
    expect(send(world)).toEqual(file.subarray(16, file.length - 13));
  });

  test('tells where it ends, whatever pieces it comes in and whatever follows', () => {
    fc.assert(
      fc.property(
        writes,
        fc.integer({ min: 1, max: 200 }),
        fc.uint8Array(),
        (steps, size, rest) => {
          const { world } = sceneAfter(steps);
          const stream = send(world);
          const all = joined([stream, rest]);
          const tree = new Tree({ hashKey: HASH_KEY, extendedTypes: true });
          const reader = new SnapshotReader(tree, new SessionTable(2000), ITEM_BYTES_MAX, 'stream');
          let at = 0;
          while (reader.end === null) {
            expect(reader.push(all.slice(at, at + size))).toBeNull();
            at += reader.end ?? size;
          }
          expect(at).toBe(stream.length);
          expect(reader.finishStream()).toBe(false);
          expect(dumpTree(tree)).toEqual(dumpTree(world.tree));
        },
      ),
    );
  });
});

describe('a damaged snapshot', () => {
  const world = new World();
  const me = world.connect('me');
  world.write(me, Opcode.Create, {
    path: '/a',
    data: new Uint8Array(3),
    acl: [{ perms: 1, id: { scheme: 'world', id: 'anyone' } }],
    flags: 1,
  });
  const bytes = write(world);
  const expected = dumpTree(world.tree);

  test('is refused, whichever bit flipped', () => {
    const accepted: number[] = [];
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const damaged = bytes.slice();
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      if (typeof load([damaged]).facts !== 'string') accepted.push(bit);
    }
    expect(accepted).toEqual([]);
  });

  test('is refused wherever it was cut, unless what is left is complete', () => {
    const whole: number[] = [];
    for (let length = 0; length < bytes.length; length += 1) {
      const { tree, facts } = load([bytes.slice(0, length)]);
      if (typeof facts === 'string') continue;
      whole.push(bytes.length - length);
      expect(dumpTree(tree)).toEqual(expected);
    }
    // Without the last section, and without the digest's either.
    expect(whole).toEqual([54, 21]);
  });

  test('is refused when something follows it', () => {
    expect(load([bytes, Uint8Array.of(0)]).facts).toBe('1 bytes follow its end');
  });

  test('of noise is refused without harm', () => {
    const noise = fc.uint8Array({ maxLength: 400, size: 'max' });
    fc.assert(
      fc.property(noise, fc.nat(bytes.length), (tail, length) => {
        const damaged = joined([bytes.slice(0, length), tail]);
        const { facts } = load([damaged], 4096);
        if (damaged.length < bytes.length - 54) expect(typeof facts).toBe('string');
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    ['a foreign magic', 0, 'it does not start as a snapshot does'],
    ['another version', 7, 'its version is 3, not 2'],
  ])('%s', (_, at, problem) => {
    const damaged = bytes.slice();
    damaged[at]! ^= 1;
    expect(load([damaged]).facts).toBe(problem);
  });

  test('with an item that is too long to be one is refused before it is read', () => {
    const { tree, sessions } = load([]);
    const reader = new SnapshotReader(tree, sessions, 100);
    reader.push(bytes.slice(0, 20));
    expect(reader.push(new Uint8Array(200).fill(0x7f))).toBe('an item is longer than any may be');
  });
});

describe('what others may have written', () => {
  const stat = {
    czxid: asZxid(1n),
    mzxid: asZxid(1n),
    ctime: 5n,
    mtime: 6n,
    version: 1,
    cversion: 2,
    aversion: 3,
    ephemeralOwner: 0n,
    pzxid: asZxid(4n),
  };
  const node = { data: null, aclKey: -1n, stat };
  const plain: Snapshot = {
    sessions: [{ id: asSessionId(0x1_0000_0002n), timeoutMs: 4000 }],
    acls: [
      { key: 3n, acl: openAcl },
      { key: 9n, acl: [{ perms: 1, id: { scheme: 'ip', id: '10.0.0.1' } }] },
    ],
    nodes: [
      { ...node, path: '' },
      { ...node, path: '/a', aclKey: 3n },
      { ...node, path: '/a/b', data: new Uint8Array(2) },
    ],
    digest: null,
    lastZxid: null,
  };

  function loadEncoded(snapshot: Snapshot): Loaded {
    const writer = new JuteWriter();
    encodeSnapshot(writer, snapshot);
    return load([writer.finish()]);
  }

  test('any combination of the last two sections', () => {
    const digest = { zxid: asZxid(7n), version: 2, treeDigest: -2n };
    for (const with1 of [null, digest]) {
      for (const with2 of [null, asZxid(8n)]) {
        const { facts } = loadEncoded({ ...plain, digest: with1, lastZxid: with2 });
        const expected = with1 === null ? null : { zxid: 7n, high: -1, low: -2 };
        expect(facts).toEqual({ digest: expected, hasUnknownAcl: false });
      }
    }
  });

  test('a digest section that has nothing to compare', () => {
    const digest = { zxid: asZxid(0n), version: 2, treeDigest: 0n };
    expect(loadEncoded({ ...plain, digest }).facts).toMatchObject({ digest: null });
  });

  test('lists that no node uses are forgotten', () => {
    const { tree } = loadEncoded(plain);
    expect([...tree.acls.lists()].map((list) => list.key)).toEqual([3]);
    checkBooks(tree);
  });

  test('a node whose list is missing is told, and its key is not given to another', () => {
    const nodes = [...plain.nodes, { ...node, path: '/c', aclKey: 77n }];
    const { tree, facts } = loadEncoded({ ...plain, nodes });
    expect(facts).toEqual({ digest: null, hasUnknownAcl: true });
    const row = tree.findPath('/c');
    expect(tree.hasKnownAcl(row)).toBe(false);
    const encoded = Uint8Array.of(0, 0, 0, 0);
    expect(tree.acls.intern(encoded, 0, 4)).toBe(78);
  });

  test.each([
    ['no root', plain.nodes.slice(1), 'a node in it has no parent'],
    ['two roots', [plain.nodes[0]!, plain.nodes[0]!], 'it has two roots'],
    ['a child before its parent', [plain.nodes[0]!, plain.nodes[2]!], 'a node in it has no parent'],
  ])('%s', (_, nodes, problem) => {
    expect(loadEncoded({ ...plain, nodes }).facts).toBe(problem);
  });
});

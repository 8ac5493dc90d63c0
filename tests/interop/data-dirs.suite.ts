/**
 * Data directories change hands: what the server under test has written, Apache 3.8 and 3.9 open
 * with the same tree, down to every number of every stat; they write more, and the server under
 * test carries on from there with the same tree again.
 */
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../support/peers-cache.ts';
import { javaPeer } from '../support/peers-java.ts';
import { INSTALL_TIMEOUT_MS } from '../support/peers-report.ts';
import { type ServerOptions, serverKind, startServerUnderTest } from '../support/peers-server.ts';
import type { Product } from '../support/server.ts';

/** Sessions outlive the whole exchange, so that their ephemerals are there to be compared. */
const longSessions = { maxSessionTimeout: 120_000 };

interface Scenario {
  readonly title: string;
  readonly settings: NonNullable<ServerOptions['settings']>;
  /** How the server that wrote the directory ended. */
  readonly end: 'stop' | 'kill';
  /** Whether to prove that containers and TTL nodes are still what they were; it takes its time. */
  readonly kinds: boolean;
  readonly files: readonly RegExp[];
}

const scenarios: readonly Scenario[] = [
  {
    title: 'log alone',
    settings: {},
    end: 'stop',
    kinds: true,
    files: [/^log\.1$/, /^snapshot\.0$/],
  },
  {
    title: 'snapshots and logs, after a kill',
    settings: { snapCount: 40 },
    end: 'kill',
    kinds: false,
    files: [/^log\.[0-9a-f]{2}$/, /^snapshot\.[0-9a-f]{2}$/],
  },
  {
    title: 'snapshots in gzip and logs',
    settings: { snapCount: 40, 'snapshot.compression.method': 'gz' },
    end: 'stop',
    kinds: true,
    files: [/^log\.[0-9a-f]{2}$/, /^snapshot\.[0-9a-f]{2}\.gz$/],
  },
];

type Tree = ReadonlyMap<string, string>;

for (const scenario of scenarios) {
  describe(`data directory of ${serverKind}: ${scenario.title}`, () => {
    let scratch: string;
    let original: string;
    let written: Tree;

    beforeAll(async () => {
      scratch = await mkdtemp(join(tmpdir(), 'data-dirs-'));
      original = join(scratch, 'original');
      [written] = await during(
        { product: serverKind, dataDir: original, ...scenario },
        'write:first',
        'dump',
      );
    }, INSTALL_TIMEOUT_MS);

    afterAll(() => rm(scratch, { recursive: true, force: true }));

    test('has the files that it should have', async () => {
      const names = await readdir(join(original, 'version-2'));
      for (const file of scenario.files) {
        expect(
          names.some((name) => file.test(name)),
          `${file} in ${names}`,
        ).toBe(true);
      }
    });

    test('is opened by the same server with the same tree', async () => {
      const copy = join(scratch, 'same');
      await cp(original, copy, { recursive: true });
      const [reopened] = await during({ product: serverKind, dataDir: copy, ...scenario }, 'dump');
      expectSame(reopened, written);
    });

    for (const product of ['apache38', 'apache39'] as const) {
      describe(`handed to ${product}`, () => {
        let copy: string;
        let extended: Tree;

        beforeAll(async () => {
          copy = join(scratch, product);
          await cp(original, copy, { recursive: true });
        });

        test('is opened with the same tree; more can be written', async () => {
          const life = { product, dataDir: copy, ...scenario };
          const [opened, more] = await during(life, 'dump', 'write:second', 'dump');
          expectSame(opened, written);
          expect(more.size).toBeGreaterThan(written.size);
          extended = more;
        });

        test('comes back with the same tree; more can be written', async () => {
          const life = { product: serverKind, dataDir: copy, ...scenario };
          const [back, more] = await during(life, 'dump', 'write:third', 'dump');
          expectSame(back, extended);
          expectGreaterZxids(more, back);
        });

        if (!scenario.kinds) return;
        test('containers, TTL nodes, sequences stay what they are', async () => {
          await during({ product: serverKind, dataDir: copy }, 'kinds:second');
          await during({ product, dataDir: copy }, 'kinds:first', 'kinds:third');
        });
      });
    }
  });
}

type Action = 'dump' | `write:${string}` | `kinds:${string}`;

interface Life {
  readonly product: Product;
  readonly dataDir: string;
  readonly settings?: NonNullable<ServerOptions['settings']>;
  readonly end?: 'stop' | 'kill';
}

/** A server's life on a directory: the actions one after the other, the trees of its dumps. */
async function during(life: Life, ...actions: readonly Action[]): Promise<[Tree, Tree]> {
  const { product, dataDir, settings = {}, end = 'stop' } = life;
  await mkdir(dataDir, { recursive: true });
  const server = await startServerUnderTest({
    product,
    dataDir,
    settings: { ...longSessions, ...settings },
    // Only what tests kinds may wait for containers to go; elsewhere the tree shall keep still.
    properties: actions.some((action) => action.startsWith('kinds'))
      ? {}
      : { 'znode.container.checkIntervalMs': 600_000 },
  });
  const dumps: string[] = [];
  const args = actions.map((action) => {
    if (action !== 'dump') return action;
    dumps.push(`${dataDir}.dump-${dumps.length}`);
    return `dump:${dumps.at(-1)}`;
  });
  try {
    const peer = await javaPeer('DataDirectory', { args });
    await run(peer.command, peer.args, { env: { PEER_PORT: String(server.port) } });
  } finally {
    await server[end]();
  }
  const texts = await Promise.all(dumps.map((file) => readFile(file, 'utf8')));
  const [first = new Map(), second = new Map()] = texts.map(readTree);
  return [first, second];
}

function readTree(text: string): Tree {
  return new Map(
    text
      .trimEnd()
      .split('\n')
      .map((line) => {
        const [path, ...rest] = line.split('\t');
        return [path ?? '', rest.join(' ')];
      }),
  );
}

/** Path by path, so that a difference names its node; long data are cut. */
function expectSame(actual: Tree, expected: Tree): void {
  expect([...actual.keys()]).toEqual([...expected.keys()]);
  for (const [path, node] of expected) {
    if (actual.get(path) === node) continue;
    expect(`${path} ${actual.get(path)?.slice(-400)}`).toBe(`${path} ${node.slice(-400)}`);
  }
}

/** What is new must lie after everything that was there. */
function expectGreaterZxids(more: Tree, before: Tree): void {
  const czxid = (node: string): bigint => BigInt(`0x${/czxid=([0-9a-f]+)/.exec(node)?.[1]}`);
  const earlier = [...before.values()].map(czxid).sort((a, b) => Number(a - b));
  const largest = earlier.at(-1) ?? 0n;
  const added = [...more].filter(([path]) => !before.has(path));
  expect(added.length).toBeGreaterThan(0);
  for (const [path, node] of added) {
    expect(czxid(node) > largest, path).toBe(true);
  }
}

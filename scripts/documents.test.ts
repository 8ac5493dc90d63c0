// The documents stay true: what they name is there, and what they promise to list is complete.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { anchorsOf, codeSpansOf, linksOf, stringsOf } from './document-text.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

const documents: readonly string[] = [
  ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md'],
  ...['tests/README.md', 'bench/README.md'],
  ...below('docs', '.md'),
  ...below('packages', '/README.md'),
].filter((path) => existsSync(join(root, path)));

function below(folder: string, end: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith(end) && !/\/(?:node_modules|dist)\//.test(path))
    .sort();
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** A path from the root of this repository, such as `packages/wire/src/path.ts`. */
const REPOSITORY_PATH = /^(?:packages|tests|scripts|bench|docs|examples|\.ci)\/[\w./-]*$/;

describe.each(documents)('%s', (path) => {
  it('names paths that are there', () => {
    const named = codeSpansOf(read(path)).filter((span) => REPOSITORY_PATH.test(span));
    expect(named.filter((target) => !existsSync(join(root, target)))).toEqual([]);
  });

  it('links to what is there', () => {
    const missing = linksOf(read(path)).filter((link) => {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? path : join(dirname(path), file);
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && !anchorsOf(read(target)).includes(anchor);
    });
    expect(missing).toEqual([]);
  });
});

describe('names of the source', () => {
  const rooms = readdirSync(join(root, 'packages'));
  const sources = rooms.flatMap((room) => below(`packages/${room}/src`, '.ts'));
  const words = new Set(sources.flatMap((path) => read(path).match(/[\w$]+/g) ?? []));
  /** Rooms that are still to come. */
  const planned = ['zab', 'client', 'registry'];

  // The features of Apache have names of their own.
  const pages = documents.filter((path) => /^ARCH|^docs\/(?!compatibility)/.test(path));

  it.each(pages)('in %s are there', (path) => {
    const named = codeSpansOf(read(path))
      .filter((span) => /^[A-Za-z]\w*(?:\.[a-z]\w*)?(?:\(.*\))?$/.test(span))
      .filter((span) => /[a-z][A-Z]|^[A-Z][a-z]|\(/.test(span))
      .flatMap((span) => span.replace(/\(.*/, '').split('.'));
    const gone = named.filter((name) => !words.has(name) && !planned.includes(name));
    expect(gone).toEqual([]);
  });

  it.each(['wire', 'tree', 'zab', 'replica', 'server'])('the code map of %s is right', (room) => {
    const [, section = ''] =
      new RegExp(`^### ${room}\\n([^]*?)^##`, 'm').exec(read('ARCHITECTURE.md')) ?? [];
    const named = codeSpansOf(section).filter((span) => span.startsWith('src/'));
    expect(named.length).toBeGreaterThan(4);
    expect(named.filter((file) => !existsSync(join(root, 'packages', room, file)))).toEqual([]);
  });
});

describe('docs/decisions', () => {
  it('are numbered without gaps, and each has a context, a choice and a price', () => {
    const pages = below('docs/decisions', '.md');
    for (const [index, page] of pages.entries()) {
      expect(page).toMatch(new RegExp(`/${String(index + 1).padStart(4, '0')}-`));
      expect(read(page)).toMatch(/^# \d+\. .*^## Context$.*^## Choice$.*^## Price$/ms);
    }
  });
});

describe('docs/protocol/limits.md', () => {
  const BYTES = { B: 1, KiB: 1024, MiB: 1024 * 1024 };

  /** `const NAME = 4 * 1024 * 1024;` is a product of whole numbers. */
  function constantIn(path: string, name: string): number {
    const declared = new RegExp(`const ${name}(?:: number)? = ([\\d_ *]+);`).exec(read(path));
    return (declared?.[1] ?? '').split('*').reduce((product, factor) => {
      return product * Number(factor.trim().replaceAll('_', '') || Number.NaN);
    }, 1);
  }

  const rows = [
    ...read('docs/protocol/limits.md').matchAll(
      /^\|[^|]+\| (\d+)(?: (KiB|MiB))? \|[^|]+\| `(\w+)` in `([^`]+)` \|$/gm,
    ),
  ].map(([, count, unit, name = '', path = '']) => {
    return { name, path, limit: Number(count) * BYTES[(unit ?? 'B') as keyof typeof BYTES] };
  });

  it('names the limits that are built in', () => {
    expect(rows.length).toBe(13);
  });

  it.each(rows)('$name is $limit', ({ name, path, limit }) => {
    expect(constantIn(path, name)).toBe(limit);
  });
});

describe('docs/errors.md', () => {
  /** Where sentences for operators are written. */
  const folders = ['config', 'net', 'peers', 'store'].map((name) => `packages/server/src/${name}`);
  const sources = [
    ...[
      ...folders,
      'packages/cli/src',
      'packages/replica/src',
      'packages/tree/src/snapshot',
    ].flatMap((folder) => below(folder, '.ts')),
    'packages/server/src/server.ts',
    'packages/wire/src/quorum/ensemble-text.ts',
    'packages/wire/src/quorum/server-line.ts',
  ].filter((path) => !/\.test\.ts$|\/(?:testing|words)\/|\/dev\/told\.ts$/.test(path));

  /** What to do, printed behind a sentence; help of the command; how parts are put together. */
  const NO_SENTENCE = new RegExp(
    [
      '^(?:…\\. )?(?:Check|Give|If|Make|Moving|Raise|Remove|Restore) ',
      '^[\\s…=():,.]*$|^…, line …$|^environment variable …$|^…, then start the server again\\.$',
      '^(?:and so|how|keep|print|run|set|so many|port|tell|where) |^host:port, |^-[Do], |^\\[options\\]|^a configuration file, or |^zabra … ',
      '^A ZooKeeper-compatible |^\\n ',
    ].join('|'),
  );

  const told = new Map<string, string>();
  for (const path of sources) {
    for (const text of stringsOf(read(path))) {
      if (text.split(' ').length > 2 && !NO_SENTENCE.test(text)) told.set(text, path);
    }
  }
  const listed = new Set(codeSpansOf(read('docs/errors.md')));

  it.each([...told])('lists “%s” (%s)', (text) => {
    expect(listed).toContain(text);
  });

  it('lists no sentence that is gone', () => {
    const known = new Set(sources.flatMap((path) => stringsOf(read(path))));
    const sentences = [...listed].filter((span) => / .* |\w…|… /.test(span));
    expect(sentences.filter((span) => !known.has(span))).toEqual([
      // What is to be written, not what is read.
      'zabra serve configfile',
      'port datadir [ticktime] [maxcnxns]',
      // What an assertion says is its own.
      'broken invariant: …',
    ]);
  });
});

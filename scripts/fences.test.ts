// Every fence between the rooms is broken here on purpose and seen to go red: a rule that is
// misspelt, out of its room's reach or dropped by a tool's new version would otherwise stay silent.
// The violations are planted in a copy of the tree's outline, outside the tree itself.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const rooms = ['wire', 'zab', 'tree', 'replica', 'client', 'sim', 'server', 'cli'];
/** What is pure, by its sources and by the configuration that compiles it. */
const pureRooms = [
  ...['wire', 'zab', 'tree', 'replica', 'sim'].map((room) => ({
    name: room,
    source: `${room}/src`,
    config: `${room}/tsconfig.json`,
  })),
  {
    name: "client's session",
    source: 'client/src/session',
    config: 'client/tsconfig.session.json',
  },
];

interface Planted {
  readonly fence: string;
  readonly path: string;
  readonly source: string;
  readonly rule: string;
}

const layers = 'lint/style/noRestrictedImports';
const globals = 'lint/style/noRestrictedGlobals';

const forbiddenImports: readonly (readonly [room: string, from: string])[] = [
  ['wire', '@zabra/tree'],
  ['zab', '@zabra/tree'],
  ['tree', '@zabra/zab'],
  ['tree', '@zabra/replica'],
  ['replica', '@zabra/server'],
  ['replica', '@zabra/sim'],
  ['client', '@zabra/tree'],
  ['client', '@zabra/replica'],
  ['sim', '@zabra/server'],
  ['sim', '@zabra/client'],
  ['server', '@zabra/sim'],
  ['server', '@zabra/client/session'],
  ['server', 'zabra'],
  ['cli', '@zabra/replica'],
];

const forbiddenGlobals = ['Buffer.of()', 'process.pid', 'console.log()', 'setTimeout(() => 1, 1)'];

/** What is behind the public list of the client. */
const behindTheDoor = [
  '../index.ts',
  '../client.ts',
  '../connection/connection.ts',
  '../node/connect.ts',
  '../operations/get.ts',
  '../session/index.ts',
];

const impure: readonly (readonly [fence: string, statement: string])[] = [
  ['Date.now', 'export const now: number = Date.now();'],
  ['new Date()', 'export const now: Date = new Date();'],
  ['Math.random', 'export const chance: number = Math.random();'],
  ['async function', 'export async function later() {}'],
  ['async arrow', 'export const later = async () => 1;'],
  ['async method', 'export class Later {\n  static async now() {}\n}'],
  ['async generator', 'export const later = { async *all() {} };'],
  ['top-level await', 'export const later = await import("./clean.ts");'],
];

const planted: readonly Planted[] = [
  ...forbiddenImports.map(([room, from], index) => ({
    fence: `${room} does not import ${from}`,
    path: `packages/${room}/src/layer-${index}.ts`,
    source: `import { x } from '${from}';\nexport const y: unknown = x;\n`,
    rule: layers,
  })),
  ...rooms.map((room) => ({
    fence: `${room} does not reach into another room's sources`,
    path: `packages/${room}/src/reach.ts`,
    source: `import { x } from '../../other/src/clean.ts';\nexport const y: unknown = x;\n`,
    rule: layers,
  })),
  ...pureRooms.flatMap(({ name, source }) => [
    {
      fence: `${name} does not import Node's modules`,
      path: `packages/${source}/node.ts`,
      source: `import { readFileSync } from 'node:fs';\nexport const y: unknown = readFileSync;\n`,
      rule: 'lint/correctness/noNodejsModules',
    },
    ...forbiddenGlobals.map((expression, index) => ({
      fence: `${name} does not know ${expression}`,
      path: `packages/${source}/global-${index}.ts`,
      source: `export const y: unknown = ${expression};\n`,
      rule: globals,
    })),
    ...impure.map(([fence, statement], index) => ({
      fence: `${name} has no ${fence}`,
      path: `packages/${source}/impure-${index}.ts`,
      source: `${statement}\n`,
      rule: 'plugin',
    })),
  ]),
  {
    fence: "the client does not import Node's modules outside its folder",
    path: 'packages/client/src/connection/node.ts',
    source: `import { connect } from 'node:net';\nexport const y: unknown = connect;\n`,
    rule: 'lint/correctness/noNodejsModules',
  },
  {
    fence: 'the client does not import its body on Node from elsewhere',
    path: 'packages/client/src/connection/body.ts',
    source: `import { x } from '../node/connect.ts';\nexport const y: unknown = x;\n`,
    rule: layers,
  },
  ...forbiddenGlobals.map((expression, index) => ({
    fence: `the client does not know ${expression} outside its body on Node`,
    path: `packages/client/src/connection/global-${index}.ts`,
    source: `export const y: unknown = ${expression};\n`,
    rule: globals,
  })),
  ...behindTheDoor.map((from, index) => ({
    fence: `recipes do not import ${from}`,
    path: `packages/client/src/recipes/behind-${index}.ts`,
    source: `import { x } from '${from}';\nexport const y: unknown = x;\n`,
    rule: layers,
  })),
  {
    fence: "recipes do not import Node's modules",
    path: 'packages/client/src/recipes/node.ts',
    source: `import { readFileSync } from 'node:fs';\nexport const y: unknown = readFileSync;\n`,
    rule: 'lint/correctness/noNodejsModules',
  },
  {
    fence: 'an import stands in the manifest of its room',
    path: 'packages/server/src/undeclared.ts',
    source: `import { x } from 'left-pad';\nexport const y: unknown = x;\n`,
    rule: 'lint/correctness/noUndeclaredDependencies',
  },
  {
    fence: 'files do not import each other in a circle',
    path: 'packages/tree/src/circle-a.ts',
    source: `import { b } from './circle-b.ts';\nexport const a = (): number => b();\n`,
    rule: 'lint/suspicious/noImportCycles',
  },
  {
    fence: 'files do not import each other in a circle, seen from the other file',
    path: 'packages/tree/src/circle-b.ts',
    source: `import { a } from './circle-a.ts';\nexport const b = (): number => a();\n`,
    rule: 'lint/suspicious/noImportCycles',
  },
  {
    fence: 'types do not import each other in a circle',
    path: 'packages/tree/src/type-circle-a.ts',
    source: `import type { B } from './type-circle-b.ts';\nexport type A = { b: B } | 1;\n`,
    rule: 'lint/suspicious/noImportCycles',
  },
  {
    fence: 'types do not import each other in a circle, seen from the other file',
    path: 'packages/tree/src/type-circle-b.ts',
    source: `import type { A } from './type-circle-a.ts';\nexport type B = { a: A } | 1;\n`,
    rule: 'lint/suspicious/noImportCycles',
  },
  {
    fence: 'nothing is any',
    path: 'packages/server/src/loose.ts',
    source: 'export const loose = (value: any): unknown => value;\n',
    rule: 'lint/suspicious/noExplicitAny',
  },
  {
    fence: 'no test is left focused',
    path: 'packages/wire/src/focused.test.ts',
    source: `import { it } from 'vitest';\nit.only('runs alone', () => {});\n`,
    rule: 'lint/suspicious/noFocusedTests',
  },
  {
    fence: 'no promise is left alone',
    path: 'packages/server/src/floating.ts',
    source: 'async function work(): Promise<void> {}\nexport function go(): void {\n  work();\n}\n',
    rule: 'lint/nursery/noFloatingPromises',
  },
];

let outline: string;
let reported: ReadonlyMap<string, readonly string[]>;

function plant(path: string, source: string): void {
  const target = join(outline, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, source);
}

function lint(): ReadonlyMap<string, readonly string[]> {
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
  const { stdout } = spawnSync(
    process.execPath,
    [biome, 'lint', '--reporter=json', '--max-diagnostics=none'],
    { cwd: outline, encoding: 'utf8' },
  );
  const rules = new Map<string, string[]>();
  for (const { category, location } of JSON.parse(stdout).diagnostics) {
    const path: string = location.path;
    rules.set(path, [...(rules.get(path) ?? []), category]);
  }
  return rules;
}

beforeAll(() => {
  outline = mkdtempSync(join(tmpdir(), 'zabra-fences-'));
  for (const file of ['biome.json', 'scripts/lint', 'package.json']) {
    cpSync(join(root, file), join(outline, file), { recursive: true });
  }
  for (const room of rooms) {
    plant(
      `packages/${room}/package.json`,
      readFileSync(join(root, `packages/${room}/package.json`), 'utf8'),
    );
    plant(
      `packages/${room}/src/clean.ts`,
      'export const clean = (time: number): number => time;\n',
    );
  }
  plant(
    'packages/sim/src/session-door.ts',
    `import { Session } from '@zabra/client/session';\nexport const y: unknown = Session;\n`,
  );
  plant(
    'packages/client/src/recipes/door.ts',
    `import { x } from '../public.ts';\nexport const y: unknown = x;\n`,
  );
  plant(
    'packages/client/src/node/body.ts',
    `import { connect } from 'node:net';\nexport const y: unknown = connect;\n`,
  );
  for (const { path, source } of planted) plant(path, source);
  reported = lint();
});

afterAll(() => {
  rmSync(outline, { recursive: true, force: true });
});

describe('the linter', () => {
  it.each(rooms)('has nothing against a clean file in %s', (room) => {
    expect(reported.get(`packages/${room}/src/clean.ts`)).toBeUndefined();
  });

  it('lets sim import the session of client', () => {
    expect(reported.get('packages/sim/src/session-door.ts')).toBeUndefined();
  });

  it("lets recipes import the client's public list", () => {
    expect(reported.get('packages/client/src/recipes/door.ts')).toBeUndefined();
  });

  it("lets the client's body on Node import Node", () => {
    expect(reported.get('packages/client/src/node/body.ts')).toBeUndefined();
  });

  it.each(planted)('$fence', ({ path, rule }) => {
    expect(reported.get(path)).toContain(rule);
  });
});

describe('the compiler in a pure room', () => {
  const hidden = ['setTimeout', 'process', 'Buffer', 'console', 'performance', 'fetch', 'document'];

  it.each(pureRooms)('$name is compiled as a pure room', ({ config }) => {
    const text = readFileSync(join(root, `packages/${config}`), 'utf8');
    expect(JSON.parse(text).extends).toBe('../../tsconfig.pure.json');
  });

  it("is shown all of the client's session", () => {
    const text = readFileSync(join(root, 'packages/client/tsconfig.session.json'), 'utf8');
    expect(JSON.parse(text).include).toEqual(['src/session']);
  });

  it('knows no host', () => {
    const directory = 'packages/pure';
    plant(`${directory}/package.json`, '{ "type": "module" }\n');
    plant(
      `${directory}/tsconfig.json`,
      JSON.stringify({
        extends: join(root, 'tsconfig.pure.json'),
        compilerOptions: { noEmit: true },
      }),
    );
    plant(`${directory}/src/clean.ts`, 'export const clean: Uint8Array = new Uint8Array(8);\n');
    for (const name of hidden) {
      plant(`${directory}/src/${name}.ts`, `export const found: unknown = ${name};\n`);
    }
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const { stdout } = spawnSync(process.execPath, [tsc, '-p', directory, '--pretty', 'false'], {
      cwd: outline,
      encoding: 'utf8',
    });
    const refused = [...stdout.matchAll(/src\/(\w+)\.ts\(.*error TS(?:2304|2584|2580|2591)/g)];
    expect(refused.map((match) => match[1]).sort()).toEqual([...hidden].sort());
  });
});

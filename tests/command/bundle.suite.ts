// The command is bundled into one file for a quick start. A bundle that is older than what was
// compiled must never run: somebody would test, or measure, a program that is not there any more.

import { cpSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';

const source = fileURLToPath(new URL('../../packages/cli/bin/program.js', import.meta.url));

let packages: string;

beforeEach(() => {
  packages = mkdtempSync(join(tmpdir(), 'zabra-bundle-'));
  mkdirSync(join(packages, 'cli/bin'), { recursive: true });
  cpSync(source, join(packages, 'cli/bin/program.js'));
  writeFileSync(join(packages, 'package.json'), '{ "type": "module" }');
});

afterEach(() => {
  rmSync(packages, { recursive: true, force: true });
});

function put(path: string, seconds: number): void {
  const file = join(packages, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '');
  utimesSync(file, seconds, seconds);
}

async function isBundleCurrent(): Promise<boolean> {
  const url = pathToFileURL(join(packages, 'cli/bin/program.js')).href;
  const program: { isBundleCurrent: () => boolean } = await import(/* @vite-ignore */ url);
  return program.isBundleCurrent();
}

it('runs where the package is installed and no room is near', async () => {
  put('cli/dist/zabra.js', 10);
  expect(await isBundleCurrent()).toBe(true);
});

it('runs when every room was compiled before it', async () => {
  put('cli/dist/zabra.js', 10);
  for (const room of ['wire', 'tree', 'replica', 'server', 'cli']) {
    put(`${room}/dist/.tsbuildinfo`, 9);
  }
  expect(await isBundleCurrent()).toBe(true);
});

it.each(['wire', 'tree', 'replica', 'server', 'cli'])(
  'does not run when %s was compiled after it',
  async (room) => {
    put('cli/dist/zabra.js', 10);
    put(`${room}/dist/.tsbuildinfo`, 11);
    expect(await isBundleCurrent()).toBe(false);
  },
);

it('does not run when it is missing', async () => {
  put('cli/dist/.tsbuildinfo', 1);
  expect(await isBundleCurrent()).toBe(false);
});

// The catalogue of what can go wrong is covered: each entry is named by a test, or says why it is not.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { expected } from '../packages/sim/src/faults/catalogue.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** `| B-01 | tracker | what went wrong | why no test |` */
const rows = [
  ...read('docs/internals/faults.md').matchAll(
    /^\| ([A-Z]-\d+) \|[^|]*\| ([^|]+) \|(?: ([^|]*))?\|$/gm,
  ),
].map(([, id = '', what = '', excuse = '']) => ({ id, what, excuse: excuse.trim() }));

/** Tests, and the scripts that some of them play; not the mutants, and not who judges the judges. */
const isTest = (path: string): boolean =>
  /\.(?:test|suite)\.ts$|\/testdata\/.*\.txt$/.test(path) &&
  !/\/(?:node_modules|dist)\/|^tests\/mutants\/|^packages\/sim\/src\/checkers\//.test(path);

const named = new Map<string, string[]>();
for (const folder of ['packages', 'tests']) {
  for (const name of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
    const path = `${folder}/${name.replaceAll('\\', '/')}`;
    if (!isTest(path)) continue;
    for (const [id] of read(path).matchAll(/\bB-\d\d\b/g)) {
      named.set(id, [...(named.get(id) ?? []), path]);
    }
  }
}

test('the catalogue can be read', () => {
  expect(rows.length).toBeGreaterThan(80);
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  for (const { what } of rows) expect(what).toMatch(/^\S.*\.$/);
});

test('each entry is named by a test, or says why not', () => {
  const open = rows.filter(({ id, excuse }) => !named.has(id) && excuse === '');
  expect(open.map(({ id, what }) => `${id}: ${what}`)).toEqual([]);
});

test('an entry that a test names has no excuse', () => {
  const excused = rows.filter(({ id, excuse }) => named.has(id) && excuse !== '');
  expect(excused.map(({ id }) => `${id}: ${named.get(id)?.join(', ')}`)).toEqual([]);
});

test('each id that a test names is in the catalogue', () => {
  const known = new Set(rows.map(({ id }) => id));
  expect([...named.keys()].filter((id) => !known.has(id))).toEqual([]);
});

/** `| F-N01 | what happens | why in no world, and where it is tried |` */
const faults = [
  ...read('docs/internals/faults.md').matchAll(/^\| (F-[A-Z]\d+) \| ([^|]+) \|(?: ([^|]*))?\|$/gm),
].map(([, id = '', , excuse = '']) => ({ id, excuse: excuse.trim() }));

test('each fault is in the worlds of the simulator, or says why not', () => {
  const simulated = expected(false).filter((name) => name.startsWith('F-'));
  const told = faults.filter(({ excuse }) => excuse === '').map(({ id }) => id);
  expect(told.toSorted()).toEqual([...new Set(simulated)].toSorted());
  expect(faults).toHaveLength(new Set(faults.map(({ id }) => id)).size);
});

test('where a fault is tried instead, there is something', () => {
  const places = faults.flatMap(({ excuse }) => [...excuse.matchAll(/`([^`]+)`/g)]);
  expect(places.length).toBeGreaterThan(5);
  expect(
    places.map(([, place = '']) => place).filter((place) => !existsSync(join(root, place))),
  ).toEqual([]);
});

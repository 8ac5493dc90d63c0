// docs/compatibility.md has every feature once, in a status that is one of four, and names tests
// that are there. What works has a test that shows it.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { codeSpansOf } from './document-text.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = readFileSync(join(root, 'docs/compatibility.md'), 'utf8');

const FEATURES = 234;
const statuses = ['works', 'partly', 'not yet', 'better'];
const isTest = /(?:\.(?:test|suite)\.ts|\/testdata\/(?:[^/]+\/)*[^/]+\.txt)$/;

interface Row {
  readonly feature: string;
  readonly title: string;
  readonly status: string;
  readonly remark: string;
  readonly tests: readonly string[];
}

const rows: readonly Row[] = page
  .split('\n')
  .filter((line) => /^\| F\d/.test(line))
  .map((line) => {
    const cells = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
    const [, feature = '', title = '', status = '', remark = '', tests = ''] = cells;
    return { feature, title, status, remark, tests: codeSpansOf(tests) };
  });

describe('docs/compatibility.md', () => {
  it('has every feature once, in order', () => {
    const expected = Array.from({ length: FEATURES }, (_, index) => `F${index + 1}`);
    expect(rows.map(({ feature }) => feature)).toEqual(expected);
  });

  it('knows four statuses', () => {
    expect(rows.filter(({ status }) => !statuses.includes(status))).toEqual([]);
  });

  it('names tests that are there', () => {
    const named = [...new Set(rows.flatMap(({ tests }) => tests))];
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    expect(named.filter((path) => !isTest.test(path))).toEqual([]);
  });

  it('calls nothing working that no test shows', () => {
    const shown = rows.filter(({ status }) => status === 'works' || status === 'better');
    expect(shown.filter(({ tests }) => tests.length === 0)).toEqual([]);
  });

  it('says what is missing of what is there in part', () => {
    expect(rows.filter(({ status, remark }) => status === 'partly' && remark === '')).toEqual([]);
  });

  it('counts right', () => {
    const count = (wanted: string): number => rows.filter(({ status }) => status === wanted).length;
    const prose = page.replaceAll('\n', ' ');
    expect(prose).toContain(`${count('works')} work, ${count('better')} are better`);
    expect(prose).toContain(
      `${count('partly')} are there in part, ${count('not yet')} are not there yet`,
    );
  });
});

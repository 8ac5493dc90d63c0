/** The example of each page on a recipe runs, and prints what its comments say. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format } from 'node:util';
import type { ServerHandle } from '@zabra/server';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestServer } from '../testing/test-server.ts';

const guide = fileURLToPath(new URL('../../../../docs/guide/', import.meta.url));
const examples = readdirSync(guide).flatMap((page) => {
  const [, text] = /^```ts\n(.*?)^```$/ms.exec(readFileSync(`${guide}${page}`, 'utf8')) ?? [];
  return text?.includes('@zabra/client/recipes') === true ? [{ page, text }] : [];
});

const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor;
const IMPORT = /^import \{(.*)\} from '@zabra\/client(\/recipes)?';$/gm;
const PRINTS = /console\.log\(.*\);\s*\/\/ (.*)$/gm;

let server: ServerHandle;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(() => server.close());

it('there are pages', () => {
  expect(examples.length).toBeGreaterThan(3);
});

it.each(examples)('the example of $page', async ({ text }) => {
  const body = text
    .replaceAll('localhost:2181', server.connectString)
    .replace(IMPORT, (_, names, door = '') => `const {${names}} = doors['${door}'];`);
  const printed: string[] = [];
  const log = (...values: unknown[]) => printed.push(format(...values));
  const doors = { '': await import('../index.ts'), '/recipes': await import('./index.ts') };
  await new AsyncFunction('doors', 'console', body)(doors, { log });
  expect(printed).toEqual([...text.matchAll(PRINTS)].map(([, comment]) => comment!.trim()));
});

import { validatePath } from '@zabra/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConnectString } from './connect-string.ts';
import { formatEndpoint } from './contract.ts';

/** What is named, in the same form for every spelling; or `!` and a part of the reason. */
const table: readonly (readonly [text: string, meaning: string])[] = [
  ['h1', 'h1:2181'],
  ['h1:2181,h2:2182', 'h1:2181,h2:2182'],
  [' h1 , h2:99 ,', 'h1:2181,h2:99'],
  [',,h1', 'h1:2181'],
  ['h1:', 'h1:2181'],
  ['h1,h2/app/a', 'h1:2181,h2:2181/app/a'],
  ['h1/', 'h1:2181'],
  ['h1,h1:2181,h2', 'h1:2181,h2:2181'],
  ['10.0.0.1:1', '10.0.0.1:1'],
  ['[::1]:2182', '[::1]:2182'],
  ['[::1]', '[::1]:2181'],
  ['[fe80::1]:2181/a', '[fe80::1]:2181/a'],
  ['::1', '[::1]:2181'],
  ['2001:db8:0:0:0:0:0:1', '[2001:db8:0:0:0:0:0:1]:2181'],
  ['dns-srv://zk.example/app', 'srv zk.example/app'],
  ['dns-srv://zk.example', 'srv zk.example'],
  ['', '!no server'],
  [' , ', '!no server'],
  ['/app', '!no server'],
  [':2181', '!names no host'],
  ['h1:0', '!no port between'],
  ['h1:65536', '!no port between'],
  ['h1:x', '!no port between'],
  ['h1:-1', '!no port between'],
  ['a:b:c', '!several colons'],
  ['fe80::1:2181', '!several colons'],
  ['[::1', '!closing bracket'],
  ['[]:2181', '!names no host'],
  ['[::1]2181', '!text behind'],
  ['[::1]:', '!names no port'],
  ['h1/app/', '!ends with a slash'],
  ['h1/a//b', '!empty component'],
  ['h1/a/../b', '!component "." or ".."'],
  ['dns-srv://', '!followed by no name'],
  ['dns-srv:///a', '!followed by no name'],
];

function meaningOf(text: string): string {
  const parsed = parseConnectString(text);
  if (typeof parsed === 'string') return `!${parsed}`;
  const { servers, srvName, root } = parsed;
  return (srvName === null ? servers.map(formatEndpoint).join(',') : `srv ${srvName}`) + root;
}

describe('a connect string', () => {
  it.each(table)('%j means %s', (text, meaning) => {
    if (meaning.startsWith('!')) expect(meaningOf(text)).toContain(meaning.slice(1));
    else expect(meaningOf(text)).toBe(meaning);
  });

  it('made of names, ports and a root means just those', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9.-]{0,12}$/);
    const port = fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined });
    const servers = fc.uniqueArray(fc.tuple(name, port), {
      minLength: 1,
      maxLength: 5,
      selector: ([host]) => host,
    });
    const root = fc.array(fc.stringMatching(/^[a-z]{1,4}$/), { maxLength: 3 });
    const property = fc.property(servers, root, (hosts, parts) => {
      const text = hosts.map(([host, at]) => (at === undefined ? host : `${host}:${at}`)).join(',');
      const path = parts.map((part) => `/${part}`).join('');
      const meaning = hosts.map(([host, at]) => `${host}:${at ?? 2181}`).join(',');
      expect(meaningOf(text + path)).toBe(meaning + path);
    });
    fc.assert(property);
  });

  it('is never anything but servers and a root, or a reason', () => {
    const text = fc.string({ unit: fc.constantFrom(...'ab1:[],/. %') });
    const property = fc.property(text, (given) => {
      const parsed = parseConnectString(given);
      if (typeof parsed === 'string') return;
      expect(parsed.servers.length > 0 || parsed.srvName !== null).toBe(true);
      expect(parsed.root === '' || validatePath(parsed.root) === null).toBe(true);
      for (const { host, port } of parsed.servers) {
        expect(host).not.toBe('');
        expect(port).toBeGreaterThan(0);
        expect(port).toBeLessThan(65_536);
      }
    });
    fc.assert(property, { numRuns: 1000 });
  });
});

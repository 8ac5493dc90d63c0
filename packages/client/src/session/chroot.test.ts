import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toClientPath, toServerPath } from './chroot.ts';

describe('a root', () => {
  it.each([
    ['/app', '/', '/app'],
    ['/app', '/a', '/app/a'],
    ['', '/a', '/a'],
    ['', '/', '/'],
  ])('%j makes of %j %j, and back', (root, client, server) => {
    expect(toServerPath(root, client)).toBe(server);
    expect(toClientPath(root, server)).toBe(client);
  });

  it.each(['/', '/application', '/ap', '/other/app'])('/app does not hold %s', (path) => {
    expect(toClientPath('/app', path)).toBeNull();
  });

  it('loses nothing on the way there and back', () => {
    const path = fc
      .array(fc.stringMatching(/^[a-z]{1,3}$/), { maxLength: 4 })
      .map((parts) => `/${parts.join('/')}`);
    const property = fc.property(path, path, (root, client) => {
      const own = root === '/' ? '' : root;
      expect(toClientPath(own, toServerPath(own, client))).toBe(client);
    });
    fc.assert(property);
  });
});

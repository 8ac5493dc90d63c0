import { expect, test } from 'vitest';
import { JuteReader } from '../jute/reader.ts';
import { JuteWriter } from '../jute/writer.ts';
import { Permission } from '../opcode.ts';
import { decodeAcl, formatPermissions, parsePermissions } from './acl.ts';

test('permissions are written as the command line writes them', () => {
  expect(formatPermissions(Permission.All)).toBe('cdrwa');
  expect(formatPermissions(Permission.Read | Permission.Admin)).toBe('ra');
  expect(formatPermissions(0)).toBe('');
});

test('permissions are read in any order', () => {
  for (let perms = 0; perms <= Permission.All; perms += 1) {
    const text = formatPermissions(perms);
    expect(parsePermissions(text)).toBe(perms);
    expect(parsePermissions([...text].reverse().join(''))).toBe(perms);
  }
  expect(parsePermissions('rx')).toBe(null);
});

test('a null id, as some clients write it, is an empty one', () => {
  const writer = new JuteWriter();
  writer.int(Permission.All);
  writer.string('auth');
  writer.string(null);
  expect(decodeAcl(JuteReader.over(writer.finish()))).toEqual({
    perms: Permission.All,
    id: { scheme: 'auth', id: '' },
  });
});

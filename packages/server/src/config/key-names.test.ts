import { describe, expect, it } from 'vitest';
import { keyOfVariable, settingOf, variableOf } from './key-names.ts';
import { otherKeyNames } from './other-keys.ts';
import { settingRows } from './setting-rows.ts';

const rows = Object.values(settingRows);
const keys = rows.flatMap(({ key, aliases = [] }) => [key, ...aliases]);

describe('keys', () => {
  it('stand in one table, once', () => {
    const all = [...keys, ...otherKeyNames];
    expect(all.filter((key, index) => all.indexOf(key) !== index)).toEqual([]);
  });

  // Some names differ in case and underscores only: those mean the same.
  it.each(keys)('%s can be written as a variable', (key) => {
    expect(settingOf(keyOfVariable(variableOf(key)) ?? '')).toBe(settingOf(key));
  });

  it.each(otherKeyNames)('%s can be written as a variable', (key) => {
    expect(keyOfVariable(variableOf(key))).toBe(key);
  });
});

describe('variableOf', () => {
  it.each([
    ['clientPort', 'CLIENT_PORT'],
    ['autopurge.snapRetainCount', 'AUTOPURGE_SNAP_RETAIN_COUNT'],
    ['enableEagerACLCheck', 'ENABLE_EAGER_ACL_CHECK'],
    ['4lw.commands.whitelist', '4LW_COMMANDS_WHITELIST'],
    ['connection_throttle_tokens', 'CONNECTION_THROTTLE_TOKENS'],
  ])('%s is %s', (key, variable) => {
    expect(variableOf(key)).toBe(variable);
  });
});

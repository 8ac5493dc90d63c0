// What a key may be called. One setting can be written as zoo.cfg's key, with or without
// `zookeeper.`, by the name the Apache documentation prints for it, or as an environment variable.

import { nearest } from './nearest.ts';
import { groupOf, otherKeyNames } from './other-keys.ts';
import { settingRows } from './setting-rows.ts';

export type SettingName = keyof typeof settingRows;

const byKey = new Map<string, SettingName>();
for (const name of Object.keys(settingRows) as SettingName[]) {
  const { key, aliases = [] } = settingRows[name];
  for (const written of [key, ...aliases]) byKey.set(written, name);
}

const knownKeys: readonly string[] = [...byKey.keys(), ...otherKeyNames];

/** Variables leave out all that is not a letter or a digit, and do not tell letters by case. */
const bySqueezed = new Map(knownKeys.map((key) => [squeeze(key), key]));

function squeeze(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** The setting a key sets, whatever it is called. */
export function settingOf(key: string): SettingName | undefined {
  return byKey.get(key);
}

/** Takes `zookeeper.` off a key, as the prefix of properties that the file goes without. */
export function plainKey(key: string): string {
  return key.startsWith('zookeeper.') ? key.slice('zookeeper.'.length) : key;
}

export function isKnown(key: string): boolean {
  return byKey.has(key) || groupOf(key) !== undefined;
}

/** The key a variable's name stands for (without its `ZABRA_`), as in `CLIENT_PORT`. */
export function keyOfVariable(name: string): string | undefined {
  const numbered = /^(SERVER|GROUP|WEIGHT)_(\d+)$/.exec(name);
  if (numbered !== null) return `${numbered[1]?.toLowerCase()}.${numbered[2]}`;
  return bySqueezed.get(squeeze(name));
}

export function nearestKey(key: string): string | undefined {
  return nearest(key, knownKeys);
}

/** The nearest known variable, as somebody would write it: words apart, in capitals. */
export function nearestVariable(name: string): string | undefined {
  const squeezed = nearest(squeeze(name), bySqueezed.keys());
  const key = squeezed === undefined ? undefined : bySqueezed.get(squeezed);
  return key === undefined ? undefined : variableOf(key);
}

/** `autopurge.snapRetainCount` is `AUTOPURGE_SNAP_RETAIN_COUNT`. */
export function variableOf(key: string): string {
  return key
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase();
}

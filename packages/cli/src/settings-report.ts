// Which settings are not the defaults, and who set them: the first thing to look at when a server
// behaves as nobody meant it to.

import { describeOrigin, type ResolvedSettings } from '@zabra/server';

type SettingName = keyof ResolvedSettings['origins'];

/** Never shown: who sees a digest can try passwords against it. */
const secrets: ReadonlySet<SettingName> = new Set(['superDigest']);

export function reportSettings({ settings, origins }: ResolvedSettings): readonly string[] {
  return (Object.keys(origins) as SettingName[])
    .filter((name) => origins[name].source !== 'default')
    .map((name) => {
      const value = secrets.has(name) ? '(hidden)' : String(settings[name]);
      return `  ${name} = ${value}   ${describeOrigin(origins[name])}`;
    });
}

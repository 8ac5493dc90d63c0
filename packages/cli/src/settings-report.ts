// Which settings are not the defaults, and who set them: the first thing to look at when a server
// behaves as nobody meant it to.

import { describeOrigin, type ResolvedSettings, type ServerSettings } from '@zabra/server';

/** Never shown: who sees a digest can try passwords against it. */
const secrets: ReadonlySet<keyof ServerSettings> = new Set(['superDigest']);

export function reportSettings({ settings, origins }: ResolvedSettings): readonly string[] {
  return (Object.keys(origins) as (keyof ServerSettings)[])
    .filter((name) => origins[name].source !== 'default')
    .map((name) => {
      const value = secrets.has(name) ? '(hidden)' : String(settings[name]);
      return `  ${name} = ${value}   ${describeOrigin(origins[name])}`;
    });
}

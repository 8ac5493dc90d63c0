/**
 * Whether two configurations differ in more than their version. Where they do not, a newer version is
 * taken over without anybody having to be asked again.
 */
import { type Ensemble, formatEnsemble } from '@zabra/wire';

export function sameMembers(one: Ensemble, other: Ensemble): boolean {
  return linesOf(one) === linesOf(other);
}

/** The text without its version, in an order of its own: servers may list their members in any. */
function linesOf(ensemble: Ensemble): string {
  return formatEnsemble({ ...ensemble, version: 0n })
    .split('\n')
    .sort()
    .join('\n');
}

/**
 * Which lists a request may set, and what is stored for them: duplicates go, `auth` becomes the
 * identities of whoever asks, and every other entry must make sense to its scheme.
 */
import type { AclEntry } from './acl-list.ts';
import type { Identities } from './identity.ts';
import { parseIpRange } from './ip-range.ts';

/** Schemes whose identities `auth` stands for. */
const AUTHENTICATED_SCHEMES: ReadonlySet<string> = new Set(['digest', 'sasl', 'x509']);

/** The entries to store, or null for a list that is refused. */
export function normaliseAcl(
  entries: readonly AclEntry[] | null,
  identities: Identities,
  digestSchemeEnabled: boolean,
): AclEntry[] | null {
  if (entries === null || entries.length === 0) return null;
  const distinct = new Map(entries.map((entry) => [textOf(entry), entry]));
  const stored: AclEntry[] = [];
  for (const entry of distinct.values()) {
    const expanded = expand(entry, identities, digestSchemeEnabled);
    if (expanded === null) return null;
    stored.push(...expanded);
  }
  return stored;
}

function expand(
  entry: AclEntry,
  identities: Identities,
  digestSchemeEnabled: boolean,
): readonly AclEntry[] | null {
  if (entry.scheme === 'auth') {
    const own = identities.list.filter((identity) => AUTHENTICATED_SCHEMES.has(identity.scheme));
    if (own.length === 0) return null;
    return own.map(({ scheme, id }) => ({ permissions: entry.permissions, scheme, id }));
  }
  if (entry.scheme === 'digest' && !digestSchemeEnabled) return null;
  const isValid = validators.get(entry.scheme);
  return isValid?.(entry.id) ? [entry] : null;
}

const validators: ReadonlyMap<string, (id: string) => boolean> = new Map([
  ['world', (id: string): boolean => id === 'anyone'],
  ['digest', isDigestId],
  ['ip', (id: string): boolean => parseIpRange(id) !== null],
]);

/** Two parts around a colon, where trailing empty parts do not count: `a:b`, `:b`, `a:b:`. */
function isDigestId(id: string): boolean {
  const parts = id.split(':');
  while (parts.length > 0 && parts[parts.length - 1] === '') parts.pop();
  return parts.length === 2;
}

/** A text that no other entry has: a list may be so long that comparing all pairs takes for ever. */
function textOf({ permissions, scheme, id }: AclEntry): string {
  return `${permissions} ${scheme.length} ${scheme}${id}`;
}

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
  const stored: AclEntry[] = [];
  for (const entry of entries) {
    const expanded = expand(entry, identities, digestSchemeEnabled);
    if (expanded === null) return null;
    for (const one of expanded) if (!stored.some((known) => isSame(known, one))) stored.push(one);
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

function isSame(a: AclEntry, b: AclEntry): boolean {
  return a.permissions === b.permissions && a.scheme === b.scheme && a.id === b.id;
}

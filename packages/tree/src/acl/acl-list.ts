/** One access control list as the tree shares it among nodes, and the question it answers. */
import { type JuteReader, JuteWriter } from '@zabra/wire';
import type { Identities } from './identity.ts';
import { type IpRange, parseAddress, parseIpRange, rangeHolds } from './ip-range.ts';

export interface AclEntry {
  readonly permissions: number;
  readonly scheme: string;
  readonly id: string;
}

/** The smallest encoding of an entry: permissions and two empty strings. */
const ENTRY_BYTES_MIN = 12;

export class AclList {
  readonly key: number;
  readonly entries: readonly AclEntry[];
  /** The vector as it stands in requests, transactions and snapshots. */
  readonly encoded: Uint8Array;
  readonly encodedView: DataView;
  /** Everything the entry world:anyone grants, so that open nodes cost one test. */
  readonly worldPermissions: number;
  /** Nodes, present and future, that carry this list. */
  references = 0;
  readonly #ranges: readonly (IpRange | null)[];

  constructor(key: number, entries: readonly AclEntry[], encoded: Uint8Array) {
    this.key = key;
    this.entries = entries;
    this.encoded = encoded;
    this.encodedView = new DataView(encoded.buffer, encoded.byteOffset, encoded.byteLength);
    this.worldPermissions = entries
      .filter((entry) => entry.scheme === 'world' && entry.id === 'anyone')
      .reduce((bits, entry) => bits | entry.permissions, 0);
    this.#ranges = entries.map((entry) => (entry.scheme === 'ip' ? parseIpRange(entry.id) : null));
  }

  /** Whether any entry grants one of the wanted permissions to one of the identities. */
  permits(wanted: number, identities: Identities): boolean {
    if ((this.worldPermissions & wanted) !== 0) return true;
    if (this.entries.length === 0 || identities.isSuper) return true;
    return this.entries.some(
      (entry, i) => (entry.permissions & wanted) !== 0 && this.#matches(entry, i, identities),
    );
  }

  #matches(entry: AclEntry, index: number, identities: Identities): boolean {
    const range = this.#ranges[index] ?? null;
    return identities.list.some((identity) => {
      if (identity.scheme !== entry.scheme) return false;
      if (range === null) return identity.id === entry.id;
      const address = parseAddress(identity.id);
      return address !== null && rangeHolds(range, address);
    });
  }
}

/** Entries of a vector, null for a null vector; a null scheme or id reads as empty. */
export function readAclEntries(reader: JuteReader): AclEntry[] | null {
  const count = reader.count(ENTRY_BYTES_MIN);
  if (count < 0) return null;
  const entries: AclEntry[] = [];
  for (let i = 0; i < count && !reader.failed; i += 1) {
    const permissions = reader.int();
    const scheme = reader.string() ?? '';
    const id = reader.string() ?? '';
    entries.push({ permissions, scheme, id });
  }
  return entries;
}

/** Steps over a vector without making anything of it. */
export function skipAcl(reader: JuteReader): void {
  const count = reader.count(ENTRY_BYTES_MIN);
  for (let i = 0; i < count && !reader.failed; i += 1) {
    reader.int();
    reader.span();
    reader.span();
  }
}

export function encodeAclEntries(entries: readonly AclEntry[]): Uint8Array {
  const writer = new JuteWriter(64);
  writer.int(entries.length);
  for (const entry of entries) {
    writer.int(entry.permissions);
    writer.string(entry.scheme);
    writer.string(entry.id);
  }
  return writer.finish();
}

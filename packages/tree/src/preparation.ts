/**
 * What an operation has in hand while it is checked and turned into a transaction: the request's
 * bytes, who asks, the zxid and time it would get, and the tree as it will be by then. One object
 * serves every request; nothing is allocated for one.
 *
 * An operation either returns Ok with its transaction's body in `out` and its effects in `pending`,
 * or returns an error having changed nothing but `out`, which the caller sets back.
 */
import { type Ensemble, ErrorCode, JuteReader, type JuteWriter } from '@zabra/wire';
import { type AclList, encodeAclEntries, readAclEntries } from './acl/acl-list.ts';
import { isOpenAcl, OPEN_ACL } from './acl/acl-table.ts';
import { Identities } from './acl/identity.ts';
import { normaliseAcl } from './acl/normalise.ts';
import type { Members } from './members.ts';
import { type Pending, Place } from './pending.ts';
import type { QuotaTable } from './quota/quota-table.ts';
import { Field } from './record.ts';
import type { SessionView } from './sessions/session-table.ts';
import type { TreeSettings } from './settings.ts';
import type { Tree } from './tree.ts';

/** The body of a request cannot be decoded; unlike the other codes it makes no transaction. */
export const MALFORMED: number = ErrorCode.MarshallingError;

export class Preparation {
  readonly tree: Tree;
  readonly pending: Pending;
  readonly quotas: QuotaTable;
  readonly settings: TreeSettings;
  readonly reader: JuteReader = new JuteReader();
  /** The batch the transaction joins. */
  out: JuteWriter;
  readonly node: Place = new Place();
  readonly parent: Place = new Place();
  readonly #places: readonly Place[] = [this.node, this.parent];
  session: SessionView | null = null;
  identities: Identities = new Identities([]);
  zxidHigh = 0;
  zxidLow = 0;
  timeHigh = 0;
  timeLow = 0;
  /** The transaction's type, which may differ from the request's opcode. */
  type = 0;
  inMulti = false;
  /** Null on a server that serves alone. */
  members: Members | null = null;
  /** The configuration that the transaction makes, where it makes one. */
  ensemble: Ensemble | null = null;
  /** Set behind a multi's failed operation: the rest is only checked for being decodable. */
  decodeOnly = false;
  /** Set where an operation would make a node that ends with its session; for whoever asks. */
  makesEphemeral = false;

  constructor(
    tree: Tree,
    pending: Pending,
    quotas: QuotaTable,
    settings: TreeSettings,
    out: JuteWriter,
  ) {
    this.tree = tree;
    this.pending = pending;
    this.quotas = quotas;
    this.settings = settings;
    this.out = out;
  }

  /** The access control list the future node will have. */
  aclOf(place: Place): AclList {
    return this.tree.acls.of(place.field(Field.AclKey));
  }

  may(permission: number, place: Place): boolean {
    return this.settings.skipAcl || this.aclOf(place).permits(permission, this.identities);
  }

  /**
   * The encoded list to store for the one requested at [start, end); null where it is refused. The
   * open list needs no normalising, and nearly every request carries it.
   */
  storedAcl(start: number, end: number): Uint8Array | null {
    const { reader } = this;
    if (isOpenAcl(reader.bytes, start, end)) return OPEN_ACL;
    const after = reader.position;
    reader.position = start;
    const requested = readAclEntries(reader);
    reader.position = after;
    const digestEnabled = this.settings.digestSchemeEnabled;
    const stored = normaliseAcl(requested, this.identities, digestEnabled);
    const encoded = stored === null ? null : encodeAclEntries(stored);
    // `auth` may stand for far more than a request holds.
    return encoded !== null && encoded.length > this.settings.txnBytesMax / 2 ? null : encoded;
  }

  writeAcl(encoded: Uint8Array): void {
    const { out } = this;
    out.reserve(encoded.length);
    out.bytes.set(encoded, out.position);
    out.position += encoded.length;
  }

  /** Writing may have moved the output; both places must point into what is kept. */
  rebind(): void {
    for (const place of this.#places) {
      place.bytes = this.out.bytes;
      place.pathView = this.out.view;
    }
  }

  /** Copies the request's path into the transaction and points `node` at it; where it starts there. */
  copyPath(pathStart: number, pathLength: number): number {
    const { reader, out } = this;
    out.int(pathLength);
    const start = out.position;
    out.raw(reader.bytes, reader.view, pathStart, pathLength);
    this.locateNode(start, out.position);
    return start;
  }

  /** Points `node` at the path just written into `out` at [start, end). */
  locateNode(start: number, end: number): void {
    this.pending.locate(this.node, this.out.bytes, this.out.view, start, end);
  }

  /** Points `parent` at the parent of the path in `out`, whose last slash is at `slash`. */
  locateParent(start: number, slash: number): void {
    const end = slash === start ? start + 1 : slash;
    this.pending.locate(this.parent, this.out.bytes, this.out.view, start, end);
  }
}

/** Where the last slash of bytes[start, end) is, or -1; and -1 too when there is a NUL. */
export function lastSlash(bytes: Uint8Array, start: number, end: number): number {
  let slash = -1;
  for (let i = start; i < end; i += 1) {
    const byte = bytes[i]!;
    if (byte === 0x2f) slash = i;
    else if (byte === 0) return -1;
  }
  return slash;
}

/** A version after one more change; -1 is skipped because requests use it for "any". */
export function nextVersion(version: number): number {
  const next = (version + 1) | 0;
  return next === -1 ? 0 : next;
}

/**
 * create, create2, createContainer and createTTL: one family, told apart by opcode and flags.
 *
 * Transaction: path ustring, data buffer, acl vector<ACL>, [ephemeral boolean,] parentCversion int
 * [, ttl long]. The parent's counter of creations is carried, so that applying twice is harmless.
 */
import {
  assert,
  CreateFlags,
  crc32Extend,
  ErrorCode,
  EventType,
  type JuteWriter,
  Opcode,
  PathProblem,
  Permission,
  pathProblem,
} from '@zabra/wire';
import { skipAcl } from '../acl/acl-list.ts';
import type { Application } from '../application.ts';
import { lastSlash, MALFORMED, type Preparation } from '../preparation.ts';
import {
  CONTAINER_OWNER_HIGH,
  Field,
  OwnerKind,
  ownerKind,
  setLong,
  setOwner,
  TTL_OWNER_BYTE,
} from '../record.ts';
import { NO_ROW } from '../tree.ts';

/** TTLs fit into 40 bits of milliseconds. */
const TTL_HIGH_MAX = 0xff;
const SEQUENCE_DIGITS = 10;

export function prepareCreate(p: Preparation, opcode: number): number {
  const { reader, out } = p;
  // Decode.
  if (reader.span() < 0) return MALFORMED;
  const pathStart = reader.spanStart;
  const pathLength = reader.spanLength;
  const dataLength = reader.span();
  const dataStart = reader.spanStart;
  const aclStart = reader.position;
  skipAcl(reader);
  const aclEnd = reader.position;
  const flags = reader.int();
  const ttlHigh = opcode === Opcode.CreateTtl ? reader.int() : -1;
  const ttlLow = opcode === Opcode.CreateTtl ? reader.int() : -1;
  if (reader.failed) return MALFORMED;
  // Check what needs no tree. Flags of no meaning make a whole multi undecodable.
  if (flags < CreateFlags.Persistent || flags > CreateFlags.PersistentSequentialTtl) {
    return p.inMulti ? MALFORMED : ErrorCode.BadArguments;
  }
  const wantsEphemeral = isEphemeral(flags);
  if (wantsEphemeral) p.makesEphemeral = true;
  if (p.decodeOnly) return ErrorCode.Ok;
  const wantsTtl = flags >= CreateFlags.PersistentTtl;
  if (wantsTtl && !p.settings.extendedTypes) return ErrorCode.Unimplemented;
  if (wantsTtl !== (opcode === Opcode.CreateTtl)) return ErrorCode.BadArguments;
  if (wantsTtl && !isTtl(ttlHigh, ttlLow)) return ErrorCode.BadArguments;
  if (p.session === null || p.session.closing) return ErrorCode.SessionExpired;
  // Nobody would ever hear of the end of such a session.
  if (wantsEphemeral && p.session.isLocal) return ErrorCode.SessionExpired;
  if (lastSlash(reader.bytes, pathStart, pathStart + pathLength) < 0) {
    return ErrorCode.BadArguments;
  }
  const type = typeOf(opcode, flags);
  // The transaction, as far as it is known: path, data, access control list.
  const lengthAt = out.position;
  out.int(pathLength);
  const start = out.position;
  out.raw(reader.bytes, reader.view, pathStart, pathLength);
  let end = out.position;
  let slash = lastSlash(out.bytes, start, end);
  const acl = p.storedAcl(aclStart, aclEnd);
  if (acl === null) return ErrorCode.InvalidAcl;
  p.locateParent(start, slash);
  const { parent, node } = p;
  if (!parent.exists) return ErrorCode.NoNode;
  if (!p.may(Permission.Create, parent)) return ErrorCode.NoAuth;
  const cversion = parent.field(Field.Cversion);
  if (isSequential(flags)) {
    writeSequence(out, cversion);
    end = out.position;
    out.view.setInt32(lengthAt, end - start);
    slash = lastSlash(out.bytes, start, end);
  }
  if (pathProblem(out.bytes, start, end) !== PathProblem.Ok) return ErrorCode.BadArguments;
  p.locateNode(start, end);
  if (node.exists) return ErrorCode.NodeExists;
  const parentOwner = ownerKind(
    parent.field(Field.Owner),
    parent.field(Field.Owner + 4),
    p.settings.extendedTypes,
  );
  if (parentOwner === OwnerKind.Session) return ErrorCode.NoChildrenForEphemerals;
  if (p.quotas.refuses(out.bytes, start, end, 1, Math.max(dataLength, 0))) {
    return ErrorCode.QuotaExceeded;
  }
  // All checks passed: the rest of the transaction, and what it will do.
  const ephemeral = type !== Opcode.CreateContainer && wantsEphemeral;
  out.span(reader.bytes, reader.view, dataStart, dataLength);
  const dataAt = out.position - Math.max(dataLength, 0);
  p.writeAcl(acl);
  if (type === Opcode.Create || type === Opcode.Create2) out.boolean(ephemeral);
  const parentCversion = (cversion + 1) | 0;
  out.int(parentCversion);
  if (wantsTtl) out.long2(ttlHigh, ttlLow);
  p.type = type;
  p.rebind();
  const record = p.pending.change(node, p.zxidHigh, p.zxidLow);
  p.pending.birth(node, p.tree.acls.intern(acl, 0, acl.length));
  setStat(record, 0, p.zxidHigh, p.zxidLow, p.timeHigh, p.timeLow);
  const { ownerHigh, ownerLow } = ownerOf(type, ephemeral, p, ttlHigh, ttlLow);
  setOwner(record, 0, ownerHigh, ownerLow, p.settings.extendedTypes);
  if (dataLength > 0) {
    const crc = record.getInt32(Field.DataCrc);
    record.setInt32(Field.DataCrc, crc32Extend(crc, out.view, dataAt, dataAt + dataLength));
  }
  record.setInt32(Field.DataLength, Math.max(dataLength, 0));
  p.pending.settle(node);
  const parentRecord = p.pending.change(parent, p.zxidHigh, p.zxidLow);
  // The stored counter sticks at its largest value: the tree only ever raises it.
  if (parentCversion > cversion) {
    parentRecord.setInt32(Field.Cversion, parentCversion);
    setLong(parentRecord, Field.Pzxid, p.zxidHigh, p.zxidLow);
  }
  parentRecord.setInt32(Field.NumChildren, parentRecord.getInt32(Field.NumChildren) + 1);
  p.pending.settle(parent);
  return ErrorCode.Ok;
}

/** `create` with the container flag makes a container, as it does inside a multi of Apache's. */
function typeOf(opcode: number, flags: number): number {
  return flags === CreateFlags.Container ? Opcode.CreateContainer : opcode;
}

function isSequential(flags: number): boolean {
  return (
    flags === CreateFlags.PersistentSequential ||
    flags === CreateFlags.EphemeralSequential ||
    flags === CreateFlags.PersistentSequentialTtl
  );
}

function isEphemeral(flags: number): boolean {
  return flags === CreateFlags.Ephemeral || flags === CreateFlags.EphemeralSequential;
}

function isTtl(high: number, low: number): boolean {
  return high >= 0 && high <= TTL_HIGH_MAX && (high > 0 || low !== 0);
}

/** The parent's counter as at least ten digits; a sign counts as one. */
function writeSequence(out: JuteWriter, cversion: number): void {
  if (cversion < 0) {
    const digits = String(-cversion).padStart(SEQUENCE_DIGITS - 1, '0');
    out.byte(0x2d);
    for (let i = 0; i < digits.length; i += 1) out.byte(digits.charCodeAt(i));
    return;
  }
  out.reserve(SEQUENCE_DIGITS);
  let rest = cversion;
  for (let i = SEQUENCE_DIGITS - 1; i >= 0; i -= 1) {
    out.bytes[out.position + i] = 0x30 + (rest % 10);
    rest = (rest / 10) | 0;
  }
  out.position += SEQUENCE_DIGITS;
}

function setStat(
  view: DataView,
  at: number,
  zxidHigh: number,
  zxidLow: number,
  timeHigh: number,
  timeLow: number,
): void {
  setLong(view, at + Field.Czxid, zxidHigh, zxidLow);
  setLong(view, at + Field.Mzxid, zxidHigh, zxidLow);
  setLong(view, at + Field.Pzxid, zxidHigh, zxidLow);
  setLong(view, at + Field.Ctime, timeHigh, timeLow);
  setLong(view, at + Field.Mtime, timeHigh, timeLow);
}

interface Owner {
  readonly ownerHigh: number;
  readonly ownerLow: number;
}

const NO_OWNER: Owner = { ownerHigh: 0, ownerLow: 0 };
const CONTAINER_OWNER: Owner = { ownerHigh: CONTAINER_OWNER_HIGH, ownerLow: 0 };

function ownerOf(
  type: number,
  ephemeral: boolean,
  p: Preparation,
  ttlHigh: number,
  ttlLow: number,
): Owner {
  if (type === Opcode.CreateContainer) return CONTAINER_OWNER;
  if (type === Opcode.CreateTtl) return ttlOwner(ttlHigh, ttlLow);
  if (!ephemeral) return NO_OWNER;
  return { ownerHigh: p.session!.high, ownerLow: p.session!.low };
}

function ttlOwner(ttlHigh: number, ttlLow: number): Owner {
  return { ownerHigh: (TTL_OWNER_BYTE << 24) | ttlHigh, ownerLow: ttlLow };
}

export function applyCreate(a: Application, type: number): void {
  const { reader, tree } = a;
  reader.span();
  const start = reader.spanStart;
  const end = start + reader.spanLength;
  const dataLength = reader.span();
  const dataStart = reader.spanStart;
  const aclStart = reader.position;
  skipAcl(reader);
  const aclEnd = reader.position;
  const plain = type === Opcode.Create || type === Opcode.Create2;
  const ephemeral = plain && reader.boolean();
  // Logs from before 3.4 carry no counter: one more than the parent's is meant.
  const parentCversion = reader.remaining >= 4 ? reader.int() : -1;
  const ttlHigh = type === Opcode.CreateTtl ? reader.int() : 0;
  const ttlLow = type === Opcode.CreateTtl ? reader.int() : 0;
  const { bytes, view } = reader;
  const slash = lastSlash(bytes, start, end);
  const parentEnd = slash === start ? start + 1 : slash;
  const parent = tree.find(bytes, view, start, parentEnd);
  if (parent < 0) {
    assert(a.tolerant, 'the parent of a created node exists');
    return;
  }
  const known = a.tolerant ? tree.find(bytes, view, start, end) : NO_ROW;
  if (known >= 0) {
    replaceAcl(a, known, aclStart, aclEnd);
    raiseParent(a, parent, parentCversion);
    return;
  }
  raiseParent(a, parent, parentCversion);
  const row = tree.insert(parent, bytes, view, start, end);
  const record = tree.viewOf(row);
  const at = tree.offsetOf(row);
  tree.setData(row, bytes, view, dataStart, dataLength);
  tree.setAclKey(row, tree.acls.intern(bytes, aclStart, aclEnd));
  setStat(record, at, a.zxidHigh, a.zxidLow, a.timeHigh, a.timeLow);
  if (ephemeral) tree.setOwner(row, a.sessionHigh, a.sessionLow);
  else if (type === Opcode.CreateContainer) tree.setOwner(row, CONTAINER_OWNER_HIGH, 0);
  else if (type === Opcode.CreateTtl) {
    const owner = ttlOwner(ttlHigh, ttlLow);
    tree.setOwner(row, owner.ownerHigh, owner.ownerLow);
  }
  tree.afterBirth(row);
  a.quotas.onCreate(row, bytes, start, end);
  a.watches.fire(EventType.Created, tree.aclOf(row), bytes, view, start, end);
  a.watches.fireChildren(a.aclOf(parent), bytes, view, start, parentEnd);
  a.result.span(bytes, view, start, end - start);
  a.shortResultEnd = a.result.position;
  a.writeStat(row);
}

function raiseParent(a: Application, parent: number, parentCversion: number): void {
  const { tree } = a;
  const view = tree.viewOf(parent);
  const at = tree.offsetOf(parent);
  const cversion = view.getInt32(at + Field.Cversion);
  const raised = parentCversion === -1 ? (cversion + 1) | 0 : parentCversion;
  if (raised <= cversion) return;
  tree.beforeChange(parent);
  view.setInt32(at + Field.Cversion, raised);
  const children = view.getInt32(at + Field.NumChildren);
  view.setInt32(at + Field.VisibleCversion, (2 * raised - children) | 0);
  setLong(view, at + Field.Pzxid, a.zxidHigh, a.zxidLow);
  tree.afterChange(parent);
}

/** A replayed create repairs the list of a node whose list the snapshot did not hold. */
function replaceAcl(a: Application, row: number, aclStart: number, aclEnd: number): void {
  const { tree, reader } = a;
  tree.beforeChange(row);
  tree.setAclKey(row, tree.acls.intern(reader.bytes, aclStart, aclEnd));
  tree.afterChange(row);
}

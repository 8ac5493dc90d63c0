import { CreateFlags, JuteWriter, Opcode, operations } from '@zabra/wire';
import { describe, expect, test } from 'vitest';
import { createFreshTree } from '../fresh-tree.ts';
import { QuotaTable } from '../quota/quota-table.ts';
import { EphemeralWish } from './ephemeral-wish.ts';
import { writes } from './table.ts';

const settings = {
  extendedTypes: true,
  enforceQuota: false,
  skipAcl: false,
  digestEnabled: true,
  closeSessionPaths: true,
  digestSchemeEnabled: true,
  reconfigEnabled: false,
  votersMin: 1,
  multiAddressEnabled: false,
  txnBytesMax: 0xfffff,
};
const OPEN = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];

function create(flags: number): { path: string; data: null; acl: typeof OPEN; flags: number } {
  return { path: '/a', data: null, acl: OPEN, flags };
}

function isWishIn(opcode: number, encode: (writer: JuteWriter) => void, cutBytes = 0): boolean {
  const writer = new JuteWriter();
  encode(writer);
  const bytes = writer.finish();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tree = createFreshTree({ hashKey: { first: 1, second: 2 }, extendedTypes: true });
  const wish = new EphemeralWish(tree, new QuotaTable(tree, false), settings);
  const prepare = writes.get(opcode)!;
  const end = bytes.length - cutBytes;
  const first = wish.isIn(opcode, prepare, bytes, view, 0, end);
  // What was asked before leaves no trace.
  expect(wish.isIn(opcode, prepare, bytes, view, 0, end)).toBe(first);
  return first;
}

function isWishOf(opcode: typeof Opcode.Create | typeof Opcode.Create2, flags: number): boolean {
  return isWishIn(opcode, (writer) => operations[opcode].encodeRequest(writer, create(flags)));
}

function multi(...flags: readonly number[]): (writer: JuteWriter) => void {
  const creates = flags.map((each) => ({ type: Opcode.Create, body: create(each) }) as const);
  const ops = [
    { type: Opcode.Check, body: { path: '/a', version: 1 } },
    { type: Opcode.SetData, body: { path: '/a', data: null, version: 1 } },
    ...creates,
    { type: Opcode.Delete, body: { path: '/a', version: 1 } },
  ] as const;
  return (writer) => operations[Opcode.Multi].encodeRequest(writer, { ops });
}

describe('a wish for a node that ends with its session', () => {
  test('is told by the flags of a create', () => {
    for (const opcode of [Opcode.Create, Opcode.Create2] as const) {
      expect(isWishOf(opcode, CreateFlags.Ephemeral)).toBe(true);
      expect(isWishOf(opcode, CreateFlags.EphemeralSequential)).toBe(true);
      expect(isWishOf(opcode, CreateFlags.Persistent)).toBe(false);
      expect(isWishOf(opcode, CreateFlags.PersistentSequential)).toBe(false);
      expect(isWishOf(opcode, CreateFlags.Container)).toBe(false);
    }
  });

  test('is found wherever it stands in a multi (B-76)', () => {
    const { Persistent, Ephemeral, EphemeralSequential } = CreateFlags;
    expect(isWishIn(Opcode.Multi, multi(Persistent, Persistent))).toBe(false);
    expect(isWishIn(Opcode.Multi, multi(Ephemeral, Persistent))).toBe(true);
    expect(isWishIn(Opcode.Multi, multi(Persistent, EphemeralSequential))).toBe(true);
  });

  test('is none where the request cannot be decoded', () => {
    expect(isWishIn(Opcode.Multi, multi(CreateFlags.Ephemeral), 3)).toBe(false);
    expect(isWishIn(Opcode.Create, (writer) => writer.int(7))).toBe(false);
  });

  test('is in no other write', () => {
    const request = { path: '/a', version: 1 };
    const encode = (writer: JuteWriter): void =>
      operations[Opcode.Delete].encodeRequest(writer, request);
    expect(isWishIn(Opcode.Delete, encode)).toBe(false);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  arbitraryData,
  arbitraryInt,
  arbitraryLong,
  arbitraryNullableAcls,
  arbitrarySessionId,
  arbitraryText,
  arbitraryZxid,
} from '../../../../tests/support/arbitrary-records.ts';
import { encoded, expectSafeDecoder } from '../../../../tests/support/codec-properties.ts';
import { JuteReader } from '../jute/reader.ts';
import { JuteWriter } from '../jute/writer.ts';
import { Opcode } from '../opcode.ts';
import { asSessionId } from '../session-id.ts';
import { asZxid } from '../zxid.ts';
import type { PartTxn } from './multi-txn.ts';
import {
  decodeTransaction,
  encodeTransaction,
  type Transaction,
  type TxnRecord,
} from './transaction.ts';
import { encodeTxnHeader } from './txn-header.ts';

const paths = fc.array(
  arbitraryText.map((name) => `/${name}`),
  { maxLength: 4 },
);
const node = { path: arbitraryText, data: arbitraryData, acl: arbitraryNullableAcls };
const created = { ...node, parentCversion: arbitraryInt };
const changed = { path: arbitraryText, version: arbitraryInt };

const create = fc.record({ ...created, ephemeral: fc.boolean() });
const remove = fc.record({ path: arbitraryText });
const setData = fc.record({ ...changed, data: arbitraryData });

const parts: Readonly<Record<number, fc.Arbitrary<unknown>>> = {
  [Opcode.Create]: create,
  [Opcode.Create2]: create,
  [Opcode.CreateContainer]: fc.record(created),
  [Opcode.CreateTtl]: fc.record({ ...created, ttl: arbitraryLong }),
  [Opcode.Delete]: remove,
  [Opcode.DeleteContainer]: remove,
  [Opcode.SetData]: setData,
  [Opcode.Error]: fc.record({ err: arbitraryInt }),
};

function typed<Typed>(
  bodies: Readonly<Record<number, fc.Arbitrary<unknown>>>,
): fc.Arbitrary<Typed> {
  const kinds = Object.entries(bodies).map(([type, body]) =>
    fc.record({ type: fc.constant(Number(type)), body }),
  );
  return fc.oneof(...kinds) as fc.Arbitrary<unknown> as fc.Arbitrary<Typed>;
}

const multiPart = typed<PartTxn>({ ...parts, [Opcode.Check]: fc.record(changed) });

const record = typed<TxnRecord>({
  ...parts,
  [Opcode.Reconfig]: setData,
  [Opcode.SetAcl]: fc.record({ ...changed, acl: arbitraryNullableAcls }),
  [Opcode.Multi]: fc.record({ txns: fc.array(multiPart, { maxLength: 4 }) }),
  [Opcode.CreateSession]: fc.record({ timeoutMs: arbitraryInt }),
  [Opcode.CloseSession]: fc.record({ paths: fc.option(paths) }),
});

const transaction: fc.Arbitrary<Transaction> = fc.record({
  header: fc.record({
    clientId: arbitrarySessionId,
    cxid: arbitraryInt,
    zxid: arbitraryZxid,
    time: arbitraryLong,
  }),
  record,
  digest: fc.option(fc.record({ version: fc.constant(2), treeDigest: arbitraryLong })),
});

const header = {
  clientId: asSessionId(0x10000320fb60000n),
  cxid: 7,
  zxid: asZxid(0x300000005n),
  time: 1795195456985n,
};

function decode(bytes: Uint8Array): Transaction | null {
  return decodeTransaction(JuteReader.over(bytes));
}

/** A transaction's bytes with the record written by hand. */
function written(type: number, writeRecord: (writer: JuteWriter) => void): Uint8Array {
  const writer = new JuteWriter();
  encodeTxnHeader(writer, { ...header, type });
  writeRecord(writer);
  return writer.finish();
}

test('every transaction comes back as it went in, its digest too', () => {
  fc.assert(
    fc.property(transaction, (txn) => {
      expect(decode(encoded(encodeTransaction, txn))).toEqual(txn);
    }),
    { numRuns: 400 },
  );
});

test('no bytes make the decoder throw or look outside', () => {
  expectSafeDecoder(transaction, encodeTransaction, decodeTransaction, 400);
});

describe('a closeSession', () => {
  test('without a body has no list of paths', () => {
    const txn = decode(written(Opcode.CloseSession, () => {}));
    expect(txn?.record.body).toEqual({ paths: null });
    expect(txn?.digest).toBe(null);
  });

  test('without a body may be followed by a digest', () => {
    const txn = decode(
      written(Opcode.CloseSession, (writer) => {
        writer.int(2);
        writer.long(0x51c6d660n);
      }),
    );
    expect(txn?.record.body).toEqual({ paths: null });
    expect(txn?.digest).toEqual({ version: 2, treeDigest: 0x51c6d660n });
  });

  test('with an empty list and a digest has both', () => {
    const txn = decode(
      written(Opcode.CloseSession, (writer) => {
        writer.int(0);
        writer.int(2);
        writer.long(1n);
      }),
    );
    expect(txn?.record.body).toEqual({ paths: [] });
    expect(txn?.digest).toEqual({ version: 2, treeDigest: 1n });
  });
});

test('a create of before 3.4 has no version of its parent', () => {
  const txn = decode(
    written(Opcode.Create, (writer) => {
      writer.string('/old');
      writer.buffer(null);
      writer.int(-1);
      writer.boolean(true);
    }),
  );
  expect(txn?.record.body).toEqual({
    path: '/old',
    data: null,
    acl: null,
    parentCversion: -1,
    ephemeral: true,
  });
});

describe('what cannot be replayed', () => {
  const error = (writer: JuteWriter) => writer.int(-101);

  test('a type that nobody knows', () => {
    expect(decode(written(99, error))).toBe(null);
  });

  test('a check outside a multi', () => {
    const bytes = written(Opcode.Check, (writer) => {
      writer.string('/a');
      writer.int(1);
    });
    expect(decode(bytes)).toBe(null);
  });

  test.each([1, 11, 13])('%d bytes behind the record', (byteCount) => {
    const bytes = written(Opcode.Error, (writer) => {
      error(writer);
      for (let i = 0; i < byteCount; i += 1) writer.byte(0);
    });
    expect(decode(bytes)).toBe(null);
  });

  test('a part of a multi that is longer than its fields', () => {
    const bytes = written(Opcode.Multi, (writer) => {
      writer.int(1);
      writer.int(Opcode.Error);
      writer.buffer(Uint8Array.of(0, 0, 0, 0, 0));
    });
    expect(decode(bytes)).toBe(null);
  });

  test('a multi inside a multi', () => {
    const bytes = written(Opcode.Multi, (writer) => {
      writer.int(1);
      writer.int(Opcode.Multi);
      writer.buffer(Uint8Array.of(0, 0, 0, 0));
    });
    expect(decode(bytes)).toBe(null);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encoded } from '../../../../tests/support/codec-properties.ts';
import { bytesOfHex } from '../../../../tests/support/quorum-traffic.ts';
import {
  dialableAddresses,
  encodeInitialMessage,
  type InitialMessage,
  type InitialMessageOutcome,
  InitialMessageScanner,
} from './initial-message.ts';
import { asServerId, UNNAMED_OBSERVER } from './server-id.ts';

/** The outcome and how many bytes it took, from chunks that are overwritten once they were used. */
function scan(
  bytes: Uint8Array,
  cuts: readonly number[] = [],
): { readonly outcome: InitialMessageOutcome | null; readonly taken: number } {
  const scanner = new InitialMessageScanner();
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length];
  ends.sort((a, b) => a - b);
  let start = 0;
  let taken = 0;
  for (const end of ends) {
    const chunk = bytes.slice(start, end);
    start = end;
    taken += scanner.push(chunk);
    chunk.fill(0xa5);
  }
  return { outcome: scanner.outcome, taken };
}

/** A message with an address of any text behind a sound head. */
function announcing(address: string, length: number = Buffer.byteLength(address)): Uint8Array {
  const head = Buffer.alloc(20);
  head.writeBigInt64BE(-65536n, 0);
  head.writeBigInt64BE(1n, 8);
  head.writeInt32BE(length, 16);
  return new Uint8Array(Buffer.concat([head, Buffer.from(address)]));
}

const hosts = fc.constantFrom(
  'localhost',
  '10.0.0.1',
  '0.0.0.0',
  '::1',
  'fe80::1%eth0',
  'zk-1.a.b',
);
const addresses = fc.record({ host: hosts, port: fc.integer({ min: 0, max: 65535 }) });
const serverIds = fc.bigInt({ min: 0n, max: (1n << 63n) - 1n }).map(asServerId);
const sent: fc.Arbitrary<InitialMessage> = fc.oneof(
  fc.record({
    form: fc.constant('bare' as const),
    serverId: serverIds,
    addresses: fc.constant([]),
  }),
  fc.record({
    form: fc.constantFrom('v1' as const, 'v2' as const),
    serverId: serverIds,
    addresses: fc.array(addresses, { minLength: 1, maxLength: 4 }),
  }),
);

test('every form comes back as it went in, however it is cut, and takes no byte behind it', () => {
  const cutting = fc.array(fc.nat(), { maxLength: 8 });
  fc.assert(
    fc.property(sent, cutting, fc.uint8Array({ maxLength: 9 }), (message, cuts, more) => {
      const bytes = encoded(encodeInitialMessage, message);
      const stream = new Uint8Array([...bytes, ...more]);
      expect(scan(stream, cuts)).toEqual({
        outcome: { kind: 'message', message },
        taken: bytes.length,
      });
      const cut = bytes.subarray(0, -1);
      expect(scan(cut, cuts)).toEqual({ outcome: null, taken: cut.length });
    }),
  );
});

test('the forms are as documented', () => {
  const hexOf = (message: InitialMessage) =>
    Buffer.from(encoded(encodeInitialMessage, message)).toString('hex');
  const address = { host: '::1', port: 3888 };
  const serverId = asServerId(2n);
  expect(hexOf({ form: 'bare', serverId, addresses: [] })).toBe('0000000000000002');
  expect(hexOf({ form: 'v1', serverId, addresses: [address] })).toBe(
    `ffffffffffff000000000000000000020000000a${Buffer.from('[::1]:3888').toString('hex')}`,
  );
  expect(hexOf({ form: 'v2', serverId, addresses: [address, { host: 'b', port: 1 }] })).toBe(
    `ffffffffffff000100000000000000020000000e${Buffer.from('[::1]:3888|b:1').toString('hex')}`,
  );
});

test('an observer without an id is a message like any other', () => {
  expect(scan(bytesOfHex('7fffffffffffffff')).outcome).toMatchObject({
    kind: 'message',
    message: { form: 'bare', serverId: UNNAMED_OBSERVER },
  });
});

describe('a caller is refused', () => {
  test.each([-1n, -65534n, -65537n, -(1n << 63n)])('with the version %d', (value) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64BE(value);
    expect(scan(bytes)).toEqual({
      outcome: { kind: 'refused', reason: 'unknown-version', value },
      taken: 8,
    });
  });

  test.each([0, -1, 2049, 0x7fffffff])('with an address of %d bytes', (value) => {
    expect(scan(announcing('a:1', value))).toEqual({
      outcome: { kind: 'refused', reason: 'address-length', value },
      taken: 20,
    });
  });

  test.each([
    'a',
    ':1',
    'a:',
    'a:b',
    'a:65536',
    'a:-1',
    'a:1:2',
    '::1:3888',
    '[::1]',
    '[::1]3',
    '[a]:1',
  ])('with the address %s', (value) => {
    expect(scan(announcing(`b:2|${value}`)).outcome).toEqual({
      kind: 'refused',
      reason: 'bad-address',
      value,
    });
  });

  test('and nothing more is taken from it', () => {
    const scanner = new InitialMessageScanner();
    scanner.push(bytesOfHex('ffffffffffffffff'));
    expect(scanner.push(bytesOfHex('0000000000000001'))).toBe(0);
    expect(scanner.outcome?.kind).toBe('refused');
  });
});

test('the longest address is read', () => {
  const host = 'h'.repeat(2048 - ':1'.length);
  const message: InitialMessage = {
    form: 'v1',
    serverId: asServerId(1n),
    addresses: [{ host, port: 1 }],
  };
  expect(scan(encoded(encodeInitialMessage, message)).outcome).toEqual({
    kind: 'message',
    message,
  });
});

test('noise gives the same however it is cut, and never throws (B-53)', () => {
  const starts = fc.constantFrom('ffffffffffff0000', 'ffffffffffff0001', '').map(bytesOfHex);
  const cutting = fc.array(fc.nat(), { maxLength: 8 });
  fc.assert(
    fc.property(starts, fc.uint8Array({ maxLength: 60 }), cutting, (start, rest, cuts) => {
      const bytes = new Uint8Array([...start, ...rest]);
      expect(scan(bytes, cuts)).toEqual(scan(bytes));
    }),
  );
});

test('wildcards say to nobody where to call (B-54)', () => {
  const message = (...all: readonly string[]): InitialMessage => ({
    form: 'v2',
    serverId: asServerId(1n),
    addresses: all.map((host) => ({ host, port: 1 })),
  });
  expect(dialableAddresses(message('0.0.0.0', 'a', '::', '::1', '0:0:0:0:0:0:0:0'))).toEqual([
    { host: 'a', port: 1 },
    { host: '::1', port: 1 },
  ]);
  expect(dialableAddresses(message('0.0.0.0', '::ffff:0.0.0.0'))).toEqual([]);
});

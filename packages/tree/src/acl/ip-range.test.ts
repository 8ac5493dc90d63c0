import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAddress, parseIpRange, rangeHolds } from './ip-range.ts';

const ipv4 = fc.uint8Array({ minLength: 4, maxLength: 4 });
/** Many zeros, so that there is something to leave out. */
const ipv6 = fc
  .array(fc.oneof(fc.constant(0), fc.constant(0), fc.nat(0xffff)), { minLength: 8, maxLength: 8 })
  .map((groups) => Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff])));

function ipv4Text(bytes: Uint8Array, digits = 1): string {
  return Array.from(bytes, (byte) => String(byte).padStart(digits, '0')).join('.');
}

function groupsOf(bytes: Uint8Array): string[] {
  return Array.from({ length: 8 }, (_, i) =>
    ((bytes[2 * i]! << 8) | bytes[2 * i + 1]!).toString(16),
  );
}

/** Every way to leave out a run of zeros. */
function ipv6Texts(bytes: Uint8Array): string[] {
  const groups = groupsOf(bytes);
  const texts = [groups.join(':'), groups.map((group) => group.padStart(4, '0')).join(':')];
  for (let start = 0; start < 8; start += 1) {
    for (let end = start + 1; end <= 8; end += 1) {
      if (groups.slice(start, end).some((group) => group !== '0')) break;
      texts.push(`${groups.slice(0, start).join(':')}::${groups.slice(end).join(':')}`);
    }
  }
  return texts;
}

function bigInt(bytes: Uint8Array): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

test('an IPv4 address, leading zeros allowed', () => {
  fc.assert(
    fc.property(ipv4, fc.integer({ min: 1, max: 4 }), (bytes, digits) => {
      expect(parseAddress(ipv4Text(bytes, digits))).toEqual(bytes);
    }),
  );
});

test('an IPv6 address, in every way of writing it', () => {
  fc.assert(
    fc.property(ipv6, (bytes) => {
      // Ours to tell apart: what begins like this is an IPv4 address.
      fc.pre(bigInt(bytes) >> 32n !== 0xffffn);
      for (const text of ipv6Texts(bytes)) {
        expect(parseAddress(text)).toEqual(bytes);
        expect(parseAddress(text.toUpperCase())).toEqual(bytes);
      }
    }),
  );
});

test.each(['ipv4', 'ipv6'] as const)(
  'a range holds the addresses with the same first bits: %s',
  (family) => {
    const addresses = family === 'ipv4' ? ipv4 : ipv6;
    const bitsMax = family === 'ipv4' ? 32 : 128;
    const textOf = family === 'ipv4' ? ipv4Text : (bytes: Uint8Array) => groupsOf(bytes).join(':');
    fc.assert(
      fc.property(
        addresses,
        fc.integer({ min: 0, max: bitsMax }),
        fc.nat(bitsMax),
        (a, bits, flip) => {
          const range = parseIpRange(`${textOf(a)}/${bits}`);
          const b = a.slice();
          if (flip < bitsMax) b[flip >> 3]! ^= 0x80 >> (flip & 7);
          const shift = BigInt(bitsMax - bits);
          const expected = bigInt(a) >> shift === bigInt(b) >> shift;
          expect(range && rangeHolds(range, b)).toBe(expected);
          expect(expected).toBe(flip === bitsMax || flip >= bits);
        },
      ),
    );
  },
);

describe('what is no range', () => {
  test.each([
    '',
    '/',
    '10.0.0.1/',
    '10.0.0.1/33',
    '10.0.0.1/-1',
    '10.0.0.1/8/8',
    '10.0.0.1/x',
    '10.0.0',
    '10.0.0.0.1',
    '10.0.0.256',
    '10.0.0.-1',
    '10..0.1',
    'localhost',
    '::1/129',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '::1::',
    ':::',
    ':1',
    '12345::',
    'g::',
    '::ffff:1.2.3.256',
    '1.2.3.4::',
  ])('%j', (text) => {
    expect(parseIpRange(text)).toBeNull();
  });
});

describe('who lies in a range', () => {
  test.each([
    ['10.0.0.1', '10.0.0.1', true],
    ['10.0.0.1', '10.0.0.2', false],
    ['10.0.0.0/8', '10.200.3.4', true],
    ['10.0.0.0/8', '11.0.0.0', false],
    ['0.0.0.0/0', '255.255.255.255', true],
    ['010.000.0.001', '10.0.0.1', true],
    ['::1', '::1', true],
    ['fe80::/10', 'febf::1', true],
    ['fe80::/10', 'fec0::1', false],
    ['::/0', '::1', true],
    // An IPv4 peer on a socket for both families.
    ['10.0.0.0/8', '::ffff:10.1.2.3', true],
    ['::/0', '::ffff:10.1.2.3', false],
    ['::/0', '10.1.2.3', false],
    ['0.0.0.0/0', '::1', false],
  ])('%s holds %s: %s', (text, peer, expected) => {
    const range = parseIpRange(text);
    const address = parseAddress(peer);
    expect(range !== null && address !== null && rangeHolds(range, address)).toBe(expected);
  });
});

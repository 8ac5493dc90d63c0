import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encoded } from '../../../../tests/support/codec-properties.ts';
import { bytesOfHex, hexOfBytes } from '../../../../tests/support/quorum-traffic.ts';
import {
  encodeQuorumAuthPacket,
  QUORUM_AUTH_TOKEN_BYTES_MAX,
  type QuorumAuthOutcome,
  type QuorumAuthPacket,
  QuorumAuthScanner,
  QuorumAuthStatus,
} from './quorum-auth-packet.ts';

/** Every step of a stream, from chunks that are overwritten once they were used. */
function scan(bytes: Uint8Array, chunkBytes: number): QuorumAuthOutcome[] {
  const scanner = new QuorumAuthScanner();
  const outcomes: QuorumAuthOutcome[] = [];
  for (let start = 0; start < bytes.length; start += chunkBytes) {
    const chunk = bytes.slice(start, start + chunkBytes);
    for (let at = 0; at < chunk.length; ) {
      at += scanner.push(chunk.subarray(at));
      const outcome = scanner.take();
      if (outcome === null) continue;
      outcomes.push(outcome);
      if (outcome.kind !== 'packet') return outcomes;
    }
    chunk.fill(0xa5);
  }
  return outcomes;
}

test('a step begins with the magic, then says how it stands', () => {
  const bytes = encoded(encodeQuorumAuthPacket, {
    status: QuorumAuthStatus.Error,
    token: Uint8Array.of(0xab),
  });
  expect(hexOfBytes(bytes)).toBe('5f2435013501edccffffffff00000001ab');
});

test('steps come back as they went in, however they are cut', () => {
  const packets: fc.Arbitrary<QuorumAuthPacket> = fc.record({
    status: fc.constantFrom(...Object.values(QuorumAuthStatus)),
    token: fc.option(fc.uint8Array({ maxLength: 100 })),
  });
  fc.assert(
    fc.property(
      fc.array(packets, { maxLength: 4 }),
      fc.integer({ min: 1, max: 80 }),
      (all, size) => {
        const bytes = all.map((packet) => hexOfBytes(encoded(encodeQuorumAuthPacket, packet)));
        const expected = all.map((packet) => ({ kind: 'packet', packet }));
        expect(scan(bytesOfHex(bytes.join('')), size)).toEqual(expected);
      },
    ),
  );
});

test('whoever does not authenticate gets its bytes back', () => {
  const info = bytesOfHex('0000000b0000000100000000');
  for (const size of [1, 5, 100]) {
    expect(scan(info, size)).toEqual([{ kind: 'other', bytes: info.slice(0, 8) }]);
  }
});

test.each([-2, QUORUM_AUTH_TOKEN_BYTES_MAX + 1, 0x7fffffff])(
  'a token of %d bytes is none',
  (length) => {
    const bytes = encoded(encodeQuorumAuthPacket, { status: 0, token: null });
    new DataView(bytes.buffer).setInt32(12, length);
    expect(scan(bytes, 3)).toEqual([{ kind: 'bad-length', length }]);
  },
);

test('the longest token is read', () => {
  const packet = { status: 0, token: new Uint8Array(QUORUM_AUTH_TOKEN_BYTES_MAX).fill(1) };
  expect(scan(encoded(encodeQuorumAuthPacket, packet), 1000)).toEqual([{ kind: 'packet', packet }]);
});

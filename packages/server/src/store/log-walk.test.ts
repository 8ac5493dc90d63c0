import { readLogRecords } from '@zabra/wire';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { joined, logOf, recordOf } from '../testing/store-world.ts';
import { damageIn } from './log-tail.ts';
import { LogWalk } from './log-walk.ts';

const zxids = fc.uniqueArray(fc.bigInt({ min: 1n, max: 2n ** 40n }), { maxLength: 6 });
const cuts = fc.array(fc.nat(), { maxLength: 8 });
const tails = fc.constantFrom(
  new Uint8Array(0),
  new Uint8Array(100),
  recordOf(9n).subarray(0, 50),
  joined(recordOf(9n).subarray(0, 70), new Uint8Array(200)),
);

test('any chunking gives the zxids and the end that the scanner gives', () => {
  fc.assert(
    fc.property(zxids, tails, cuts, (written, tail, places) => {
      const log = logOf(written, tail);
      const walked: bigint[] = [];
      const walk = new LogWalk((zxid) => walked.push(zxid));
      const ends = [...places.map((cut) => cut % (log.length + 1)), log.length];
      let start = 0;
      for (const end of ends.toSorted((a, b) => a - b)) {
        walk.push(log.slice(start, end));
        start = end;
      }
      const { last } = readLogRecords(log);
      expect(walked).toEqual(written);
      expect(walk.end).toBe(last.offset);
    }),
  );
});

/** One bit of a log turned, and what is made of what is behind the last whole record then. */
function verdict(log: Uint8Array, bit: number): 'refused' | 'all there' | 'lost' {
  const flipped = log.slice();
  const byte = bit >> 3;
  flipped[byte] = (flipped[byte] ?? 0) ^ (1 << (bit & 7));
  const { records, last } = readLogRecords(flipped);
  if (last.kind === 'corrupt') return 'refused';
  if (records.length === 3) return 'all there';
  const lastZxid = BigInt(records.length);
  return damageIn(flipped.subarray(last.offset), last.offset, lastZxid) ? 'refused' : 'lost';
}

test('no single bit can turn and take a record with it', () => {
  for (const tail of [new Uint8Array(0), new Uint8Array(300)]) {
    const log = logOf([1n, 2n, 3n], tail);
    for (let bit = 0; bit < log.length * 8; bit += 1) {
      expect(verdict(log, bit), `bit ${bit}`).not.toBe('lost');
    }
  }
});

test('half a record is lawful wherever it was cut, zeros behind it or none', () => {
  const record = recordOf(4n);
  for (let end = 0; end < record.length; end += 1) {
    expect(damageIn(record.subarray(0, end), 100, 3n), `cut at ${end}`).toBeNull();
    const zeroed = joined(record.subarray(0, end), new Uint8Array(300));
    expect(damageIn(zeroed, 100, 3n), `zeros from ${end}`).toBeNull();
  }
});

test('a sound record behind a damaged one is found and named', () => {
  const damaged = recordOf(4n).fill(0, 0, 60);
  const sentence = damageIn(joined(damaged, recordOf(5n)), 100, 3n);
  expect(sentence).toBe(
    `the record at byte 100 is damaged, and a sound one follows at byte ${100 + damaged.length}`,
  );
});

test('an old record behind the end proves nothing', () => {
  expect(damageIn(joined(new Uint8Array(60), recordOf(3n)), 100, 3n)).toBeNull();
});

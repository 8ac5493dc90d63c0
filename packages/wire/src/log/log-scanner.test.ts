import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JuteWriter } from '../jute/writer.ts';
import { beginLogRecord, encodeLogHeader, finishLogRecord, LOG_HEADER_BYTES } from './log-file.ts';
import { type LogOutcome, LogScanner, readLogRecords } from './log-scanner.ts';

function logOf(payloads: readonly Uint8Array[]): Uint8Array {
  const writer = new JuteWriter(1);
  encodeLogHeader(writer);
  for (const payload of payloads) {
    const start = beginLogRecord(writer);
    for (const byte of payload) writer.byte(byte);
    finishLogRecord(writer, start);
  }
  return writer.finish();
}

function joined(...pieces: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}

/** The file with one byte set. */
function withByte(file: Uint8Array, at: number, byte: number): Uint8Array {
  const changed = file.slice();
  changed[at] = byte;
  return changed;
}

const first = Uint8Array.of(1, 2, 3);
const second = Uint8Array.of(4, 5, 6, 7);
const file = logOf([first, second]);
const secondOffset = LOG_HEADER_BYTES + first.length + 13;
const zeros = new Uint8Array(100);

const payloads = fc.array(fc.uint8Array({ minLength: 1, maxLength: 30 }), { maxLength: 6 });

test('records are found where they lie', () => {
  const { records, last } = readLogRecords(file);
  expect(records).toEqual([
    { kind: 'record', offset: LOG_HEADER_BYTES, payload: first },
    { kind: 'record', offset: secondOffset, payload: second },
  ]);
  expect(last).toEqual({ kind: 'end', reason: 'end-of-file', offset: file.length });
});

describe('a lawful end', () => {
  test('zeros behind the last record', () => {
    const { records, last } = readLogRecords(joined(file, zeros));
    expect(records).toHaveLength(2);
    expect(last).toEqual({ kind: 'end', reason: 'zeros', offset: file.length });
  });

  test('a file that was cut anywhere in its last record', () => {
    for (let end = secondOffset; end < file.length; end += 1) {
      const { records, last } = readLogRecords(file.subarray(0, end));
      expect(records).toHaveLength(1);
      expect(last).toEqual({ kind: 'end', reason: 'end-of-file', offset: secondOffset });
    }
  });

  test('a record without its last byte, whatever its checksum', () => {
    const torn = withByte(joined(file, zeros), file.length - 1, 0);
    const expected = { kind: 'end', reason: 'torn-record', offset: secondOffset };
    expect(readLogRecords(torn).last).toEqual(expected);
    expect(readLogRecords(withByte(torn, file.length - 2, 99)).last).toEqual(expected);
  });

  test('a header and nothing else', () => {
    const { records, last } = readLogRecords(joined(logOf([]), zeros));
    expect(records).toEqual([]);
    expect(last).toEqual({ kind: 'end', reason: 'zeros', offset: LOG_HEADER_BYTES });
  });

  test('no byte at all', () => {
    const { last } = readLogRecords(new Uint8Array(0));
    expect(last).toEqual({ kind: 'end', reason: 'empty-file', offset: 0 });
  });
});

describe('bytes that cannot be trusted', () => {
  test('a payload that does not match its checksum', () => {
    const { records, last } = readLogRecords(withByte(file, secondOffset + 12, 99));
    expect(records).toHaveLength(1);
    expect(last).toEqual({ kind: 'corrupt', reason: 'bad-checksum', offset: secondOffset });
  });

  test('a checksum of more than 32 bits', () => {
    const { last } = readLogRecords(withByte(file, secondOffset, 1));
    expect(last).toEqual({ kind: 'corrupt', reason: 'bad-checksum', offset: secondOffset });
  });

  test('a length that is negative or too large, even when the file ends before it', () => {
    const corrupt = { kind: 'corrupt', reason: 'bad-length', offset: secondOffset };
    expect(readLogRecords(withByte(file, secondOffset + 8, 0xff)).last).toEqual(corrupt);
    expect(readLogRecords(withByte(file, secondOffset + 8, 0x01)).last).toEqual(corrupt);
    expect(readLogRecords(file, second.length).last.kind).toBe('end');
    expect(readLogRecords(file, second.length - 1).last).toEqual(corrupt);
  });

  test('a header that is none or not all there', () => {
    const corrupt = { kind: 'corrupt', offset: 0 };
    expect(readLogRecords(zeros).last).toEqual({ ...corrupt, reason: 'bad-magic' });
    expect(readLogRecords(file.subarray(0, 15)).last).toEqual({
      ...corrupt,
      reason: 'short-header',
    });
  });
});

test('any chunking of a log gives the same outcomes', () => {
  const tails = fc.constantFrom(new Uint8Array(0), zeros, file.subarray(16, 20));
  const cuts = fc.array(fc.nat(), { maxLength: 10 });
  fc.assert(
    fc.property(payloads, tails, cuts, (written, tail, cutPlaces) => {
      const whole = joined(logOf(written), tail);
      const places = cutPlaces.map((cut) => cut % (whole.length + 1)).sort((a, b) => a - b);
      const scanner = new LogScanner();
      const outcomes: LogOutcome[] = [];
      let start = 0;
      for (const end of [...places, whole.length]) {
        scanner.push(whole.slice(start, end));
        start = end;
        if (end === whole.length) scanner.finish();
        for (let outcome = scanner.next(); outcome !== null; outcome = scanner.next()) {
          outcomes.push(outcome);
          if (outcome.kind !== 'record') break;
        }
      }
      const { records, last } = readLogRecords(whole);
      expect(records.map(({ payload }) => payload)).toEqual(written);
      expect(outcomes.slice(0, records.length)).toEqual(records);
      expect(outcomes[records.length]).toEqual(last);
    }),
  );
});

test('any damage ends the scan without a throw, in front of what follows it', () => {
  fc.assert(
    fc.property(payloads, fc.nat(), fc.nat(255), (written, place, byte) => {
      const whole = logOf(written);
      const at = place % whole.length;
      const { records } = readLogRecords(withByte(whole, at, byte));
      const before = readLogRecords(whole).records.filter(
        ({ offset, payload }) => offset + payload.length + 13 <= at,
      );
      expect(records.length).toBeGreaterThanOrEqual(at < LOG_HEADER_BYTES ? 0 : before.length);
      expect(records.slice(0, before.length)).toEqual(
        before.slice(0, at < LOG_HEADER_BYTES ? 0 : before.length),
      );
    }),
  );
});

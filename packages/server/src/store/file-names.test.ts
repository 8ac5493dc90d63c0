import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  isTemporaryName,
  logName,
  parseLogName,
  parseSnapshotName,
  type SnapshotForm,
  snapshotName,
  temporaryName,
} from './file-names.ts';

const zxids = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
const forms = fc.constantFrom<SnapshotForm>('plain', 'gz', 'snappy');

test('every name is read as it was written', () => {
  fc.assert(
    fc.property(zxids, forms, (zxid, form) => {
      expect(parseLogName(logName(zxid))).toBe(zxid);
      expect(parseSnapshotName(snapshotName({ zxid, form }))).toEqual({ zxid, form });
    }),
  );
});

test('names are lower-case hexadecimal without padding', () => {
  expect(logName(0x3_0000_001an)).toBe('log.30000001a');
  expect(snapshotName({ zxid: 0n, form: 'gz' })).toBe('snapshot.0.gz');
});

test.each([
  ['log.', null],
  ['log.xyz', null],
  ['log.1.bak', null],
  ['logs.1', null],
  ['log.1FF', 0x1ffn],
  ['log.0001', 1n],
  ['log.8000000000000000', null],
  ['log.10000000000000000', null],
])('as a log, %s begins at %s', (name, zxid) => {
  expect(parseLogName(name)).toBe(zxid);
});

test.each(['snapshot.5.tmp', 'snapshot.5.gz.tmp', 'snapshot.5.zip', 'snapshot', 'acceptedEpoch'])(
  '%s is no snapshot',
  (name) => {
    expect(parseSnapshotName(name)).toBeNull();
  },
);

test('a snapshot that is not complete has a passing name; epoch files are left alone', () => {
  expect(isTemporaryName(temporaryName('snapshot.5.gz'))).toBe(true);
  expect(isTemporaryName('snapshot.5')).toBe(false);
  expect(isTemporaryName('currentEpoch.tmp')).toBe(false);
});

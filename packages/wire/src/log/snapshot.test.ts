import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  arbitraryAcls,
  arbitraryData,
  arbitraryInt,
  arbitraryLong,
  arbitraryPersistedStat,
  arbitrarySessionId,
  arbitraryText,
  arbitraryZxid,
} from '../../../../tests/support/arbitrary-records.ts';
import { encoded } from '../../../../tests/support/codec-properties.ts';
import { ADLER32_START, adler32 } from '../adler32.ts';
import { JuteWriter } from '../jute/writer.ts';
import { OPEN_ACL } from '../records/acl.ts';
import { asSessionId } from '../session-id.ts';
import { asZxid } from '../zxid.ts';
import { decodeSnapshot } from './snapshot-decode.ts';
import { encodeSnapshot } from './snapshot-encode.ts';
import { OPEN_ACL_KEY, type Snapshot } from './snapshot-file.ts';

const snapshots: fc.Arbitrary<Snapshot> = fc.record({
  sessions: fc.array(fc.record({ id: arbitrarySessionId, timeoutMs: arbitraryInt }), {
    maxLength: 3,
  }),
  acls: fc.array(fc.record({ key: arbitraryLong, acl: arbitraryAcls }), { maxLength: 3 }),
  nodes: fc.array(
    fc.record({
      path: arbitraryText.filter((path) => path !== '/'),
      data: arbitraryData,
      aclKey: arbitraryLong,
      stat: arbitraryPersistedStat,
    }),
    { maxLength: 4 },
  ),
  digest: fc.option(
    fc.record({ zxid: arbitraryZxid, version: fc.constant(2), treeDigest: arbitraryLong }),
  ),
  lastZxid: fc.option(arbitraryZxid),
});

const none = asZxid(0n);
const root = {
  path: '',
  data: new Uint8Array(0),
  aclKey: OPEN_ACL_KEY,
  stat: {
    czxid: none,
    mzxid: none,
    ctime: 0n,
    mtime: 0n,
    version: 0,
    cversion: -1,
    aversion: 0,
    ephemeralOwner: 0n,
    pzxid: none,
  },
};
const small: Snapshot = {
  sessions: [{ id: asSessionId(0x10000320fb60000n), timeoutMs: 10_000 }],
  acls: [{ key: 1n, acl: OPEN_ACL }],
  nodes: [root],
  digest: { zxid: asZxid(5n), version: 2, treeDigest: 0x51c6d660n },
  lastZxid: asZxid(6n),
};

test('every snapshot comes back as it went in', () => {
  fc.assert(
    fc.property(snapshots, (snapshot) => {
      expect(decodeSnapshot(encoded(encodeSnapshot, snapshot))).toEqual({
        kind: 'snapshot',
        snapshot,
      });
    }),
  );
});

test('the optional sections are told by the number of bytes left', () => {
  const bare = encoded(encodeSnapshot, { ...small, digest: null, lastZxid: null }).length;
  expect(encoded(encodeSnapshot, { ...small, lastZxid: null }).length - bare).toBe(33);
  expect(encoded(encodeSnapshot, { ...small, digest: null }).length - bare).toBe(21);
  expect(encoded(encodeSnapshot, small).length - bare).toBe(54);
});

describe('a digest of before version 2', () => {
  test('is stepped over, and what follows it is read', () => {
    const writer = new JuteWriter();
    encodeSnapshot(writer, { ...small, digest: null, lastZxid: null });
    const seal = () => {
      writer.long(BigInt(adler32(ADLER32_START, writer.bytes, 0, writer.position)));
      writer.string('/');
    };
    writer.long(5n);
    writer.int(1);
    writer.string('51c6d660');
    seal();
    writer.long(6n);
    seal();
    expect(decodeSnapshot(writer.finish())).toEqual({
      kind: 'snapshot',
      snapshot: { ...small, digest: { zxid: 5n, version: 1, treeDigest: null } },
    });
  });
});

describe('a damaged snapshot', () => {
  test('is never taken for a sound one, whichever byte was changed', () => {
    const bytes = encoded(encodeSnapshot, small);
    // Version and database id in the header are sealed as well.
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = bytes.slice();
      changed[at] = bytes[at]! ^ 0x10;
      expect(decodeSnapshot(changed).kind).toBe('corrupt');
    }
  });

  test('is never taken for a sound one where it was cut, but behind a seal', () => {
    const bytes = encoded(encodeSnapshot, small);
    const ends = [bytes.length - 54, bytes.length - 21];
    for (let end = 0; end < bytes.length; end += 1) {
      const kind = decodeSnapshot(bytes.subarray(0, end)).kind;
      expect(kind).toBe(ends.includes(end) ? 'snapshot' : 'corrupt');
    }
  });

  test('says what is wrong and where that begins', () => {
    const bytes = encoded(encodeSnapshot, { ...small, digest: null, lastZxid: null });
    expect(decodeSnapshot(new Uint8Array(20))).toEqual({
      kind: 'corrupt',
      reason: 'bad-header',
      offset: 0,
    });
    expect(decodeSnapshot(Uint8Array.from([...bytes, 0]))).toEqual({
      kind: 'corrupt',
      reason: 'bytes-left',
      offset: bytes.length,
    });
  });
});

/** Logs and snapshots against directories that Apache ZooKeeper 3.8.0 wrote. */
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { encoded } from '../../../../tests/support/codec-properties.ts';
import {
  goldenDataDirFacts,
  goldenDataDirFiles,
  goldenDataDirs,
} from '../../../../tests/support/data-dirs.ts';
import { JuteReader } from '../jute/reader.ts';
import { formatSessionId } from '../session-id.ts';
import { formatZxid } from '../zxid.ts';
import { LOG_RECORD_EXTRA_BYTES } from './log-file.ts';
import { readLogRecords } from './log-scanner.ts';
import { decodeSnapshot } from './snapshot-decode.ts';
import { encodeSnapshot } from './snapshot-encode.ts';
import { decodeTransaction, encodeTransaction } from './transaction.ts';

interface RecordFacts {
  readonly offset: number;
  /** Of the whole record, not of its payload. */
  readonly length: number;
  readonly clientId: string;
  readonly cxid: number;
  readonly zxid: string;
  readonly time: number;
  readonly type: number;
  readonly typeName?: string;
}

interface FileFacts {
  readonly file: string;
  readonly size: number;
  readonly endOffset?: number;
  readonly endReason?: 'eof' | 'short' | 'no-EOR' | 'zero-length';
  readonly records?: readonly RecordFacts[];
  readonly sessions?: number;
  readonly aclKeys?: readonly number[];
  readonly nodes?: number;
  readonly digest?: { readonly zxid: string; readonly version: number; readonly digest: string };
  readonly damaged?: boolean;
}

interface DirectoryFacts {
  readonly files?: readonly FileFacts[];
}

const reasons = {
  eof: 'end-of-file',
  short: 'end-of-file',
  'no-EOR': 'torn-record',
  'zero-length': 'zeros',
} as const;

const described = goldenDataDirs().flatMap((directory) => {
  const contents = goldenDataDirFiles(directory);
  const { files = [] } = goldenDataDirFacts(directory) as DirectoryFacts;
  return files.map((facts) => ({
    name: `${directory}/${facts.file}`,
    facts,
    bytes: contents.get(facts.file) ?? new Uint8Array(0),
  }));
});

const logs = described.filter(({ facts }) => facts.records !== undefined);
const snapshots = described.filter(({ facts }) => facts.nodes !== undefined);

/** The facts of a record, as our decoder finds them. */
function factsOf({ offset, payload }: { offset: number; payload: Uint8Array }): RecordFacts {
  const txn = decodeTransaction(JuteReader.over(payload));
  if (txn === null) return expect.fail(`the record at ${offset} cannot be read`);
  return {
    offset,
    length: payload.length + LOG_RECORD_EXTRA_BYTES,
    clientId: formatSessionId(txn.header.clientId),
    cxid: txn.header.cxid,
    zxid: `0x${formatZxid(txn.header.zxid)}`,
    time: Number(txn.header.time),
    type: txn.record.type,
  };
}

function unsigned(hex: string): bigint {
  return BigInt.asIntN(64, BigInt(hex));
}

test.each(logs)('the log $name', ({ facts, bytes }) => {
  expect(bytes).toHaveLength(facts.size);
  const { records, last } = readLogRecords(bytes);
  expect(records.map(factsOf)).toMatchObject(
    facts.records?.map(({ typeName, ...record }) => record) ?? [],
  );
  expect(last).toEqual({
    kind: 'end',
    reason: facts.endReason && reasons[facts.endReason],
    offset: facts.endOffset,
  });
});

test.each(logs)('the transactions of $name are written as they were read', ({ bytes }) => {
  for (const { payload } of readLogRecords(bytes).records) {
    const txn = decodeTransaction(JuteReader.over(payload));
    expect(txn && encoded(encodeTransaction, txn)).toEqual(payload);
  }
});

test.each(snapshots)('the snapshot $name', ({ facts, bytes }) => {
  const plain = facts.file.endsWith('.gz') ? new Uint8Array(gunzipSync(bytes)) : bytes;
  const outcome = decodeSnapshot(plain);
  if (outcome.kind === 'corrupt') return expect.fail(outcome.reason);
  const { snapshot } = outcome;
  expect(snapshot.sessions).toHaveLength(facts.sessions ?? 0);
  expect(snapshot.acls.map(({ key }) => Number(key)).sort()).toEqual(facts.aclKeys);
  expect(snapshot.nodes).toHaveLength(facts.nodes ?? 0);
  expect(snapshot.digest).toEqual(
    facts.digest
      ? {
          zxid: unsigned(facts.digest.zxid),
          version: facts.digest.version,
          treeDigest: unsigned(facts.digest.digest),
        }
      : null,
  );
  expect(encoded(encodeSnapshot, snapshot)).toEqual(plain);
});

describe('what Apache refuses', () => {
  function fileIn(directory: string, file: string): Uint8Array {
    return goldenDataDirFiles(directory).get(file) ?? expect.fail(`${file} is missing`);
  }

  test('a bit that flipped in a log', () => {
    const { last } = readLogRecords(fileIn('bad-crc', 'version-2/log.1'));
    expect(last).toMatchObject({ kind: 'corrupt', reason: 'bad-checksum' });
  });

  test('a newest log without a byte', () => {
    const { last } = readLogRecords(fileIn('log-empty-tail', 'version-2/log.ffff'));
    expect(last).toMatchObject({ kind: 'end', reason: 'empty-file' });
  });

  test('a bit that flipped in a snapshot', () => {
    const outcome = decodeSnapshot(fileIn('snapshot-newest-bitflip', 'version-2/snapshot.79'));
    expect(outcome.kind).toBe('corrupt');
  });

  test('a snapshot that was cut', () => {
    const outcome = decodeSnapshot(fileIn('snapshot-newest-truncated', 'version-2/snapshot.79'));
    expect(outcome.kind).toBe('corrupt');
  });
});

import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FaultyFiles } from '../testing/faulty-files.ts';
import { directoryOf } from '../testing/store-world.ts';
import { EpochFiles } from './epoch-files.ts';
import { nodeFiles } from './node-files.ts';

const LAST_OF_4 = (4n << 32n) | 0x1234n;

type Texts = readonly [accepted: string | null, current: string | null];

async function directoryWith([accepted, current]: Texts): Promise<string> {
  const files: Record<string, Uint8Array> = { myid: new Uint8Array(0) };
  if (accepted !== null) files.acceptedEpoch = new TextEncoder().encode(accepted);
  if (current !== null) files.currentEpoch = new TextEncoder().encode(current);
  return directoryOf(files);
}

const cases: readonly [why: string, Texts, lastZxid: bigint, accepted: number, current: number][] =
  [
    ['a new server has neither', [null, null], 0n, 0, 0],
    ['a server that served alone has neither', [null, null], 0x1234n, 0, 0],
    ['what a server of before 3.4 logged counts', [null, null], LAST_OF_4, 4, 4],
    ['both are as they were left', ['7', '6'], LAST_OF_4, 7, 6],
    ['only the first line counts', ['7\n8\n', ' 6 \r\n'], LAST_OF_4, 7, 6],
    ['a leader was lost half-way: it is no whole history', ['5', '3'], LAST_OF_4, 5, 3],
    ['a promise that a power cut took back rises', ['2', '6'], LAST_OF_4, 6, 6],
    ['a promise is never below what was logged', ['2', '2'], LAST_OF_4, 4, 2],
    ['the accepted one is missing', [null, '6'], LAST_OF_4, 6, 6],
    ['the current one is missing', ['6', null], LAST_OF_4, 6, 4],
  ];

test.each(cases)('%s', async (_, texts, lastZxid, accepted, current) => {
  const directory = await directoryWith(texts);
  const epochs = new EpochFiles(nodeFiles, directory);
  expect(await epochs.complete(lastZxid)).toEqual({ accepted, current });
  // More transactions change nothing in what was settled.
  expect(await epochs.complete(0n)).toEqual({ accepted, current });
  await rm(directory, { recursive: true });
});

test.each(['', 'six', '-1', '1.5', '2147483648', '0x6'])(
  'the text “%s” is refused',
  async (text) => {
    const directory = await directoryWith(['6', text]);
    const reading = new EpochFiles(nodeFiles, directory).complete(0n);
    await expect(reading).rejects.toThrow(/currentEpoch does not hold an epoch/);
    await rm(directory, { recursive: true });
  },
);

test('at no moment is the accepted one below the other (B-26)', async () => {
  const directory = await directoryWith([null, null]);
  const files = new FaultyFiles(nodeFiles);
  files.fail({ call: 'rename', skip: 1, errno: 'EIO' });
  await expect(new EpochFiles(files, directory).complete(LAST_OF_4)).rejects.toThrow('EIO');
  expect(await readFile(join(directory, 'acceptedEpoch'), 'utf8')).toBe('4');
  await rm(directory, { recursive: true });
});

test('an epoch is stored in one step that is safe before it is said', async () => {
  const directory = await directoryWith(['6', '5']);
  const files = new FaultyFiles(nodeFiles);
  await new EpochFiles(files, directory).store('current', 6);
  expect(files.calls.filter((call) => !call.startsWith('close'))).toEqual([
    'open currentEpoch.tmp',
    'write currentEpoch.tmp',
    'sync currentEpoch.tmp',
    'rename currentEpoch.tmp',
    expect.stringMatching(/^syncDirectory /),
  ]);
  expect(await readFile(join(directory, 'currentEpoch'), 'utf8')).toBe('6');
  await rm(directory, { recursive: true });
});

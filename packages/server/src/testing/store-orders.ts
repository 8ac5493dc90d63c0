/** A store whose files can be made to fail, and orders for it as the mind gives them. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from '@zabra/replica';
import type { ServerSettings } from '../config/settings.ts';
import { nodeFiles } from '../store/node-files.ts';
import type { Store } from '../store/store.ts';
import { FaultyFiles } from './faulty-files.ts';
import {
  type Answers,
  databaseOf,
  type Opened,
  openStore,
  recordOf,
  slicesOf,
  temporaryDirectory,
} from './store-world.ts';

/** Tickets of snapshots lie above those of appends, which are their zxids. */
const SNAPSHOT_TICKETS = 1_000_000;
const SLICE_BYTES = 128;

export interface StoreUnderTest extends Opened {
  readonly directory: string;
  readonly files: FaultyFiles;
}

/** On a fresh directory; what opening it took is not among the operations. */
export async function storeUnderTest(
  settings: Partial<ServerSettings> = {},
): Promise<StoreUnderTest> {
  const directory = await temporaryDirectory();
  const files = new FaultyFiles(nodeFiles);
  const opened = await openStore(directory, settings, files);
  files.operations.length = 0;
  return { ...opened, directory, files };
}

/** Of a file in version-2. */
export function pathIn({ directory }: StoreUnderTest, name: string): string {
  return join(directory, 'version-2', name);
}

export async function namesIn({ directory }: StoreUnderTest): Promise<readonly string[]> {
  return (await readdir(join(directory, 'version-2'))).toSorted();
}

export async function remove({ store, directory }: StoreUnderTest): Promise<void> {
  await store.close();
  await rm(directory, { recursive: true });
}

/** A store of either kind that has recovered. */
export interface AtWork {
  readonly store: Store;
  readonly answers: Answers;
}

export function orderAppend({ store }: AtWork, zxid: bigint, bytes = recordOf(zxid)): void {
  store.perform({ kind: 'append', ticket: Number(zxid), bytes, firstZxid: zxid, lastZxid: zxid });
}

/** Appends transactions one by one; what was said to the last. */
export async function append(opened: AtWork, ...zxids: readonly bigint[]): Promise<string | null> {
  let last: string | null = null;
  for (const zxid of zxids) {
    opened.answers.forget(Number(zxid));
    orderAppend(opened, zxid);
    last = await opened.answers.of(Number(zxid));
  }
  return last;
}

/** Writes a snapshot in slices; what was said to each of its orders. */
export async function snapshot(
  { store, answers }: AtWork,
  zxid: bigint,
  database: Database = databaseOf([]),
): Promise<readonly (string | null)[]> {
  const first = SNAPSHOT_TICKETS + Number(zxid) * 1000;
  let ticket = first;
  store.perform({ kind: 'snapshotBegin', zxid });
  for (const bytes of slicesOf(database, zxid, SLICE_BYTES)) {
    store.perform({ kind: 'snapshotSlice', ticket, bytes });
    ticket += 1;
  }
  store.perform({ kind: 'snapshotFinish', ticket });
  const tickets = Array.from({ length: ticket + 1 - first }, (_, i) => first + i);
  return Promise.all(tickets.map((each) => answers.of(each)));
}

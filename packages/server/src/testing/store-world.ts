/** A store on a directory of its own, with whatever came back from it, for tests. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Database, type LogPieceEnd, Recovery } from '@zabra/replica';
import { SnapshotWriter } from '@zabra/tree';
import {
  asSessionId,
  asZxid,
  beginLogRecord,
  encodeLogHeader,
  encodeTransaction,
  finishLogRecord,
  JuteWriter,
  OPEN_ACL,
  Opcode,
  type TxnRecord,
} from '@zabra/wire';
import { completeSettings } from '../config/complete-settings.ts';
import type { ServerSettings } from '../config/settings.ts';
import { FileStore } from '../store/file-store.ts';
import type { Files } from '../store/files.ts';
import { nodeFiles } from '../store/node-files.ts';
import type { StoreEvents } from '../store/store.ts';

const HASH_KEY = { first: 1, second: 2 } as const;
const TICK_MS = 2000;
const FIRST_TICKET = 500_000;
const SMALL_PREALLOCATION = 64 * 1024;

const TREE_SETTINGS = {
  extendedTypes: true,
  enforceQuota: false,
  skipAcl: false,
  digestEnabled: true,
  closeSessionPaths: true,
  digestSchemeEnabled: true,
  reconfigEnabled: false,
  votersMin: 2,
  multiAddressEnabled: false,
  txnBytesMax: 0xfffff,
};

/** Everything a store said, and a way to wait for an answer. */
export class Answers implements StoreEvents {
  done: number[] = [];
  readonly failed = new Map<number, string>();
  readonly slow: number[] = [];
  readonly notices: string[] = [];
  readonly purged: bigint[] = [];
  readonly rebuilt: Recovery[] = [];
  /** What each reader was handed. */
  readonly pieces: { readonly reader: number; readonly piece: Uint8Array; readonly end: string }[] =
    [];
  readonly #waiting = new Map<number, () => void>();
  #onPiece: (() => void) | null = null;
  #ticket = FIRST_TICKET;

  onDone(ticket: number): void {
    this.done.push(ticket);
    this.#waiting.get(ticket)?.();
  }

  onFailed(ticket: number, sentence: string): void {
    this.failed.set(ticket, sentence);
    this.#waiting.get(ticket)?.();
  }

  onRebuilt(ticket: number, recovery: Recovery): void {
    this.rebuilt.push(recovery);
    this.onDone(ticket);
  }

  onLogRead(reader: number, piece: Uint8Array, end: LogPieceEnd): void {
    this.pieces.push({ reader, piece, end });
    this.#onPiece?.();
  }

  onPurged(oldestZxid: bigint): void {
    this.purged.push(oldestZxid);
  }

  onSlowSync(milliseconds: number): void {
    this.slow.push(milliseconds);
  }

  onNotice(level: 'info' | 'warn', text: string): void {
    this.notices.push(`${level}: ${text}`);
  }

  /** A zxid that was cut off comes again, and its ticket with it. */
  forget(ticket: number): void {
    this.done = this.done.filter((one) => one !== ticket);
  }

  /** For what has no zxid that could be its ticket. */
  nextTicket(): number {
    this.#ticket += 1;
    return this.#ticket;
  }

  /** Resolves with the next piece that was read. */
  async piece(): Promise<{ readonly piece: Uint8Array; readonly end: string }> {
    while (this.pieces.length === 0) {
      await new Promise<void>((resolve) => {
        this.#onPiece = resolve;
      });
    }
    return this.pieces.shift()!;
  }

  /** Resolves with null when the ticket is done, and with the sentence when it failed. */
  async of(ticket: number): Promise<string | null> {
    if (!this.done.includes(ticket) && !this.failed.has(ticket)) {
      await new Promise<void>((resolve) => this.#waiting.set(ticket, resolve));
    }
    return this.failed.get(ticket) ?? null;
  }
}

export async function temporaryDirectory(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'zabra-store-'));
}

/** A fresh data directory with these files in it; their paths are relative to it. */
export async function directoryOf(
  contents: ReadonlyMap<string, Uint8Array> | Readonly<Record<string, Uint8Array>> = {},
): Promise<string> {
  const directory = await temporaryDirectory();
  const entries = contents instanceof Map ? [...contents] : Object.entries(contents);
  for (const [path, bytes] of entries) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), bytes);
  }
  return directory;
}

export interface Opened {
  readonly store: FileStore;
  readonly answers: Answers;
  readonly database: Database;
}

export function settingsFor(
  dataDir: string,
  settings: Partial<ServerSettings> = {},
): ServerSettings {
  return completeSettings({ dataDir, logPreallocationBytes: SMALL_PREALLOCATION, ...settings });
}

export function createRecovery(): Recovery {
  return new Recovery({ tree: TREE_SETTINGS, hashKey: HASH_KEY, tickMs: TICK_MS });
}

/** Starts a store on a directory, as a server does. */
export async function openStore(
  dataDir: string,
  settings: Partial<ServerSettings> = {},
  files: Files = nodeFiles,
): Promise<Opened> {
  const answers = new Answers();
  const store = new FileStore(settingsFor(dataDir, settings), answers, createRecovery, files);
  const recovery = createRecovery();
  try {
    await store.recover(recovery);
    const database = recovery.finish();
    if (typeof database === 'string') throw new Error(database);
    return { store, answers, database };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** The refusal to start on a directory. */
export async function refusalOf(
  dataDir: string,
  settings: Partial<ServerSettings> = {},
  files: Files = nodeFiles,
): Promise<Error> {
  const opened = await openStore(dataDir, settings, files).catch((error: Error) => error);
  if (opened instanceof Error) return opened;
  await opened.store.close();
  throw new Error('the directory was not refused');
}

/** Sees the store close and the directory go. */
export async function dispose({ store }: Opened, directory: string): Promise<void> {
  await store.close();
  await rm(directory, { recursive: true });
}

/** A record of a log that makes the node /n<zxid>. */
export function recordOf(zxid: bigint, data = new Uint8Array(10)): Uint8Array {
  return recordWith(zxid, {
    type: Opcode.Create,
    body: {
      path: `/n${zxid}`,
      data,
      acl: OPEN_ACL,
      parentCversion: Number(zxid & 0xffffffn),
      ephemeral: false,
    },
  });
}

function recordWith(zxid: bigint, record: TxnRecord): Uint8Array {
  const writer = new JuteWriter();
  const start = beginLogRecord(writer);
  const header = { clientId: asSessionId(7n), cxid: 1, zxid: asZxid(zxid), time: 1000n };
  encodeTransaction(writer, { header, record, digest: null });
  finishLogRecord(writer, start);
  return writer.finish();
}

/** A log of these records. */
export function logOf(zxids: readonly bigint[], tail: Uint8Array = new Uint8Array(0)): Uint8Array {
  const writer = new JuteWriter();
  encodeLogHeader(writer);
  return joined(writer.finish(), ...zxids.map((zxid) => recordOf(zxid)), tail);
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

/** What a server knows after these transactions. */
export function databaseOf(zxids: readonly bigint[]): Database {
  const recovery = createRecovery();
  recovery.startEmpty();
  recovery.startLog();
  const problem = recovery.logRead(logOf(zxids)) ?? recovery.logEnd();
  const database = recovery.finish();
  if (problem !== null || typeof database === 'string') throw new Error('a log of ours is sound');
  return database;
}

/** The same as a snapshot. */
export function snapshotOf(zxids: readonly bigint[]): Uint8Array {
  return joined(...slicesOf(databaseOf(zxids), zxids.at(-1) ?? 0n, 1 << 16));
}

export function* slicesOf(
  { tree, sessions }: Database,
  zxid: bigint,
  sliceBytes: number,
): Generator<Uint8Array> {
  const high = Number(zxid >> 32n) | 0;
  const low = Number(zxid & 0xffffffffn) | 0;
  const options = { withDigest: true, sliceBytes };
  const writer = new SnapshotWriter(tree, sessions, high, low, options);
  while (!writer.isDone) {
    writer.advance(sliceBytes);
    if (writer.readyBytes > 0) yield writer.take();
  }
}

/**
 * The file system of the machine. Log and snapshot bytes go by descriptors and callbacks, which cost
 * one trip through the thread pool per call and nothing else; the rest is rare.
 */
import {
  close,
  constants,
  fdatasync,
  fsync,
  ftruncate,
  link,
  mkdir,
  open,
  readdir,
  readFile,
  read as readInto,
  realpath,
  rename,
  rm,
  stat,
  write,
  writeFile,
  writev,
} from 'node:fs';
import { promisify } from 'node:util';
import type { Files, OpenFile, OpenMode } from './files.ts';
import { systemErrorName } from './system-error.ts';

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC;
/** Undefined where the system has no such flag (Windows): there, a sync follows every write. */
const DURABLE: number | undefined = constants.O_DSYNC;

const flags: Readonly<Record<OpenMode, number>> = {
  read: constants.O_RDONLY,
  create: CREATE,
  createDurable: CREATE | (DURABLE ?? 0),
  extend: constants.O_WRONLY,
};

const openDescriptor = promisify(open);
const fileSync = promisify(fsync);
const dataSync = promisify(fdatasync);
const cutDescriptor = promisify(ftruncate);
const closeDescriptor = promisify(close);
const linkFile = promisify(link);
const renameFile = promisify(rename);
const writeText = promisify(writeFile);
const makeFolder = promisify(mkdir);

export const nodeFiles: Files = {
  list: (directory) => unlessMissing(promisify(readdir)(directory)),
  size: async (path) => (await promisify(stat)(path)).size,
  async open(path, mode) {
    const descriptor = await openDescriptor(path, flags[mode]);
    return new NodeFile(descriptor, mode === 'createDurable' && DURABLE === undefined);
  },
  readText: (path) => unlessMissing(promisify(readFile)(path, 'utf8')),
  createText: (path, text) => writeText(path, text, { flag: 'wx' }),
  link: (path, name) => linkFile(path, name),
  rename: (source, target) => renameFile(source, target),
  remove: (path) => promisify(rm)(path, { force: true }),
  makeDirectory: (path) => makeFolder(path),
  syncDirectory,
  realPath: (path) => promisify(realpath)(path),
};

class NodeFile implements OpenFile {
  readonly #descriptor: number;
  readonly #syncsWrites: boolean;
  #isOpen = true;

  constructor(descriptor: number, syncsWrites: boolean) {
    this.#descriptor = descriptor;
    this.#syncsWrites = syncsWrites;
  }

  read(target: Uint8Array, at: number): Promise<number> {
    return new Promise((resolve, reject) => {
      readInto(this.#descriptor, target, 0, target.length, at, (error, count) =>
        error ? reject(error) : resolve(count),
      );
    });
  }

  async write(pieces: readonly Uint8Array[], at: number): Promise<number> {
    const written = await this.#write(pieces, at);
    if (this.#syncsWrites) await this.sync();
    return written;
  }

  truncate(byteCount: number): Promise<void> {
    return cutDescriptor(this.#descriptor, byteCount);
  }

  sync(): Promise<void> {
    return dataSync(this.#descriptor);
  }

  async close(): Promise<void> {
    // The number may belong to another file by now.
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await closeDescriptor(this.#descriptor);
  }

  #write(pieces: readonly Uint8Array[], at: number): Promise<number> {
    const [only] = pieces;
    return new Promise((resolve, reject) => {
      const done = (error: Error | null, written: number): void =>
        error ? reject(error) : resolve(written);
      if (pieces.length === 1 && only !== undefined) {
        write(this.#descriptor, only, 0, only.length, at, done);
      } else {
        writev(this.#descriptor, pieces, at, done);
      }
    });
  }
}

async function syncDirectory(path: string): Promise<void> {
  // Windows knows no such thing; its file systems write names down by themselves.
  if (process.platform === 'win32') return;
  const descriptor = await openDescriptor(path, constants.O_RDONLY);
  try {
    await fileSync(descriptor);
  } finally {
    await closeDescriptor(descriptor);
  }
}

async function unlessMissing<Result>(result: Promise<Result>): Promise<Result | null> {
  try {
    return await result;
  } catch (error) {
    if (systemErrorName(error) === 'ENOENT') return null;
    throw error;
  }
}

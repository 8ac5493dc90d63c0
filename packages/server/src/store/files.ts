/**
 * All that a store asks of a file system. Everything goes through here, so that a test can make any
 * single call fail, and can write down what was asked and in which order.
 */

/**
 * `create` and `createDurable` make the file or empty it; through a durable one, a write returns
 * when its bytes are safe. `extend` writes into a file that is there.
 */
export type OpenMode = 'read' | 'create' | 'createDurable' | 'extend';

export interface Files {
  /** The names in a directory; null when there is none. */
  list(directory: string): Promise<readonly string[] | null>;
  /** The length of a file in bytes. */
  size(path: string): Promise<number>;
  open(path: string, mode: OpenMode): Promise<OpenFile>;
  /** A small file as a whole; null when there is none. */
  readText(path: string): Promise<string | null>;
  /** Makes a small file that must not be there yet. */
  createText(path: string, text: string): Promise<void>;
  /** Gives a file a second name, which must not be taken. */
  link(path: string, name: string): Promise<void>;
  rename(source: string, target: string): Promise<void>;
  /** Removes a file; one that is gone already is as good. */
  remove(path: string): Promise<void>;
  makeDirectory(path: string): Promise<void>;
  /** Makes the names in a directory safe: creations, renames and removals. */
  syncDirectory(path: string): Promise<void>;
  /** The same for every way to say a path. */
  realPath(path: string): Promise<string>;
}

export interface OpenFile {
  /** Fills `target` from the place `at` on, as far as the file goes; how many bytes came. */
  read(target: Uint8Array, at: number): Promise<number>;
  /** Writes the pieces back to back; how many bytes the file took. */
  write(pieces: readonly Uint8Array[], at: number): Promise<number>;
  /** Drops everything behind so many bytes; safe with the next sync. */
  truncate(byteCount: number): Promise<void>;
  sync(): Promise<void>;
  /** Does nothing the second time. */
  close(): Promise<void>;
}

/** Writes all of it or fails: what is left over by a short write is never tried again. */
export async function writeAll(
  file: OpenFile,
  pieces: readonly Uint8Array[],
  at: number,
): Promise<number> {
  const byteCount = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const written = await file.write(pieces, at);
  if (written === byteCount) return byteCount;
  throw new Error(`only ${written} of ${byteCount} bytes were written, as when a disk is full`);
}

/** Runs `use` on an open file and closes it whatever happens. */
export async function withFile<Result>(
  files: Files,
  path: string,
  use: (file: OpenFile) => Promise<Result>,
): Promise<Result> {
  const file = await files.open(path, 'read');
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

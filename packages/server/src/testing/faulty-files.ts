/**
 * Files that fail on command and write down what was asked of them, in the order in which the calls
 * were made. Everything else goes through to the files behind.
 */

import { constants } from 'node:os';
import { basename } from 'node:path';
import type { Files, OpenFile, OpenMode } from '../store/files.ts';

export interface Operation {
  readonly call: keyof Files | keyof OpenFile;
  /** The file's own name, without its directory. */
  readonly name: string;
  readonly mode?: OpenMode;
  readonly at?: number;
  readonly bytes?: Uint8Array;
  readonly target?: string;
}

export interface Fault {
  readonly call: Operation['call'];
  readonly name?: RegExp;
  /** How many calls of this kind go well first. */
  readonly skip?: number;
  /** How many fail then; one by default. */
  readonly times?: number;
  /** The error; `short` is a write that takes one byte less than it was given. */
  readonly errno: keyof typeof constants.errno | 'short';
}

export class FaultyFiles implements Files {
  readonly operations: Operation[] = [];
  readonly #files: Files;
  #faults: { readonly fault: Fault; seen: number }[] = [];
  #isHeld = false;
  #pending = 0;
  #held: (() => void)[] = [];

  constructor(files: Files) {
    this.#files = files;
  }

  fail(fault: Fault): void {
    this.#faults.push({ fault, seen: 0 });
  }

  heal(): void {
    this.#faults = [];
  }

  /** Keeps every write waiting until `release`. */
  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    this.#isHeld = false;
    for (const go of this.#held.splice(0)) go();
  }

  /** Resolves when no call is under way. */
  async settled(): Promise<void> {
    while (this.#pending > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }

  /** One word per call, for expectations: `write log.1`. */
  get calls(): readonly string[] {
    return this.operations.map(({ call, name }) => `${call} ${name}`);
  }

  list(directory: string): Promise<readonly string[] | null> {
    return this.#do({ call: 'list', name: directory }, () => this.#files.list(directory));
  }

  size(path: string): Promise<number> {
    return this.#do({ call: 'size', name: path }, () => this.#files.size(path));
  }

  async open(path: string, mode: OpenMode): Promise<OpenFile> {
    const file = await this.#do({ call: 'open', name: path, mode }, () =>
      this.#files.open(path, mode),
    );
    return {
      read: (target, at) => this.#do({ call: 'read', name: path, at }, () => file.read(target, at)),
      write: (pieces, at) => this.#write({ call: 'write', name: path, mode, at }, file, pieces),
      truncate: (byteCount) =>
        this.#do({ call: 'truncate', name: path, at: byteCount }, () => file.truncate(byteCount)),
      sync: () => this.#do({ call: 'sync', name: path }, () => file.sync()),
      close: () => this.#do({ call: 'close', name: path }, () => file.close()),
    };
  }

  readText(path: string): Promise<string | null> {
    return this.#do({ call: 'readText', name: path }, () => this.#files.readText(path));
  }

  createText(path: string, text: string): Promise<void> {
    return this.#do({ call: 'createText', name: path }, () => this.#files.createText(path, text));
  }

  link(path: string, name: string): Promise<void> {
    return this.#do({ call: 'link', name: path, target: name }, () => this.#files.link(path, name));
  }

  rename(source: string, target: string): Promise<void> {
    return this.#do({ call: 'rename', name: source, target }, () =>
      this.#files.rename(source, target),
    );
  }

  remove(path: string): Promise<void> {
    return this.#do({ call: 'remove', name: path }, () => this.#files.remove(path));
  }

  makeDirectory(path: string): Promise<void> {
    return this.#do({ call: 'makeDirectory', name: path }, () => this.#files.makeDirectory(path));
  }

  syncDirectory(path: string): Promise<void> {
    return this.#do({ call: 'syncDirectory', name: path }, () => this.#files.syncDirectory(path));
  }

  realPath(path: string): Promise<string> {
    return this.#do({ call: 'realPath', name: path }, () => this.#files.realPath(path));
  }

  async #write(
    operation: Operation & { readonly at: number },
    file: OpenFile,
    pieces: readonly Uint8Array[],
  ): Promise<number> {
    const { at } = operation;
    const bytes = Uint8Array.from(Buffer.concat(pieces));
    const hold = this.#isHeld ? new Promise<void>((go) => this.#held.push(go)) : null;
    return this.#do({ ...operation, bytes }, async (errno) => {
      await hold;
      return file.write(errno === 'short' ? [bytes.subarray(0, -1)] : pieces, at);
    });
  }

  async #do<Result>(
    operation: Operation,
    act: (errno: Fault['errno'] | null) => Promise<Result>,
  ): Promise<Result> {
    const errno = this.#note(operation);
    if (errno !== null && errno !== 'short') throw failure(errno);
    this.#pending += 1;
    try {
      return await act(errno);
    } finally {
      this.#pending -= 1;
    }
  }

  /** Writes the call down; the error it is to fail with, or null. */
  #note(operation: Operation): Fault['errno'] | null {
    const { name, target } = operation;
    const noted: Operation = {
      ...operation,
      name: basename(name),
      ...(target === undefined ? {} : { target: basename(target) }),
    };
    this.operations.push(noted);
    for (const armed of this.#faults) {
      const { call, skip = 0, times = 1, errno } = armed.fault;
      if (call !== noted.call || !(armed.fault.name ?? /./).test(noted.name)) continue;
      armed.seen += 1;
      if (armed.seen > skip && armed.seen <= skip + times) return errno;
    }
    return null;
  }
}

/** An error as the system gives it, by its number. */
function failure(errno: Exclude<Fault['errno'], 'short'>): Error {
  return Object.assign(new Error(`${errno}: on command`), { errno: -constants.errno[errno] });
}

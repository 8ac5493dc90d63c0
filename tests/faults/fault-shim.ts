/** A disk that fails on command, for one server process: builds the shim and gives it orders. */
import { spawnSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('./fault-shim.c', import.meta.url));
const errnos = constants.errno;

export interface Fault {
  /** `sync`: whatever is to reach the platter; `write`: whatever is to reach the file. */
  readonly calls: 'sync' | 'write';
  readonly errno: 'EIO' | 'ENOSPC' | 'EDQUOT' | 'EROFS';
  /** How many calls fail before the disk recovers; all, when left out. */
  readonly count?: number;
}

export class FaultShim {
  readonly environment: Readonly<Record<string, string>>;
  readonly #orderFile: string;

  private constructor(library: string, orderFile: string, path: string) {
    this.#orderFile = orderFile;
    this.environment = { LD_PRELOAD: library, FAULT_ORDER: orderFile, FAULT_PATH: path };
  }

  /** Builds the shim in a directory; undefined where there is no C compiler. */
  static build(directory: string, path = '/version-2/log.'): FaultShim | undefined {
    const library = join(directory, 'fault-shim.so');
    const built = spawnSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl'], {
      encoding: 'utf8',
    });
    if (built.error) return undefined;
    if (built.status !== 0) throw new Error(`the shim does not compile:\n${built.stderr}`);
    return new FaultShim(library, join(directory, 'fault-order'), path);
  }

  arm({ calls, errno, count = -1 }: Fault): Promise<void> {
    return writeFile(this.#orderFile, `${calls} ${errnos[errno]} ${count}\n`);
  }

  disarm(): Promise<void> {
    return rm(this.#orderFile, { force: true });
  }
}

/** A file system of a few megabytes in memory, for tests that fill it or take it away. */
import { spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';

export class SmallDisk {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Mounts it; undefined where that is not permitted. */
  static async mount(path: string, sizeKiB: number): Promise<SmallDisk | undefined> {
    await mkdir(path, { recursive: true });
    return mountTool('mount', '-t', 'tmpfs', '-o', `size=${sizeKiB}k`, 'tmpfs', path)
      ? new SmallDisk(path)
      : undefined;
  }

  resize(sizeKiB: number): void {
    this.#remount(`size=${sizeKiB}k`);
  }

  makeReadOnly(): void {
    this.#remount('ro');
  }

  makeWritable(): void {
    this.#remount('rw');
  }

  unmount(): void {
    mountTool('umount', this.path);
  }

  #remount(option: string): void {
    if (!mountTool('mount', '-o', `remount,${option}`, this.path)) {
      throw new Error(`cannot remount ${this.path} with ${option}`);
    }
  }
}

function mountTool(tool: string, ...args: readonly string[]): boolean {
  return spawnSync(tool, args).status === 0;
}

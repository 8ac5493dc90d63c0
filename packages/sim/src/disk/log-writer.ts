/**
 * Writes transactions into logs, step by step. The first append after a start or a roll begins a new
 * log; no log of an earlier life is ever appended to.
 */
import type { AppendOrder } from '@zabra/replica';
import { LOG_HEADER_BYTES } from '@zabra/wire';
import type { SimFile } from '../sim-directory.ts';
import { logHeader } from './log-file.ts';
import { nameOf, type Workbench } from './workbench.ts';

export class LogWriter {
  readonly #bench: Workbench;
  /** What is appended to; null when the next append begins a log. */
  file: SimFile | null = null;
  #name = '';
  /** How far each log of this life is safe; of others only reading can tell. */
  readonly ends: Map<string, number> = new Map();

  constructor(bench: Workbench) {
    this.#bench = bench;
  }

  append({ ticket, bytes, firstZxid }: AppendOrder): void {
    const bench = this.#bench;
    let isNew = false;
    const create = (): void => {
      isNew = true;
      this.#name = nameOf('log', firstZxid);
      this.file = bench.directory.create(this.#name);
      bench.directory.write(this.file, logHeader());
      this.ends.set(this.#name, LOG_HEADER_BYTES);
    };
    const isFirst = (): boolean => this.file === null;
    bench.lanes.log.push({ name: 'log.create', isNeeded: isFirst, run: create });
    bench.push('log', 'log.write', () => bench.directory.write(this.file!, bytes));
    bench.push('log', 'log.sync', () => {
      if (bench.options.syncs) bench.directory.syncFile(this.file!);
    });
    const syncDirectory = (): void => bench.syncNames();
    bench.lanes.log.push({
      name: 'log.syncDirectory',
      isNeeded: () => isNew,
      run: syncDirectory,
    });
    bench.push('log', 'log.answer', () => {
      this.ends.set(this.#name, this.ends.get(this.#name)! + bytes.length);
      bench.answer({ kind: 'done', ticket });
    });
  }

  /** The next append begins a new log. */
  roll(): void {
    this.file = null;
  }

  forget(): void {
    this.file = null;
    this.ends.clear();
  }
}

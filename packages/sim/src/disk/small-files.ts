/**
 * The small files of a member: two epochs, two configurations, the mark of a database that is empty
 * and should not be, and the one that says that a new database is wanted. Each is replaced in one
 * step; whoever reads it finds the old text or the new one, whole.
 */
import { decodeUtf8, encodeUtf8 } from '@zabra/wire';
import type { SimFile } from '../sim-directory.ts';
import type { DiskStep, PlannedStep } from './steps.ts';
import { PASSING, type Workbench } from './workbench.ts';

export const EPOCH_FILES = { accepted: 'acceptedEpoch', current: 'currentEpoch' } as const;
export const CONFIGURATION_FILES = {
  committed: 'configuration.committed',
  next: 'configuration.next',
} as const;
/** This database is empty and should not be. */
export const MARK_FILE = 'zabra.emptied';
/** An operator's: an empty directory is a new server's, until it has its first snapshot. */
export const INITIALIZE_FILE = 'initialize';

type Kind = 'epoch' | 'configuration' | 'mark';

/** Puts the text in the place of the file's, step by step. */
export function replacing(
  bench: Workbench,
  kind: Kind,
  name: string,
  text: string,
): readonly PlannedStep[] {
  const draft = `${name}${PASSING}`;
  let file: SimFile | null = null;
  return [
    step(kind, 'create', () => {
      file = bench.directory.create(draft);
    }),
    step(kind, 'write', () => bench.directory.write(file!, encodeUtf8(text))),
    step(kind, 'sync', () => bench.directory.syncFile(file!)),
    step(kind, 'rename', () => bench.directory.rename(draft, name)),
    step(kind, 'syncDirectory', () => bench.syncNames()),
  ];
}

/** The same at once and safely, as at a start. */
export function replaceNow(bench: Workbench, name: string, text: string): void {
  const { directory } = bench;
  const file = directory.create(name);
  directory.write(file, encodeUtf8(text));
  directory.syncFile(file);
  directory.syncNames();
}

/** Null where there is no such file. */
export function textOf({ directory }: Workbench, name: string): string | null {
  return directory.has(name) ? decodeUtf8(directory.read(name)) : null;
}

function step(kind: Kind, what: string, run: () => void): PlannedStep {
  return { name: `${kind}.${what}` as DiskStep, run };
}

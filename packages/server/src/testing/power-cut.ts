/**
 * What a directory holds after the power was cut, told from the calls that were made until then.
 * Names and contents are kept twice, as the system has them and as the disk has them: the second
 * follows the first only at a sync, or at a write through a durable file.
 */
import type { Operation } from './faulty-files.ts';

/** `kept`: the disk was quick; `lost`: it had only what was synced; `torn`: half of the last write. */
export type Flavour = 'kept' | 'lost' | 'torn';

const EMPTY = new Uint8Array(0);

interface Inode {
  seen: Uint8Array;
  safe: Uint8Array;
}

/** The files of the one directory that all operations were about. */
export function afterPowerCut(
  operations: readonly Operation[],
  flavour: Flavour,
): ReadonlyMap<string, Uint8Array> {
  const seen = new Map<string, Inode>();
  let safe = new Map<string, Inode>();
  for (const [i, operation] of operations.entries()) {
    const isTorn = flavour === 'torn' && i === operations.length - 1;
    if (operation.call === 'syncDirectory') safe = new Map(seen);
    else perform(seen, operation, isTorn);
  }
  const names = flavour === 'lost' ? safe : seen;
  return new Map(
    [...names].map(([name, inode]) => [name, flavour === 'lost' ? inode.safe : inode.seen]),
  );
}

function perform(names: Map<string, Inode>, operation: Operation, isTorn: boolean): void {
  const { call, name, mode, target } = operation;
  const inode = names.get(name);
  if (call === 'open' && mode?.startsWith('create')) {
    if (inode === undefined) names.set(name, { seen: EMPTY, safe: EMPTY });
    else inode.seen = EMPTY;
  } else if (call === 'write' && inode !== undefined) {
    inode.seen = written(inode.seen, operation, isTorn);
    if (mode === 'createDurable') inode.safe = written(inode.safe, operation, isTorn);
  } else if (call === 'truncate' && inode !== undefined) {
    inode.seen = inode.seen.slice(0, operation.at);
  } else if (call === 'sync' && inode !== undefined) {
    inode.safe = inode.seen;
  } else if (call === 'remove') {
    names.delete(name);
  } else if (call === 'rename' && inode !== undefined && target !== undefined) {
    names.delete(name);
    names.set(target, inode);
  }
}

function written(content: Uint8Array, operation: Operation, isTorn: boolean): Uint8Array {
  const { at = 0, bytes = EMPTY } = operation;
  const part = isTorn ? bytes.subarray(0, bytes.length >> 1) : bytes;
  const grown = new Uint8Array(Math.max(content.length, at + part.length));
  grown.set(content);
  grown.set(part, at);
  return grown;
}

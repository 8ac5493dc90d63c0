/** What kinds of watches there are, what each hears of, and which request sets or removes which. */
import { AddWatchMode, ErrorCode, EventType, Opcode, WatcherType } from '@zabra/wire';
import type { Operation } from '../people/journal.ts';

/** A client tells watches on nodes that were there from those on missing ones; a server does not. */
export type WatchKind = 'data' | 'exist' | 'child' | 'persistent' | 'recursive';

export interface Watched {
  readonly kind: WatchKind;
  readonly path: string;
}

/** What a type of the protocol names, for removal. */
export const kindsOfType: ReadonlyMap<number, readonly WatchKind[]> = new Map([
  [WatcherType.Data, ['data', 'exist']],
  [WatcherType.Children, ['child']],
  [WatcherType.Persistent, ['persistent']],
  [WatcherType.PersistentRecursive, ['recursive']],
  [WatcherType.Any, ['data', 'exist', 'child', 'persistent', 'recursive']],
]);

/** It stays when it has told. */
export function isLasting({ kind }: Watched): boolean {
  return kind === 'persistent' || kind === 'recursive';
}

export function hears({ kind, path }: Watched, type: number, changed: string): boolean {
  if (kind === 'recursive') {
    if (type === EventType.ChildrenChanged || !changed.startsWith(path)) return false;
    return path === '/' || path === changed || changed[path.length] === '/';
  }
  if (path !== changed) return false;
  if (kind === 'persistent') return true;
  if (kind === 'child') return type === EventType.ChildrenChanged || type === EventType.Deleted;
  return type !== EventType.ChildrenChanged;
}

/** Which watch an answer says to have been set. */
export function watchSet({ ask, answer }: Operation): Watched | null {
  const { error } = answer!;
  const isOk = error === ErrorCode.Ok;
  switch (ask.type) {
    case Opcode.Exists: {
      const { watch, path } = ask.body;
      if (!watch || (!isOk && error !== ErrorCode.NoNode)) return null;
      return { kind: isOk ? 'data' : 'exist', path };
    }
    case Opcode.GetData:
      return ask.body.watch && isOk ? { kind: 'data', path: ask.body.path } : null;
    case Opcode.GetChildren2:
      return ask.body.watch && isOk ? { kind: 'child', path: ask.body.path } : null;
    case Opcode.AddWatch: {
      const isRecursive = ask.body.mode === AddWatchMode.PersistentRecursive;
      return isOk ? { kind: isRecursive ? 'recursive' : 'persistent', path: ask.body.path } : null;
    }
    default:
      return null;
  }
}

/** What a request sets again, list by list. */
export function watchesIn({ ask }: Operation): Watched[] {
  if (ask.type !== Opcode.SetWatches && ask.type !== Opcode.SetWatches2) return [];
  const { dataWatches, existWatches, childWatches } = ask.body;
  const of = (kind: WatchKind, paths: readonly string[]): Watched[] =>
    paths.map((path) => ({ kind, path }));
  const once = [...of('data', dataWatches), ...of('exist', existWatches)];
  once.push(...of('child', childWatches));
  if (ask.type === Opcode.SetWatches) return once;
  const { persistentWatches, persistentRecursiveWatches } = ask.body;
  return [
    ...once,
    ...of('persistent', persistentWatches),
    ...of('recursive', persistentRecursiveWatches),
  ];
}

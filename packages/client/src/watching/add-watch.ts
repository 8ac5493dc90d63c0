/** Asks the server for a watch that stays. */
import { AddWatchMode, Opcode, operations, WatcherType } from '@zabra/wire';
import type { Abortable } from '../connection/abortable.ts';
import type { CallKind } from '../connection/call.ts';
import { encode, type View } from '../operations/view.ts';

const kind: CallKind<void> = {
  op: 'watch',
  opcode: Opcode.AddWatch,
  isIdempotent: true,
  read: () => undefined,
};

export interface WatchedPath {
  readonly path: string;
  readonly serverPath: string;
  readonly isRecursive: boolean;
}

export function addWatch(
  view: View,
  { path, serverPath, isRecursive }: WatchedPath,
  watcher: number,
  options: Abortable,
): Promise<void> {
  const mode = isRecursive ? AddWatchMode.PersistentRecursive : AddWatchMode.Persistent;
  const body = encode(view, operations[Opcode.AddWatch], { path: serverPath, mode });
  return view.connection.calls.ask(view, kind, path, body, options, watcher, serverPath);
}

/** Nothing more is heard from the call on; resolves when the server has been told. */
export async function removeWatch(
  view: View,
  { serverPath, isRecursive }: WatchedPath,
  watcher: number,
): Promise<void> {
  const type = isRecursive ? WatcherType.PersistentRecursive : WatcherType.Persistent;
  // That there is no such watch is as good.
  await view.connection.calls.unwatch({ path: serverPath, type, watcher }).catch(() => {});
}

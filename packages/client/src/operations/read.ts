/** What the three reads that may leave a watch behind have in common. */
import { Opcode, operations, validatePath } from '@zabra/wire';
import type { Abortable } from '../connection/abortable.ts';
import type { CallKind } from '../connection/call.ts';
import { pathError } from '../errors/create-error.ts';
import { toServerPath } from '../session/index.ts';
import { type WatchListener, watchOnce } from '../watching/one-shot.ts';
import { sync } from './sync.ts';
import { encode, type View } from './view.ts';

export interface ReadOptions extends Abortable {
  /** Called once, when what was read has changed or may have. */
  readonly watch?: WatchListener | undefined;
  /** Catches up with the leader first: what was agreed on before the call is seen. */
  readonly sync?: boolean | undefined;
}

const operation = operations[Opcode.GetData];

export function readNode<T>(
  view: View,
  kind: CallKind<T>,
  path: string,
  options?: ReadOptions,
): Promise<T> {
  const problem = validatePath(path);
  if (problem !== null) return Promise.reject(pathError(kind.op, path, problem));
  if (options?.sync === true) return readInStep(view, kind, path, options);
  const { connection } = view;
  const listener = options?.watch;
  const serverPath = toServerPath(view.root, path);
  // The record of these reads is one and the same.
  const body = encode(view, operation, { path: serverPath, watch: listener !== undefined });
  if (listener === undefined) return connection.calls.ask(view, kind, path, body, options);
  const watcher = watchOnce(connection, view.root, listener);
  return connection.calls.ask(view, kind, path, body, options, watcher, serverPath);
}

/** Both are asked at once: on one connection the second is answered behind the first. */
async function readInStep<T>(
  view: View,
  kind: CallKind<T>,
  path: string,
  options: ReadOptions,
): Promise<T> {
  const inStep = sync(view, path, options);
  const answer = readNode(view, kind, path, { ...options, sync: false });
  const [, value] = await Promise.all([inStep, answer]);
  return value;
}

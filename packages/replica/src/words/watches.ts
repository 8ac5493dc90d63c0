/** `wchs`, `wchc` and `wchp`: watches in sum, by session and by path. */
import { decodeUtf8 } from '@zabra/wire';
import { Connection } from '../connection.ts';
import type { ServerState } from '../state.ts';
import { hex } from './text.ts';

export function watchSummary(state: ServerState): string {
  const { connections, paths, watches } = state.watches.summary();
  return `${connections} connections watching ${paths} paths\nTotal watches:${watches}\n`;
}

export function watchesBySession(state: ServerState): string {
  const bySession = new Map<string, string>();
  for (const [session, path] of pairs(state)) {
    bySession.set(session, `${bySession.get(session) ?? ''}\t${path}\n`);
  }
  let text = '';
  for (const [session, paths] of bySession) text += `${session}\n${paths}`;
  return `${text}\n`;
}

export function watchesByPath(state: ServerState): string {
  const byPath = new Map<string, string>();
  for (const [session, path] of pairs(state)) {
    byPath.set(path, `${byPath.get(path) ?? ''}\t${session}\n`);
  }
  let text = '';
  for (const [path, sessions] of byPath) text += `${path}\n${sessions}`;
  return `${text}\n`;
}

function* pairs(state: ServerState): Generator<[session: string, path: string]> {
  for (const { path: bytes, watchers } of state.watches.list()) {
    const path = decodeUtf8(bytes);
    for (const [watcher, kinds] of watchers) {
      if (!(watcher instanceof Connection) || watcher.session === null) continue;
      if (!state.watches.isDataWatch(kinds)) continue;
      yield [hex(watcher.session.high, watcher.session.low), path];
    }
  }
}

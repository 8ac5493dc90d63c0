/** `dump`: when sessions run out, what is theirs, and when idle connections are looked at. */
import type { SessionTable } from '@zabra/tree';
import type { ServerState } from '../state.ts';
import { date, hex } from './text.ts';

export function dump(state: ServerState): string {
  return `${sessions(state)}${ephemerals(state)}${connections(state)}`;
}

function sessions(state: ServerState): string {
  const { part, settings, ensemble } = state;
  const knowsLocal = part.onlyReads || (settings.localSessions && ensemble !== null);
  const local = knowsLocal ? `Local ${sets(state, state.localSessions.table)}` : '';
  if (!part.governs) return `SessionTracker dump:\n${local}${globalSessions(state)}`;
  const title = knowsLocal ? 'Global ' : '';
  return `SessionTracker dump:\n${local}${title}${sets(state, state.sessions)}`;
}

function sets(state: ServerState, table: SessionTable): string {
  const buckets = [...table.buckets].sort(([a], [b]) => a - b);
  let text = `Session Sets (${buckets.length})/(${table.size}):\n`;
  for (const [dueMs, bucket] of buckets) {
    text += `${bucket.size} expire at ${date(wall(state, dueMs))}:\n`;
    for (const session of bucket) text += `\t${session.text}\n`;
  }
  return text;
}

/** Who does not end sessions does not know when they run out. */
function globalSessions({ sessions: table }: ServerState): string {
  let text = `Global Sessions(${table.size}):\n`;
  for (const session of table.all()) text += `${session.text}\t${session.timeoutMs}ms\n`;
  return text;
}

function ephemerals(state: ServerState): string {
  const { tree } = state;
  let text = `ephemeral nodes dump:\nSessions with Ephemerals (${tree.ephemerals.size}):\n`;
  for (const rows of tree.ephemerals.values()) {
    let paths = '';
    let owner = '';
    for (const row of rows) {
      const { high, low } = tree.ownerOf(row);
      owner = hex(high, low);
      paths += `\t${tree.pathOf(row)}\n`;
    }
    text += `${owner}:\n${paths}`;
  }
  return text;
}

/** Connections by the moment at which they would be cut if they stayed silent. */
function connections(state: ServerState): string {
  const byDue = new Map<number, string[]>();
  for (const connection of state.connections.values()) {
    const { session } = connection;
    const due = session?.deadlineMs ?? connection.openedMs + state.settings.sessionlessTimeoutMs;
    const id = session === null ? '0x0' : hex(session.high, session.low);
    const lines = byDue.get(due) ?? [];
    lines.push(`\tip: /${connection.peer} sessionId: ${id}\n`);
    byDue.set(due, lines);
  }
  let text = `Connections dump:\nConnections Sets (${byDue.size})/(${state.connections.size}):\n`;
  for (const [due, lines] of [...byDue].sort(([a], [b]) => a - b)) {
    text += `${lines.length} expire at ${date(wall(state, due))}:\n${lines.join('')}`;
  }
  return text;
}

function wall(state: ServerState, monotonicMs: number): number {
  return Math.round(state.wallMs + (monotonicMs - state.nowMs));
}

// The state of servers as a person reads it, and as a program does.

import { table } from '../table.ts';
import type { EnsembleStatus, ServerLine } from './ensemble-status.ts';

const head = ['SERVER', 'ROLE', 'EPOCH', 'ZXID', 'LAG', 'CLIENTS', 'WAITING', 'NODES', 'VERSION'];

export function renderText({ servers, problems }: EnsembleStatus): string {
  const lines = [...table([head, ...servers.map(cellsOf)])];
  if (problems.length > 0) lines.push('', ...problems);
  return `${lines.join('\n')}\n`;
}

/** A line that programs may rely on; `lag` is null where it cannot be said. */
export function renderJson(status: EnsembleStatus): string {
  return `${JSON.stringify(status, null, 2)}\n`;
}

function cellsOf(line: ServerLine): readonly string[] {
  const { server, role, epoch, zxid, lag, connections, outstanding, nodes, version } = line;
  const values = [epoch, zxid, lag, connections, outstanding, nodes, version];
  return [server, role, ...values.map((value) => (value === null ? '-' : String(value)))];
}

/** `srvr` and `stat`: the figures of the server, and of its connections. */
import type { Pipeline } from '../pipeline.ts';
import type { ServerState } from '../state.ts';
import { connectionHead, decimal, hex } from './text.ts';

export function serverStats(state: ServerState, pipeline: Pipeline): string {
  return `${versionLine(state)}${figures(state, pipeline)}`;
}

export function serverStatsWithClients(state: ServerState, pipeline: Pipeline): string {
  let clients = '';
  for (const connection of state.connections.values())
    clients += `${connectionHead(connection)})\n`;
  return `${versionLine(state)}Clients:\n${clients}\n${figures(state, pipeline)}`;
}

export function resetServerStats(state: ServerState): string {
  state.figures.reset();
  state.ensemble?.figures.reset();
  return 'Server stats reset.\n';
}

/** Nodes as they were always counted: an alias of the root counts as one more. */
export function countedNodes(state: ServerState): number {
  return state.tree.nodeCount + 1;
}

function versionLine(state: ServerState): string {
  const mode = state.part.onlyReads ? 'READ-ONLY mode; serving only read-only clients\n' : '';
  return `Zookeeper version: ${state.settings.version}\n${mode}`;
}

function figures(state: ServerState, pipeline: Pipeline): string {
  const { latency, packetsReceived, packetsSent } = state.figures;
  const lines = [
    `Latency min/avg/max: ${Math.round(latency.min)}/${decimal(latency.average)}/${Math.round(latency.max)}`,
    `Received: ${packetsReceived}`,
    `Sent: ${packetsSent}`,
    `Connections: ${state.connections.size}`,
    `Outstanding: ${pipeline.outstanding}`,
    `Zxid: ${hex(state.appliedHigh, state.appliedLow)}`,
    `Mode: ${state.part.mode}`,
    `Node count: ${countedNodes(state)}`,
  ];
  if (state.part.mode === 'leader') lines.push(proposalSizes(state));
  return `${lines.join('\n')}\n`;
}

function proposalSizes({ figures }: ServerState): string {
  const { proposalBytesLast, proposalBytesMin, proposalBytesMax } = figures;
  return `Proposal sizes last/min/max: ${proposalBytesLast}/${proposalBytesMin}/${proposalBytesMax}`;
}

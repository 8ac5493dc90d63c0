/** `cons`: a line for every connection; `crst` starts their figures over. */
import { Opcode } from '@zabra/wire';
import type { ServerState } from '../state.ts';
import { operationName } from './operation-names.ts';
import { connectionHead, hex } from './text.ts';

export function connections(state: ServerState): string {
  let text = '';
  for (const c of state.connections.values()) {
    text += connectionHead(c);
    if (c.session !== null) {
      const sid = hex(c.session.high, c.session.low);
      const operation = operationName(c.lastXid < 0 ? Opcode.CreateSession : c.lastOpcode);
      const xid = c.lastXid < 0 ? '' : `,lcxid=0x${c.lastXid.toString(16)}`;
      const zxid = hex(c.lastZxidHigh, c.lastZxidLow);
      const average = c.answered === 0 ? 0 : Math.round(c.latencyMsSum / c.answered);
      text += `,sid=${sid},lop=${operation},est=${c.openedWallMs},to=${c.session.leaseMs}${xid}`;
      text += `,lzxid=${zxid},lresp=${Math.round(c.lastResponseMs)}`;
      text += `,llat=${Math.round(c.latencyMsLast)},minlat=${Math.round(c.latencyMsMin)}`;
      text += `,avglat=${average},maxlat=${Math.round(c.latencyMsMax)}`;
    }
    text += ')\n';
  }
  return `${text}\n`;
}

export function resetConnections(state: ServerState): string {
  for (const connection of state.connections.values()) connection.resetFigures();
  return 'Connection stats reset.\n';
}

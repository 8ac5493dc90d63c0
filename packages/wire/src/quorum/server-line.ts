/**
 * One member as a line of text names it, in zoo.cfg, in configurations and in reconfig requests.
 *
 *     server.N = peers [";" [client] [";" secureClient]]
 *     peers    = peer {"|" peer}
 *     peer     = host ":" quorumPort ":" electionPort [":" role]
 *     client   = [host ":"] port
 *
 * A client's host is 0.0.0.0 unless it is given, the role `participant`; where several addresses
 * name a role, they name the same. What is written has the role once, behind the last address, and
 * the client's host always, as Apache's servers write it.
 */
import type { Member, PeerAddress, ServerRole } from './ensemble.ts';
import { quoted } from './quoted.ts';
import {
  formatHost,
  formatServerAddress,
  parsePort,
  type ServerAddress,
  splitHost,
} from './server-address.ts';
import type { ServerId } from './server-id.ts';

export type ServerLineOutcome =
  | { readonly kind: 'member'; readonly member: Member }
  /** A sentence for whoever wrote the line. */
  | { readonly kind: 'problem'; readonly problem: string };

const CLIENT_HOST_DEFAULT = '0.0.0.0';

/** One peer address with the role that stands behind it, if one does. */
interface PeerPart extends PeerAddress {
  readonly role: ServerRole | null;
}

/** Reads what stands behind `server.N=`; a sentence says what is wrong with it. */
export function parseServerLine(id: ServerId, value: string): ServerLineOutcome {
  const [peerText = '', clientText = '', secureText = '', ...more] = value.trim().split(';');
  if (more.length > 0)
    return problem(`server.${id} has more than two client addresses in ${quoted(value)}.`);
  const addresses: PeerAddress[] = [];
  let role: ServerRole | null = null;
  for (const text of peerText.split('|')) {
    const part = parsePeer(id, text.trim());
    if (typeof part === 'string') return problem(part);
    if (role !== null && part.role !== null && role !== part.role) {
      return problem(`server.${id} is ${role} by one address and ${part.role} by another.`);
    }
    role ??= part.role;
    const { host, quorumPort, electionPort } = part;
    addresses.push({ host, quorumPort, electionPort });
  }
  const client = parseClient(id, clientText.trim());
  if (typeof client === 'string') return problem(client);
  const secureClient = parseClient(id, secureText.trim());
  if (typeof secureClient === 'string') return problem(secureClient);
  const member = { id, role: role ?? 'participant', addresses, client, secureClient };
  return { kind: 'member', member };
}

/** What stands behind `server.N=`. */
export function formatServerLine(member: Member): string {
  const { role, client, secureClient } = member;
  let text = `${member.addresses.map(formatPeer).join('|')}:${role}`;
  if (client !== null) text += `;${formatServerAddress(client)}`;
  if (secureClient === null) return text;
  return `${text}${client === null ? ';;' : ';'}${formatServerAddress(secureClient)}`;
}

function formatPeer(address: PeerAddress): string {
  return `${formatHost(address.host)}:${address.quorumPort}:${address.electionPort}`;
}

/** Apache's words. */
const WRONG_FORM =
  'does not have the form server_config or server_config;client_config where server_config is the pipe separated list of host:port:port or host:port:port:type and client_config is port or host:port';

/** Problems are sentences here and below, as their callers hand them on. */
function parsePeer(id: ServerId, text: string): PeerPart | string {
  const parts = splitHost(text);
  if (parts === null) return `server.${id} has no host in ${quoted(text)}.`;
  const [host = '', quorumText, electionText, roleText, ...more] = parts;
  if (quorumText === undefined || electionText === undefined) {
    return `${quoted(text)} ${WRONG_FORM}`;
  }
  if (more.length > 0) return `server.${id} has too many parts in ${quoted(text)}.`;
  const quorumPort = parseListeningPort(quorumText);
  const electionPort = parseListeningPort(electionText);
  if (quorumPort === null) return `server.${id} has the quorum port ${quoted(quorumText)}.`;
  if (electionPort === null) return `server.${id} has the election port ${quoted(electionText)}.`;
  if (quorumPort === electionPort) {
    return `Client and election port must be different! Please update the configuration file on server.${id}`;
  }
  const role = roleText === undefined ? null : parseRole(roleText);
  if (role === undefined) return `Unrecognised peertype: ${quoted(roleText ?? '')}`;
  return { host, quorumPort, electionPort, role };
}

function parseRole(text: string): ServerRole | undefined {
  const role = text.toLowerCase();
  return role === 'participant' || role === 'observer' ? role : undefined;
}

/** A port that others are told, so it cannot be left to the system. */
function parseListeningPort(text: string): number | null {
  const port = parsePort(text);
  return port === 0 ? null : port;
}

/** Null for an empty part: the member's own settings say where its clients are served. */
function parseClient(id: ServerId, text: string): ServerAddress | string | null {
  if (text === '') return null;
  const parts = /^\d+$/.test(text) ? [CLIENT_HOST_DEFAULT, text] : splitHost(text);
  const [host, portText = '', ...more] = parts ?? [];
  const port = more.length > 0 ? null : parsePort(portText);
  if (host === undefined || port === null) {
    return `server.${id} has the client address ${quoted(text)}.`;
  }
  return { host, port };
}

function problem(sentence: string): ServerLineOutcome {
  return { kind: 'problem', problem: sentence };
}

/**
 * The text by which users name an ensemble.
 *
 *     connect string = hosts [root] | "dns-srv://" name [root]
 *     hosts          = host [":" [port]] { "," host [":" [port]] }
 *     host           = name | IPv4 | "[" IPv6 "]" | IPv6 that cannot be read otherwise
 *     root           = a path
 */
import { validatePath } from '@zabra/wire';
import { type Endpoint, formatEndpoint } from './contract.ts';

export interface ConnectString {
  /** Empty when the servers are to be looked up. */
  readonly servers: readonly Endpoint[];
  /** The name of the SRV records that list the servers; null when they are named. */
  readonly srvName: string | null;
  /** '' for the whole tree. */
  readonly root: string;
}

const PORT_DEFAULT = 2181;
const PORT_MAX = 65_535;
const SRV_SCHEME = 'dns-srv://';

/** What the text names, or a sentence that says why it names nothing. */
export function parseConnectString(text: string): ConnectString | string {
  const isSrv = text.startsWith(SRV_SCHEME);
  const rest = isSrv ? text.slice(SRV_SCHEME.length) : text;
  const slash = rest.indexOf('/');
  const hosts = slash < 0 ? rest : rest.slice(0, slash);
  const path = slash < 0 ? '/' : rest.slice(slash).trimEnd();
  const problem = validatePath(path);
  if (problem !== null) return `the root ${JSON.stringify(path)} cannot be: ${problem}`;
  const root = path === '/' ? '' : path;
  if (isSrv) return parseSrv(hosts.trim(), root);
  const servers = parseServers(hosts);
  return typeof servers === 'string' ? servers : { servers, srvName: null, root };
}

function parseSrv(name: string, root: string): ConnectString | string {
  if (name === '') return `${SRV_SCHEME} is followed by no name`;
  return { servers: [], srvName: name, root };
}

/** A server that is named twice is one server. */
function parseServers(hosts: string): readonly Endpoint[] | string {
  const servers = new Map<string, Endpoint>();
  for (const entry of hosts.split(',')) {
    const text = entry.trim();
    if (text === '') continue;
    const server = parseServer(text);
    if (typeof server === 'string') return server;
    servers.set(formatEndpoint(server), server);
  }
  return servers.size === 0 ? 'no server is named' : [...servers.values()];
}

function parseServer(text: string): Endpoint | string {
  if (text.startsWith('[')) return parseBracketed(text);
  const first = text.indexOf(':');
  if (first < 0) return { host: text, port: PORT_DEFAULT };
  if (text.includes(':', first + 1)) {
    if (isBareIpv6(text)) return { host: text, port: PORT_DEFAULT };
    return `${text} has several colons: an IPv6 address with a port stands in brackets`;
  }
  return withPort(text, text.slice(0, first), text.slice(first + 1));
}

function parseBracketed(text: string): Endpoint | string {
  const end = text.indexOf(']');
  if (end < 0) return `${text} lacks its closing bracket`;
  const host = text.slice(1, end);
  if (host === '') return `${text} names no host`;
  const rest = text.slice(end + 1);
  if (rest === '') return { host, port: PORT_DEFAULT };
  if (!rest.startsWith(':')) return `${text} has text behind its bracket`;
  if (rest === ':') return `${text} names no port`;
  return withPort(text, host, rest.slice(1));
}

function withPort(text: string, host: string, port: string): Endpoint | string {
  if (host === '') return `${text} names no host`;
  if (port === '') return { host, port: PORT_DEFAULT };
  const number = /^\d{1,5}$/.test(port) ? Number(port) : 0;
  if (number < 1 || number > PORT_MAX) return `${text} names no port between 1 and ${PORT_MAX}`;
  return { host, port: number };
}

/** Eight groups, or fewer with one gap and nothing at the end that looks like a port. */
function isBareIpv6(text: string): boolean {
  if (!/^[0-9a-f:.]+(?:%\w+)?$/i.test(text)) return false;
  const groups = text.split(':');
  const gaps = text.split('::').length - 1;
  if (gaps === 0) return groups.length === 8;
  return gaps === 1 && groups.length <= 8 && !/^\d{4,5}$/.test(groups.at(-1)!);
}

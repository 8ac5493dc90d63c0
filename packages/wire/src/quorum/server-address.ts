/**
 * Where a server listens: a host and a port. Text has an IPv6 address in brackets; the value has it
 * without.
 *
 *     address = host ":" port | "[" ipv6 "]" ":" port
 */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

const PORT_MAX = 0xffff;

/** Names and addresses; nothing that means something else in a line of a configuration. */
const HOST = /^[^\s:;|=,[\]\\]+$/;
const IPV6_HOST = /^[\w.:%-]*:[\w.:%-]*$/;
/** Zeros alone, in whatever notation; an IPv4 wildcard may be wrapped in an IPv6 address. */
const WILDCARD_HOST = /^(?:::ffff:)?[0.:]+$/i;

export function formatHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

export function formatServerAddress(address: ServerAddress): string {
  return `${formatHost(address.host)}:${address.port}`;
}

/** Null for anything but one host and one port. */
export function parseServerAddress(text: string): ServerAddress | null {
  const parts = splitHost(text);
  if (parts === null || parts.length !== 2) return null;
  const [host = '', portText = ''] = parts;
  const port = parsePort(portText);
  return port === null ? null : { host, port };
}

/** The host, and what follows it between colons; null when there is no host that can be meant. */
export function splitHost(text: string): readonly string[] | null {
  if (!text.startsWith('[')) {
    const parts = text.split(':');
    return HOST.test(parts[0] ?? '') ? parts : null;
  }
  const end = text.indexOf(']');
  const host = text.slice(1, end);
  const rest = text.slice(end + 1);
  if (end < 0 || !IPV6_HOST.test(host) || (rest !== '' && !rest.startsWith(':'))) return null;
  return [host, ...rest.split(':').slice(1)];
}

export function parsePort(text: string): number | null {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : PORT_MAX + 1;
  return port > PORT_MAX ? null : port;
}

/** Whether it means every address of a machine, and so says to nobody else where to call. */
export function isWildcardHost(host: string): boolean {
  return WILDCARD_HOST.test(host);
}

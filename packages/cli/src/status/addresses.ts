// Where servers are, as an operator writes it: one by one, or as the connect string of a client.

import { WrongUse } from '../wrong-use.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

const DEFAULT_PORT = 2181;
const PORT_MAX = 65_535;

/** `host`, `host:port`, `[::1]:port`, several with commas between them, a chroot behind them. */
export function readAddresses(words: readonly string[]): readonly Address[] {
  return words.flatMap((word) => {
    const servers = word.split('/', 1)[0]!;
    return servers.split(',').map((one) => readAddress(one.trim()));
  });
}

function readAddress(text: string): Address {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d+))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const number = port === undefined ? DEFAULT_PORT : Number(port);
  if (host === undefined || number < 1 || number > PORT_MAX) {
    throw new WrongUse(
      `'${text}' is no address of a server.`,
      'Write host:port, or [address]:port for IPv6; several with commas between them.',
    );
  }
  return { host, port: number };
}

export function describeAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

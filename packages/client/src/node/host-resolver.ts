/** Names of servers, as the system resolves them unless a program does it itself. */
import { lookup, resolveSrv } from 'node:dns/promises';
import type { ServerInfo } from '../connection/host.ts';

export interface HostResolver {
  /** All addresses of a host, of either family. */
  addresses(host: string): Promise<readonly string[]>;
  /** The servers that SRV records list under a name. */
  services(name: string): Promise<readonly ServerInfo[]>;
}

const PORT_MAX = 65_535;

export const systemResolver: HostResolver = {
  addresses: async (host) => {
    const found = await lookup(host, { all: true });
    return found.map(({ address }) => address);
  },
  services: async (name) => {
    const records = await resolveSrv(name);
    return records
      .filter(({ port }) => port > 0 && port <= PORT_MAX)
      .map(({ name: host, port }) => ({ host, port }));
  },
};

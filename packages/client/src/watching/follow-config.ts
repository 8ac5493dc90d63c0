/**
 * Keeps the list of servers in step with the ensemble's own configuration: what it says of where
 * clients are served, now and whenever members come and go.
 */
import { isWildcardHost, type Member } from '@zabra/wire';
import type { ServerInfo } from '../connection/host.ts';
import { retries } from '../connection/retry.ts';
import { CONFIG_PATH, config } from '../operations/config.ts';
import { mayPass } from '../operations/keep-trying.ts';
import { type View, wholeTree } from '../operations/view.ts';
import { formatEndpoint } from '../session/index.ts';
import { NodeWatch } from './node-watch.ts';

/** For as long as there is a client. `isSecure` takes the ports at which TLS is spoken. */
export async function followConfig(view: View, isSecure: boolean): Promise<void> {
  const { connection } = view;
  const own = {
    ...wholeTree(view),
    retry: retries.cutReads,
    signal: undefined,
    timeout: undefined,
  };
  const watch = new NodeWatch(own, CONFIG_PATH, {
    types: ['created', 'changed'],
    buffer: 1,
    overflow: 'resync',
  });
  try {
    await watch.armed;
    await apply(own, isSecure);
    for await (const _ of watch) await apply(own, isSecure);
  } catch (error) {
    if (!connection.isOver) connection.host.complain('the configuration is not followed', error);
  }
}

async function apply(view: View, isSecure: boolean): Promise<void> {
  const { connection } = view;
  const servers = await readServers(view, isSecure);
  const list = (all: readonly ServerInfo[]): string => all.map(formatEndpoint).sort().join();
  if (servers.length > 0 && list(servers) !== list(connection.servers)) {
    connection.setServers(servers);
  }
}

async function readServers(view: View, isSecure: boolean): Promise<readonly ServerInfo[]> {
  const { lifecycle } = view.connection;
  for (;;) {
    try {
      const { members } = await config(view);
      return members.flatMap((member) => placesOf(member, isSecure));
    } catch (error) {
      if (!mayPass(error)) throw error;
    }
    await lifecycle.ready({});
  }
}

/** Who listens at all addresses is called where the other servers call it. */
function placesOf(member: Member, isSecure: boolean): readonly ServerInfo[] {
  const place = isSecure ? member.secureClient : member.client;
  if (place === null) return [];
  const host = isWildcardHost(place.host) ? member.addresses[0]!.host : place.host;
  return [{ host, port: place.port }];
}

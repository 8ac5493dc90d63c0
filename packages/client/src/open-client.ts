/** Makes a client on whichever host, and waits for one. */
import { OPEN_ACL } from '@zabra/wire';
import { Client } from './client.ts';
import type { Abortable } from './connection/abortable.ts';
import type { ClientSettings } from './connection/connect-options.ts';
import { Connection } from './connection/connection.ts';
import { eitherSignal } from './connection/either-signal.ts';
import type { Host } from './connection/host.ts';
import { retries } from './connection/retry.ts';
import { UnreachableError } from './errors/kinds.ts';
import { ensurePath } from './operations/ensure-path.ts';
import type { View } from './operations/view.ts';
import { formatEndpoint } from './session/index.ts';
import { followConfig } from './watching/follow-config.ts';
import type { ZooKeeper } from './zookeeper.ts';

export function openClient(settings: ClientSettings, host: Host): ZooKeeper {
  const { options, root } = settings;
  const connection = new Connection(settings, host);
  const { retry = retries.cutReads, acl = OPEN_ACL } = options;
  const view: View = { connection, root, retry, acl };
  if (options.ensureChroot === true) connection.prepare(ensurePath(view, '/', {}));
  if (options.followConfig === true) void followConfig(view, settings.isSecure);
  return new Client(view, true);
}

/**
 * Resolves on the first session. Rejects, and leaves nothing behind, when no server has taken the
 * client for a session timeout, or its caller gives up.
 */
export async function connectClient(zk: ZooKeeper, options: Abortable): Promise<ZooKeeper> {
  const unreachable = new AbortController();
  zk.on('unreachable', ({ failures }) => {
    const reasons = failures.map(({ server, reason }) => {
      return { server: formatEndpoint(server), reason };
    });
    unreachable.abort(new UnreachableError(reasons));
  });
  const { signal, timeout } = options;
  const both = eitherSignal(signal, unreachable.signal);
  try {
    await zk.ready({ signal: both, timeout });
    return zk;
  } catch (error) {
    await zk.close({ timeout: 0 });
    throw unreachable.signal.aborted ? unreachable.signal.reason : error;
  }
}

/** The doors by which a program on Node.js gets a client. */
import type { ConnectionOptions } from 'node:tls';
import { type ClientOptions, clientSettings } from '../connection/connect-options.ts';
import type { SaslMechanism } from '../connection/sasl.ts';
import { connectClient, openClient } from '../open-client.ts';
import type { ZooKeeper } from '../zookeeper.ts';
import { type DigestCredentials, digestMd5 } from './digest-md5.ts';
import { type HostResolver, systemResolver } from './host-resolver.ts';
import { NodeHost } from './node-host.ts';

export type TlsOptions = ConnectionOptions;

/** A user of DIGEST-MD5, or a mechanism of the program's own. */
export type SaslOptions = (DigestCredentials | { readonly mechanism: SaslMechanism }) & {
  /** Whether a server that does no SASL is refused; it is, unless false is said. */
  readonly required?: boolean;
};

export interface ConnectOptions extends ClientOptions {
  /** A function is asked anew for each connection. */
  readonly tls?: boolean | TlsOptions | (() => TlsOptions | Promise<TlsOptions>);
  readonly sasl?: SaslOptions;
  readonly resolver?: HostResolver;
  /** False lets the process end though the client is open. */
  readonly ref?: boolean;
}

/**
 * A client that is connected:
 *
 *     const zk = await connect('localhost:2181');
 *     const { data } = await zk.get('/');
 *     await zk.close();
 *
 * Rejects when no server could be reached for a session timeout, and says of each why.
 */
export async function connect(options: string | ConnectOptions): Promise<ZooKeeper> {
  const given = typeof options === 'string' ? { servers: options } : options;
  return connectClient(createClient(given), given);
}

/** A client that begins to connect, and goes on trying; requests wait. */
export function createClient(options: string | ConnectOptions): ZooKeeper {
  const given = typeof options === 'string' ? { servers: options } : options;
  const { tls = false, sasl, resolver = systemResolver, ref = true, logger } = given;
  const host = new NodeHost({
    resolver,
    tls: tlsOf(tls),
    isRef: ref,
    logger: logger ?? null,
  });
  const settings = clientSettings(given, {
    sasl: sasl === undefined ? null : mechanismOf(sasl),
    isSaslRequired: sasl?.required ?? true,
    isSecure: tls !== false,
  });
  return openClient(settings, host);
}

function tlsOf(
  tls: NonNullable<ConnectOptions['tls']>,
): (() => TlsOptions | Promise<TlsOptions>) | null {
  if (tls === false) return null;
  if (typeof tls === 'function') return tls;
  return () => (tls === true ? {} : tls);
}

function mechanismOf(sasl: SaslOptions): SaslMechanism {
  return 'mechanism' in sasl ? sasl.mechanism : digestMd5(sasl);
}

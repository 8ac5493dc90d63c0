/** What a client is told when it is made, and how that becomes settings of its session. */
import { type Acl, asSessionId, validatePath } from '@zabra/wire';
import { argumentError } from '../errors/create-error.ts';
import { parseConnectString, type SessionSettings, sessionSettings } from '../session/index.ts';
import type { Abortable } from './abortable.ts';
import type { ServerInfo } from './host.ts';
import type { RetryPolicy } from './retry.ts';
import type { SaslMechanism } from './sasl.ts';
import type { Logger, SessionCredentials } from './status.ts';

export type ServerList =
  | string
  | readonly (string | { readonly host: string; readonly port?: number })[];

export interface AuthInfo {
  /** `digest`, mostly. */
  readonly scheme: string;
  /** For `digest` `user:password`. */
  readonly auth: string | Uint8Array;
}

export interface OfflineQueue {
  /** How many requests wait at most, without a connection or for room on it. */
  readonly maxRequests?: number;
  readonly maxBytes?: number;
  /** Milliseconds without a connection until they fail. */
  readonly maxWait?: number;
}

/** Everything that does not depend on where the client runs. */
export interface ClientOptions extends Abortable {
  /** `'one:2181,two:2181/app'`, `'dns-srv://name/app'`, or a list. */
  readonly servers: ServerList;
  /** The subtree that the client sees as everything; may stand in `servers` instead. */
  readonly chroot?: string;
  /** Creates the nodes of `chroot` first. */
  readonly ensureChroot?: boolean;
  /** Milliseconds; the servers may grant another. */
  readonly sessionTimeout?: number;
  /** Milliseconds for one attempt at one server. */
  readonly connectTimeout?: number;
  /** Milliseconds, at random up to this before each attempt but the first. */
  readonly reconnectJitter?: number;
  /** A session to take up again. */
  readonly session?: SessionCredentials;
  /** What happens when the session has expired; `new-session` unless said otherwise. */
  readonly onExpired?: 'new-session' | 'close';
  /** A server that has lost the others will do, for reading. */
  readonly readOnly?: boolean;
  readonly auth?: readonly AuthInfo[];
  /** What waits while there is no connection; false lets it fail with the next failed attempt. */
  readonly offlineQueue?: false | OfflineQueue;
  /** Requests on their way at a time; the others wait. */
  readonly maxInFlight?: number;
  /** The longest answer, in bytes. */
  readonly maxFrameLength?: number;
  readonly retry?: RetryPolicy;
  /** For nodes that are created without one. */
  readonly acl?: readonly Acl[];
  /** Takes the servers from the ensemble's own configuration, and follows it. */
  readonly followConfig?: boolean;
  readonly logger?: Logger;
}

/** What options say, judged and put together. */
export interface ClientSettings {
  readonly session: SessionSettings;
  readonly root: string;
  /** The name of the SRV records that list the servers; null when they are named. */
  readonly srvName: string | null;
  readonly options: ClientOptions;
  readonly sasl: SaslMechanism | null;
  readonly isSaslRequired: boolean;
  /** TLS is spoken. */
  readonly isSecure: boolean;
}

/** What only a host knows how to do. */
export type HostSettings = Pick<ClientSettings, 'sasl' | 'isSaslRequired' | 'isSecure'>;

const plainHost: HostSettings = { sasl: null, isSaslRequired: true, isSecure: false };

/** Stands for the servers until their names are known. */
const SRV_PORT = 2181;

export function clientSettings(
  options: ClientOptions,
  hostSettings: HostSettings = plainHost,
): ClientSettings {
  const { servers, srvName, root } = readServers(options.servers);
  const { offlineQueue, session } = options;
  const queue = typeof offlineQueue === 'object' ? offlineQueue : {};
  const settings = sessionSettings({
    servers: srvName === null ? servers : [{ host: srvName, port: SRV_PORT }],
    seed: Math.floor(Math.random() * 2 ** 32),
    sasl: hostSettings.sasl !== null,
    ...known({
      timeoutMs: options.sessionTimeout,
      connectTimeoutMs: options.connectTimeout,
      jitterMsMax: options.reconnectJitter,
      canBeReadOnly: options.readOnly,
      frameBytesMax: options.maxFrameLength,
      inFlightRequestsMax: options.maxInFlight,
      waitingRequestsMax: queue.maxRequests,
      waitingBytesMax: queue.maxBytes,
      offlineWaitMs: offlineQueue === false ? 0 : queue.maxWait,
      credentials:
        session === undefined
          ? undefined
          : { sessionId: asSessionId(session.id), password: session.password },
    }),
  });
  const chroot = joinRoots(root, options.chroot);
  return { session: settings, root: chroot, srvName, options, ...hostSettings };
}

/** The servers that a list names, for a client that has a root already. */
export function namedServers(list: ServerList): readonly ServerInfo[] {
  const { servers, srvName } = readServers(list);
  if (srvName !== null) throw argumentError('servers', '', 'a list of servers names hosts');
  return servers;
}

function readServers(list: ServerList): Exclude<ReturnType<typeof parseConnectString>, string> {
  const text = typeof list === 'string' ? list : list.map(textOf).join(',');
  const parsed = parseConnectString(text);
  if (typeof parsed === 'string') throw argumentError('servers', '', parsed);
  return parsed;
}

function textOf(server: string | { readonly host: string; readonly port?: number }): string {
  if (typeof server === 'string') return server;
  const host = server.host.includes(':') ? `[${server.host}]` : server.host;
  return server.port === undefined ? host : `${host}:${server.port}`;
}

function joinRoots(root: string, chroot = '/'): string {
  const problem = validatePath(chroot);
  if (problem !== null) throw argumentError('chroot', chroot, problem);
  return chroot === '/' ? root : root + chroot;
}

function known<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

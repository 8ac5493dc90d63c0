/**
 * The server that the foreign clients talk to: ours, or a real Apache ZooKeeper as the measure of
 * the tests themselves. `ZABRA_INTEROP_SERVER` chooses: `zabra` (default), `apache38`, `apache39`.
 *
 * All three get the same zoo.cfg and the same system properties, so a suite never has to know
 * which one it talks to, except through `semantics`. The server can be restarted in its place.
 */
import { rm } from 'node:fs/promises';
import {
  type Level,
  levelOf,
  type Product,
  productUnderTest,
  type ServerProcess,
  startServer,
  temporaryDirectory,
} from './server.ts';

type Settings = Readonly<Record<string, string | number | boolean>>;

export const serverKind: Product = interopServer();

/** The ZooKeeper release whose behaviour is expected where 3.8.0 and 3.9 differ. */
export const semantics: Level = levelOf(serverKind);

/** Short ticks, so that sessions end and containers go within a test's patience. */
const commonSettings: Settings = {
  tickTime: 500,
  maxSessionTimeout: 60_000,
  '4lw.commands.whitelist': '*',
};

/** `super:secret` is the super user everywhere. */
const commonProperties: Settings = {
  'zookeeper.extendedTypesEnabled': true,
  'zookeeper.DigestAuthenticationProvider.superDigest': 'super:lK75jTNcA+U9vtVEw5vB51mj/w4=',
  'znode.container.checkIntervalMs': 500,
};

/** Lines of zoo.cfg, and Java system properties for what zoo.cfg cannot say. */
export interface ServerSettings {
  readonly settings?: Settings;
  readonly properties?: Settings;
}

export interface ServerOptions extends ServerSettings {
  /** Default: one of its own, which goes when the server ends. */
  readonly dataDir?: string;
  /** Default: what `ZABRA_INTEROP_SERVER` says. */
  readonly product?: Product;
}

export interface ServerUnderTest {
  readonly port: number;
  /** Stops it and starts it again on the same port and directory. */
  readonly restart: (settings?: ServerSettings) => Promise<void>;
  /** As `restart`, but with SIGKILL. */
  readonly crash: () => Promise<void>;
  readonly pause: () => void;
  readonly resume: () => void;
  readonly stop: () => Promise<void>;
  /** As `stop`, but with SIGKILL. */
  readonly kill: () => Promise<void>;
}

export async function startServerUnderTest(options: ServerOptions = {}): Promise<ServerUnderTest> {
  const directory = await temporaryDirectory('interop');
  const start = (settings: ServerSettings, port?: number): Promise<ServerProcess> =>
    startServer({
      product: options.product ?? serverKind,
      directory,
      ...(options.dataDir !== undefined && { dataDir: options.dataDir }),
      ...(port !== undefined && { port }),
      settings: { ...commonSettings, ...settings.settings },
      properties: { ...commonProperties, ...settings.properties },
    });
  const end = async (how: 'stop' | 'kill'): Promise<void> => {
    await server[how]();
    await rm(directory, { recursive: true, force: true });
  };
  let current: ServerSettings = options;
  let server = await start(current);
  return {
    port: server.port,
    restart: async (changed = current) => {
      current = changed;
      await server.stop();
      server = await start(current, server.port);
    },
    crash: async () => {
      await server.kill();
      server = await start(current, server.port);
    },
    pause: () => server.pause(),
    resume: () => server.resume(),
    stop: () => end('stop'),
    kill: () => end('kill'),
  };
}

function interopServer(): Product {
  const name = process.env.ZABRA_INTEROP_SERVER ?? productUnderTest();
  if (name === 'zabra' || name === 'apache38' || name === 'apache39') return name;
  throw new Error(`ZABRA_INTEROP_SERVER=${name} names no server: zabra, apache38 or apache39`);
}

/**
 * The server that the foreign clients talk to: ours, or a real Apache ZooKeeper as the measure of
 * the tests themselves. `ZABRA_INTEROP_SERVER` chooses: `zabra` (default), `apache38`, `apache39`.
 *
 * All three get the same zoo.cfg and the same system properties, so a suite never has to know
 * which one it talks to, except through `semantics`.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApacheVersion, startApache, zooCfg } from './apache.ts';
import { repositoryRoot } from './peers-cache.ts';
import { freePort, type Program, startProgram, waitUntilServing } from './peers-process.ts';

export type ServerKind = 'zabra' | 'apache38' | 'apache39';
type Settings = Readonly<Record<string, string | number | boolean>>;

const SERVING_TIMEOUT_MS = 30_000;
const quickJvm = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'];

export const serverKind: ServerKind = readServerKind(process.env['ZABRA_INTEROP_SERVER']);

/** The ZooKeeper release whose behaviour is expected where 3.8.0 and 3.9 differ. */
export const semantics: ApacheVersion = serverKind === 'apache38' ? '3.8' : '3.9';

/** Short ticks, so that sessions end and containers go within a test's patience. */
const commonProperties: Settings = {
  tickTime: 500,
  maxSessionTimeout: 60_000,
  maxClientCnxns: 0,
  '4lw.commands.whitelist': '*',
};

/** `super:secret` is the super user everywhere. */
const commonSystemProperties: Settings = {
  'zookeeper.extendedTypesEnabled': true,
  'zookeeper.DigestAuthenticationProvider.superDigest': 'super:lK75jTNcA+U9vtVEw5vB51mj/w4=',
  'znode.container.checkIntervalMs': 500,
};

export interface ServerOptions {
  /** Default: a fresh directory that goes when the server is stopped for good. */
  readonly dataDir?: string;
  readonly port?: number;
  readonly properties?: Settings;
  readonly systemProperties?: Settings;
  /** Default: what `ZABRA_INTEROP_SERVER` says. */
  readonly kind?: ServerKind;
}

export interface ServerUnderTest {
  readonly port: number;
  readonly dataDir: string;
  readonly logFile: () => string;
  /** Stops it and starts it again on the same port and directory. */
  readonly restart: (settings?: Pick<ServerOptions, 'properties' | 'systemProperties'>) => Promise<void>;
  /** As `restart`, but with SIGKILL. */
  readonly crash: () => Promise<void>;
  readonly pause: () => void;
  readonly resume: () => void;
  /** Stops it, and removes the directory if it was made here. */
  readonly stop: () => Promise<void>;
}

export async function startServerUnderTest(options: ServerOptions = {}): Promise<ServerUnderTest> {
  const kind = options.kind ?? serverKind;
  const port = options.port ?? (await freePort());
  const scratch = await mkdtemp(join(tmpdir(), `interop-${kind}-`));
  const dataDir = options.dataDir ?? join(scratch, 'data');
  let settings: Pick<ServerOptions, 'properties' | 'systemProperties'> = options;
  const start = (): Promise<Program> =>
    startOnce(kind, scratch, {
      port,
      dataDir,
      properties: { ...commonProperties, ...settings.properties },
      systemProperties: { ...commonSystemProperties, ...settings.systemProperties },
    });
  let program = await start();
  return {
    port,
    dataDir,
    logFile: () => program.logFile,
    restart: async (changed = settings) => {
      settings = changed;
      await program.stop();
      program = await start();
    },
    crash: async () => {
      await program.kill();
      program = await start();
    },
    pause: () => program.pause(),
    resume: () => program.resume(),
    stop: async () => {
      await program.stop();
      await rm(scratch, { recursive: true, force: true });
    },
  };
}

async function startOnce(
  kind: ServerKind,
  scratch: string,
  options: Required<Omit<ServerOptions, 'kind'>>,
): Promise<Program> {
  if (kind === 'zabra') return startZabra(scratch, options);
  const version = kind === 'apache38' ? '3.8' : '3.9';
  return startApache({ ...options, version, jvmFlags: quickJvm });
}

async function startZabra(
  scratch: string,
  options: Required<Omit<ServerOptions, 'kind'>>,
): Promise<Program> {
  await mkdir(options.dataDir, { recursive: true });
  const configFile = join(scratch, 'zoo.cfg');
  await writeFile(configFile, zooCfg(options));
  const program = startProgram({
    command: process.execPath,
    args: [
      join(repositoryRoot, 'packages/cli/bin/zabra.js'),
      'serve',
      configFile,
      ...Object.entries(options.systemProperties).map(([key, value]) => `-D${key}=${value}`),
    ],
    logFile: join(scratch, 'server.log'),
  });
  await waitUntilServing(program, options.port, SERVING_TIMEOUT_MS);
  return program;
}

function readServerKind(text = 'zabra'): ServerKind {
  if (text === 'zabra' || text === 'apache38' || text === 'apache39') return text;
  throw new Error(`ZABRA_INTEROP_SERVER is "${text}": choose zabra, apache38 or apache39`);
}

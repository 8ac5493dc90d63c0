/**
 * The server under test as a real process on a directory of its own: started from a zoo.cfg,
 * stopped, or killed the way a power cut would. `ZABRA_SUITE_SERVER` chooses whose server it is,
 * so that every expectation can be tried on Apache's too: `zabra` (default), `apache38`,
 * `apache39`.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApacheVersion, installApache, zooCfg } from './apache.ts';
import { repositoryRoot } from './peers-cache.ts';
import { freePort, type Program, startProgram, waitUntilServing } from './peers-process.ts';

export type Product = 'zabra' | 'apache38' | 'apache39';

/** Behaviours of a release line: Zabra speaks as 3.9 does. */
export type Level = '3.8' | '3.9';

const SERVING_TIMEOUT_MS = 60_000;
const apacheVersions = { apache38: '3.8', apache39: '3.9' } as const;

export function productUnderTest(): Product {
  const name = process.env.ZABRA_SUITE_SERVER ?? 'zabra';
  if (name === 'zabra' || name === 'apache38' || name === 'apache39') return name;
  throw new Error(`ZABRA_SUITE_SERVER=${name} names no server: zabra, apache38 or apache39`);
}

export function levelOf(product: Product): Level {
  return product === 'apache38' ? '3.8' : '3.9';
}

/** True when the suites run with their full counts. */
export function isFullCount(): boolean {
  return process.env.ZABRA_COUNTS === 'full';
}

export interface ServerOptions {
  readonly product?: Product;
  /** Where data, logs and configuration lie; kept from one start to the next. Default: fresh. */
  readonly directory?: string;
  /** Where the data directory is when it is not `<directory>/data`, such as on a small disk. */
  readonly dataDir?: string;
  readonly port?: number;
  /** Goes on with the zoo.cfg that lies in the directory, which the server itself may have changed. */
  readonly keepsConfiguration?: boolean;
  /** Lines of zoo.cfg beyond the directory and the port. */
  readonly settings?: Readonly<Record<string, string | number | boolean>>;
  /** Java system properties (`-Dkey=value`), for what zoo.cfg cannot say. */
  readonly properties?: Readonly<Record<string, string | number | boolean>>;
  readonly environment?: Readonly<Record<string, string>>;
  /** A program that starts the server in its place, such as `strace`, and keeps its process id. */
  readonly wrapper?: readonly string[];
  /** Default true. Otherwise the process is handed over as it starts, for starts that must fail. */
  readonly untilServing?: boolean;
}

export interface ServerProcess extends Program {
  readonly product: Product;
  readonly directory: string;
  readonly dataDir: string;
  readonly port: number;
  /** What the server has written to stderr and stdout so far. */
  readonly stderr: () => Promise<string>;
  readonly stdout: () => Promise<string>;
  /** Resident memory in bytes. */
  readonly residentBytes: () => Promise<number>;
}

/** A fresh directory for one test, which removes it when nothing in it tells of a failure. */
export function temporaryDirectory(purpose: string): Promise<string> {
  return mkdtemp(join(tmpdir(), `zabra-${purpose}-`));
}

/** Directories made here, which nobody else knows of; they go when their server is stopped. */
const ownDirectories = new Set<string>();

async function ownDirectory(): Promise<string> {
  const directory = await temporaryDirectory('suite');
  ownDirectories.add(directory);
  return directory;
}

export async function startServer(options: ServerOptions = {}): Promise<ServerProcess> {
  const product = options.product ?? productUnderTest();
  const directory = options.directory ?? (await ownDirectory());
  const dataDir = options.dataDir ?? join(directory, 'data');
  const port = options.port ?? (await freePort());
  if (options.dataDir === undefined) await mkdir(dataDir, { recursive: true });
  const configFile = join(directory, 'zoo.cfg');
  const properties = { ...settingsOfAll, ...options.settings };
  if (options.keepsConfiguration !== true) {
    await writeFile(configFile, zooCfg({ dataDir, port, properties }));
  }
  const stderrFile = join(directory, 'stderr.log');
  const stdoutFile = join(directory, 'stdout.log');
  const [command, ...args] = [
    // `exec` keeps the process id while the two streams go to files of their own.
    ...['sh', '-c', 'exec "$@" 2>"$0"', stderrFile],
    ...(options.wrapper ?? []),
    ...(await commandOf(product, configFile, options.properties ?? {})),
  ] as [string, ...string[]];
  const program = startProgram({
    command,
    args,
    cwd: directory,
    logFile: stdoutFile,
    ...(options.environment && { env: options.environment }),
  });
  const textOf = (file: string) => (): Promise<string> => readFile(file, 'utf8').catch(() => '');
  const server: ServerProcess = {
    ...program,
    product,
    directory,
    dataDir,
    port,
    stderr: textOf(stderrFile),
    stdout: textOf(stdoutFile),
    residentBytes: () => residentBytesOf(program.pid),
    stop: async () => {
      await program.stop();
      if (ownDirectories.delete(directory)) await rm(directory, { recursive: true, force: true });
    },
  };
  if (options.untilServing ?? true) await serving(server);
  return server;
}

/** Small preallocation keeps hundreds of temporary directories cheap. */
const settingsOfAll = {
  preAllocSize: 64,
  maxClientCnxns: 0,
  '4lw.commands.whitelist': 'ruok,srvr,isro,mntr,hash',
} as const;

async function commandOf(
  product: Product,
  configFile: string,
  properties: NonNullable<ServerOptions['properties']>,
): Promise<readonly string[]> {
  const defines = Object.entries(properties).map(([key, value]) => `-D${key}=${value}`);
  if (product === 'zabra') {
    const program = join(repositoryRoot, 'packages/cli/bin/zabra.js');
    return [process.execPath, program, 'serve', configFile, ...defines];
  }
  const version: ApacheVersion = apacheVersions[product];
  const installation = await installApache(version);
  const library = installation.libraryPath;
  return [
    'java',
    // A server that lives for seconds starts sooner without the optimising compiler.
    ...['-Xmx1000m', '-XX:TieredStopAtLevel=1', '-Dzookeeper.jmx.log4j.disable=true'],
    ...(library === undefined ? [] : [`-Djava.library.path=${library}`]),
    ...defines,
    ...['-cp', installation.classpath],
    'org.apache.zookeeper.server.quorum.QuorumPeerMain',
    configFile,
  ];
}

async function serving(server: ServerProcess): Promise<void> {
  try {
    await waitUntilServing(server, server.port, SERVING_TIMEOUT_MS);
  } catch (cause) {
    const stderr = (await server.stderr()).slice(-4000);
    throw new Error(`${server.product} in ${server.directory} does not serve:\n${stderr}`, {
      cause,
    });
  }
}

async function residentBytesOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

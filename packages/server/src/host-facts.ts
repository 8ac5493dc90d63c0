/** What the four-letter words tell about the machine and the settings. */
import { readdirSync, readFileSync } from 'node:fs';
import {
  arch,
  freemem,
  homedir,
  hostname,
  platform,
  release,
  tmpdir,
  totalmem,
  userInfo,
} from 'node:os';
import { resolve } from 'node:path';
import type { HostFacts } from '@zabra/replica';
import type { Member } from '@zabra/wire';
import type { ServerSettings } from './config/settings.ts';
import type { StoreSizes } from './store/store.ts';

const MEBIBYTE = 1024 * 1024;
/** Where the system says nothing. */
const UNKNOWN = '<NA>';
/** The only one there is. */
const ELECTION_ALGORITHM = 3;

export interface Standing {
  /** Where clients connect. */
  readonly port: number;
  /** The line of a member in the configuration that rules. */
  readonly me: Member | null;
}

export function hostFacts(
  settings: ServerSettings,
  standing: Standing,
  sizes: StoreSizes,
): HostFacts {
  return {
    configuration: configuration(settings, standing, sizes),
    environment: environment(),
    snapshotBytes: sizes.snapshotBytes,
    logBytes: sizes.logBytes,
    openFiles: openFiles(),
    openFilesMax: openFilesMax(),
  };
}

function configuration(
  settings: ServerSettings,
  { port, me }: Standing,
  sizes: StoreSizes,
): [string, string | number][] {
  return [
    ['clientPort', port],
    ['secureClientPort', -1],
    ['dataDir', resolve(settings.dataDir, 'version-2')],
    ['dataDirSize', sizes.snapshotBytes],
    ['dataLogDir', resolve(settings.dataLogDir, 'version-2')],
    ['dataLogSize', sizes.logBytes],
    ['tickTime', settings.tickTimeMs],
    ['maxClientCnxns', settings.connectionsPerAddressMax],
    ['minSessionTimeout', settings.sessionTimeoutMsMin],
    ['maxSessionTimeout', settings.sessionTimeoutMsMax],
    ['clientPortListenBacklog', settings.listenBacklog],
    ...memberConfiguration(settings, me),
  ];
}

function memberConfiguration(
  settings: ServerSettings,
  me: Member | null,
): [string, string | number][] {
  const { ensemble } = settings;
  if (ensemble === undefined) return [['serverId', 0]];
  return [
    ['serverId', Number(ensemble.id)],
    ['initLimit', settings.initLimitTicks],
    ['syncLimit', settings.syncLimitTicks],
    ['electionAlg', ELECTION_ALGORITHM],
    ['electionPort', me?.addresses[0]?.electionPort ?? -1],
    ['quorumPort', me?.addresses[0]?.quorumPort ?? -1],
    ['peerType', me?.role === 'observer' ? 1 : 0],
  ];
}

/** Under the names tools know; what Java alone has is unknown here, the engine stands in its place. */
function environment(): [string, string][] {
  const memory = process.memoryUsage();
  return [
    ['host.name', hostname()],
    ['java.version', UNKNOWN],
    ['java.vendor', `Node.js ${process.version}`],
    ['java.home', process.execPath],
    ['java.class.path', UNKNOWN],
    ['java.library.path', UNKNOWN],
    ['java.io.tmpdir', tmpdir()],
    ['java.compiler', UNKNOWN],
    ['os.name', platform() === 'linux' ? 'Linux' : platform()],
    ['os.arch', arch() === 'x64' ? 'amd64' : arch()],
    ['os.version', release()],
    ['user.name', userName()],
    ['user.home', homedir()],
    ['user.dir', process.cwd()],
    ['os.memory.free', mebibytes(freemem())],
    ['os.memory.max', mebibytes(totalmem())],
    ['os.memory.total', mebibytes(memory.rss)],
  ];
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / MEBIBYTE)}MB`;
}

/** A container may run under an id without a name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return UNKNOWN;
  }
}

function openFiles(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return -1;
  }
}

function openFilesMax(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? -1);
  } catch {
    return -1;
  }
}

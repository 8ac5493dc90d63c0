// Settings in the environment: our own `ZABRA_…` variables, and those with which the official
// ZooKeeper image and its scripts are configured, so that exchanging the image's name is enough.

import { readDefinition } from './arguments.ts';
import { isKnown, keyOfVariable, nearestVariable, plainKey } from './key-names.ts';
import type { Assignment } from './origin.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const prefix = 'ZABRA_';

/** Reads the variables that name a key; one that nearly does is told of. */
export function readOwnVariables(
  environment: Environment,
  warn: (warning: string) => void,
): readonly Assignment[] {
  const found: Assignment[] = [];
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith(prefix) || value === undefined || value === '') continue;
    const key = keyOfVariable(name.slice(prefix.length));
    if (key !== undefined) {
      found.push({ key, value: value.trim(), origin: { source: 'environment', name } });
      continue;
    }
    // The prefix is ours, but not only the server's: what resembles no key is not meant for it.
    const meant = nearestVariable(name.slice(prefix.length));
    if (meant !== undefined) {
      warn(`Environment variable ${name} is not known; did you mean ${prefix}${meant}?`);
    }
  }
  return found;
}

const imageVariables: Readonly<Record<string, string>> = {
  ZOO_DATA_DIR: 'dataDir',
  ZOO_DATA_LOG_DIR: 'dataLogDir',
  ZOO_TICK_TIME: 'tickTime',
  ZOO_INIT_LIMIT: 'initLimit',
  ZOO_SYNC_LIMIT: 'syncLimit',
  ZOO_MAX_CLIENT_CNXNS: 'maxClientCnxns',
  ZOO_STANDALONE_ENABLED: 'standaloneEnabled',
  ZOO_ADMINSERVER_ENABLED: 'admin.enableServer',
  ZOO_AUTOPURGE_PURGEINTERVAL: 'autopurge.purgeInterval',
  ZOO_AUTOPURGE_SNAPRETAINCOUNT: 'autopurge.snapRetainCount',
  ZOO_4LW_COMMANDS_WHITELIST: '4lw.commands.whitelist',
};

/** Variables whose value is a list of assignments between blanks, as lines for zoo.cfg. */
const listVariables: readonly string[] = ['ZOO_SERVERS', 'ZOO_CFG_EXTRA'];

/** Options for the JVM, of which those that set ZooKeeper's properties are taken. */
const optionVariables: readonly string[] = ['JVMFLAGS', 'SERVER_JVMFLAGS'];

export function readImageVariables(environment: Environment): readonly Assignment[] {
  const found: Assignment[] = [];
  const add = (name: string, key: string, value: string): void => {
    found.push({ key, value, origin: { source: 'image', name } });
  };
  for (const [name, key] of Object.entries(imageVariables)) {
    const value = environment[name];
    if (value !== undefined && value !== '') add(name, key, value.trim());
  }
  for (const name of listVariables) {
    for (const entry of split(environment[name])) {
      const [, key, value] = /^([^=]+)=(.*)$/.exec(entry) ?? [];
      if (key !== undefined && value !== undefined) add(name, key, value);
    }
  }
  for (const name of optionVariables) {
    for (const option of split(environment[name])) {
      if (!/^-D[^=]/.test(option)) continue;
      const { key, value } = readDefinition(option);
      if (key.startsWith('zookeeper.') || isKnown(plainKey(key))) add(name, key, value);
    }
  }
  if (split(environment.ZOO_DATADIR_AUTOCREATE_DISABLE).length > 0) {
    add('ZOO_DATADIR_AUTOCREATE_DISABLE', 'datadir.autocreate', 'false');
  }
  return found;
}

function split(value: string | undefined): readonly string[] {
  return (value ?? '').split(/\s+/).filter((word) => word !== '');
}

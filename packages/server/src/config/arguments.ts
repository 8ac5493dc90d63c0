// Settings given when the server is started: `-Dkey=value`, and ZooKeeper's own form of a port, a
// directory and two numbers.

import { ConfigError } from './config-error.ts';
import type { Assignment } from './origin.ts';

/** Reads `-Dkey=value` or `-Dzookeeper.key=value`; a key alone is `true`, as a Java property's. */
export function readDefinition(argument: string): Assignment {
  const [, key, value] = /^-D([^=]+)(?:=(.*))?$/s.exec(argument) ?? [];
  if (key === undefined) {
    throw new ConfigError({
      problem: `The argument ${argument} sets nothing.`,
      advice: 'Write -Dkey=value, for example -DclientPort=2181.',
    });
  }
  return {
    key: key.trim(),
    value: (value ?? 'true').trim(),
    // Without the value: this name is printed, and some values are secrets.
    origin: { source: 'argument', name: `-D${key}` },
  };
}

const positions = ['clientPort', 'dataDir', 'tickTime', 'maxClientCnxns'] as const;

/** Reads `port dataDir [tickTime] [maxClientCnxns]`. */
export function readPositions(values: readonly string[]): readonly Assignment[] {
  if (values.length < 2 || values.length > positions.length) {
    throw new ConfigError({
      problem: `Invalid number of arguments:[${values.join(', ')}]`,
      advice: 'Usage: zabra serve configfile | port datadir [ticktime] [maxcnxns]',
    });
  }
  return values.map((value, index) => ({
    key: positions[index]!,
    value,
    origin: { source: 'argument', name: value },
  }));
}

// What settings must be to each other, and which of them a file must bring.

import type { Given } from './check-given.ts';
import { ConfigError } from './config-error.ts';
import type { Membership } from './membership.ts';
import { quote } from './readers.ts';
import type { ServerSettings } from './settings.ts';

export interface Circumstances {
  readonly given: Given;
  readonly membership: Membership | undefined;
  /** Whether this server's own line says where clients connect. */
  readonly hasClientLine: boolean;
  /** The path of zoo.cfg, when there is one. */
  readonly file: string | undefined;
  readonly warn: (warning: string) => void;
}

export function checkSettings(settings: ServerSettings, circumstances: Circumstances): void {
  checkSessions(settings, circumstances.given);
  checkAuthentication(settings, circumstances.given);
  checkStandalone(settings, circumstances);
  if (circumstances.file !== undefined) checkFile(circumstances.file, circumstances);
}

function checkSessions(settings: ServerSettings, given: Given): void {
  const { sessionTimeoutMsMin, sessionTimeoutMsMax } = settings;
  if (sessionTimeoutMsMin <= sessionTimeoutMsMax) return;
  const least = given.get('minSessionTimeout') ?? given.get('maxSessionTimeout');
  throw new ConfigError({
    problem: 'minSessionTimeout must not be larger than maxSessionTimeout',
    advice: `They are ${sessionTimeoutMsMin} and ${sessionTimeoutMsMax}; left out, they are 2 and 20 times tickTime.`,
    ...(least === undefined ? {} : { given: least }),
  });
}

function checkAuthentication(settings: ServerSettings, given: Given): void {
  const enforced = given.get('enforce.auth.enabled');
  if (!settings.enforceAuthentication || settings.enforcedSchemes.length > 0) return;
  throw new ConfigError({
    problem: 'enforce.auth.enabled is true enforce.auth.schemes must be configured.',
    advice: 'Add enforce.auth.schemes with the schemes a client may use, for example digest.',
    ...(enforced === undefined ? {} : { given: enforced }),
  });
}

function checkStandalone(settings: ServerSettings, { given, membership }: Circumstances): void {
  if (settings.standaloneEnabled || membership !== undefined) return;
  const wish = given.get('standaloneEnabled');
  throw new ConfigError({
    problem: 'standaloneEnabled = false then number of participants should be >0',
    advice: 'Remove the line to serve alone.',
    ...(wish === undefined ? {} : { given: wish }),
  });
}

function checkFile(file: string, { given, hasClientLine, warn }: Circumstances): void {
  const dataDir = given.get('dataDir');
  if (dataDir === undefined || dataDir.value === '') {
    throw new ConfigError({
      problem: 'dataDir is not set',
      advice: 'Add a line such as dataDir=/var/lib/zookeeper: where snapshots and logs are kept.',
      file,
    });
  }
  if (dataDir.origin.source === 'file' && !isAbsolute(dataDir.value)) {
    warn(`${quote(dataDir)} is relative: it depends on where the server is started.`);
  }
  if (given.has('clientPort') || hasClientLine) return;
  const address = given.get('clientPortAddress');
  if (address !== undefined) {
    throw new ConfigError({
      problem: 'clientPortAddress is set but clientPort is not set',
      advice: 'Add clientPort=2181.',
      given: address,
    });
  }
  warn(`clientPort is not set in ${file}: clients are served on 2181.`);
}

/** Also where the server is not started on the kind of system the path is for. */
function isAbsolute(path: string): boolean {
  return /^(?:[/\\]|[A-Za-z]:)/.test(path);
}

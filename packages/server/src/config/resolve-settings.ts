// From everything somebody wrote to the settings of one server. Places in rising precedence: the
// defaults, zoo.cfg, the official image's variables, ZABRA_… variables, arguments. What cannot be
// meant is refused; what is doubtful is told of in a warning.

import { isWildcardHost } from '@zabra/wire';
import { readPositions } from './arguments.ts';
import { checkGiven, type Given } from './check-given.ts';
import { checkSettings } from './check-settings.ts';
import { completeSettings } from './complete-settings.ts';
import { type EnsembleSettings, memberOf } from './ensemble-settings.ts';
import { type Environment, readImageVariables, readOwnVariables } from './environment.ts';
import { plainKey, type SettingName, settingOf } from './key-names.ts';
import { readMemberSettings } from './member-settings.ts';
import { type Membership, readMembership } from './membership.ts';
import { noticesOf } from './notices.ts';
import { type Assignment, defaultOrigin, type Origin } from './origin.ts';
import { readProperties } from './read-properties.ts';
import { type ReadText, readTextFile } from './read-text.ts';
import { type Row, settingRows } from './setting-rows.ts';
import type { ServerSettings } from './settings.ts';

export interface SettingsSources {
  /** zoo.cfg as text, with the path to name in complaints. */
  readonly file?: { readonly path: string; readonly text: string };
  /** ZooKeeper's form without a file: `port dataDir [tickTime] [maxClientCnxns]`. */
  readonly positions?: readonly string[];
  /** What was set by arguments; `-D…` is read by `readDefinition`. */
  readonly args?: readonly Assignment[];
  readonly env?: Environment;
  /** Reads the files that zoo.cfg refers to; from the disk unless a test says otherwise. */
  readonly read?: ReadText;
}

export interface ResolvedSettings {
  readonly settings: ServerSettings;
  readonly warnings: readonly string[];
  /** Where each setting comes from. */
  readonly origins: Readonly<Record<SettingName, Origin>>;
}

/** Throws a ConfigError when no server can be run as the sources say. */
export function resolveSettings(sources: SettingsSources): ResolvedSettings {
  const warnings: string[] = [];
  const warn = (warning: string): void => {
    warnings.push(warning);
  };
  const given = gather(sources, warn);
  checkGiven(given);
  warnings.push(...noticesOf(given.values()));

  const asApache = sources.file !== undefined || sources.positions !== undefined;
  const values = { ...(asApache ? apacheDefaults : {}), ...readValues(given, warn) };
  const read = sources.read ?? readTextFile;
  const file = sources.file?.path;
  const membership = readMembership(given, read);
  const ensemble =
    membership === undefined
      ? undefined
      : readMemberSettings(membership, {
          given,
          settings: completeSettings(values),
          file,
          read,
          warn,
        });
  const address = clientAddressOf(membership, ensemble);
  const settings = completeSettings({ ...address?.settings, ...values, ensemble });
  const hasClientLine = address !== undefined;
  checkSettings(settings, { given, membership, hasClientLine, file, warn });
  return { settings, warnings, origins: originsOf(given, address) };
}

/** Whoever starts us as they would start Apache's server may rely on what it keeps. */
const apacheDefaults: Partial<ServerSettings> = { purgeIntervalMs: 0, snapshotsRetained: 3 };

/** All assignments, each key once: by its own name, and as the place of highest precedence has it. */
function gather(sources: SettingsSources, warn: (warning: string) => void): Given {
  const given = new Map<string, Assignment>();
  const layers = [
    sources.file === undefined ? [] : readProperties(sources.file.path, sources.file.text),
    readImageVariables(sources.env ?? {}),
    readOwnVariables(sources.env ?? {}, warn),
    sources.positions === undefined ? [] : readPositions(sources.positions),
    sources.args ?? [],
  ];
  for (const assignment of layers.flat()) {
    const key = plainKey(assignment.key);
    const setting = settingOf(key);
    given.set(setting === undefined ? key : settingRows[setting].key, { ...assignment, key });
  }
  return given;
}

function readValues(given: Given, warn: (warning: string) => void): Partial<ServerSettings> {
  const values: Partial<Record<SettingName, unknown>> = {};
  for (const name of Object.keys(settingRows) as SettingName[]) {
    const row: Row<unknown> = settingRows[name];
    const assignment = given.get(row.key);
    if (assignment === undefined || assignment.value === row.unset) continue;
    values[name] = row.read(assignment, warn);
  }
  // Each row's reader yields the type of the setting it stands under.
  return values as Partial<ServerSettings>;
}

interface ClientAddress {
  readonly settings: Partial<ServerSettings>;
  /** Where the line stands that says so. */
  readonly origin: Origin;
}

/** This server's own line may say where its clients connect. */
function clientAddressOf(
  membership: Membership | undefined,
  ensemble: EnsembleSettings | undefined,
): ClientAddress | undefined {
  if (membership === undefined) return undefined;
  const { members } = membership.ensemble;
  const me = ensemble === undefined ? members[0] : memberOf(membership.ensemble, ensemble.id);
  if (me === undefined || me.client === null) return undefined;
  const { host, port } = me.client;
  const line = membership.lines.find(({ key }) => key === `server.${me.id}`);
  const clientPortAddress = isWildcardHost(host) ? undefined : host;
  return {
    settings: { clientPort: port, clientPortAddress },
    origin: line?.origin ?? defaultOrigin,
  };
}

function originsOf(given: Given, address: ClientAddress | undefined): ResolvedSettings['origins'] {
  const origins: Partial<Record<SettingName, Origin>> = {};
  for (const name of Object.keys(settingRows) as SettingName[]) {
    const { key, unset } = settingRows[name];
    const assignment = given.get(key);
    origins[name] =
      assignment === undefined || assignment.value === unset ? defaultOrigin : assignment.origin;
  }
  for (const name of ['clientPort', 'clientPortAddress'] as const) {
    if (address?.settings[name] !== undefined && origins[name] === defaultOrigin) {
      origins[name] = address.origin;
    }
  }
  // Every setting has a row.
  return origins as ResolvedSettings['origins'];
}

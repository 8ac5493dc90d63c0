// From everything somebody wrote to the settings of one server. Places in rising precedence: the
// defaults, zoo.cfg, the official image's variables, ZABRA_… variables, arguments. What cannot be
// meant is refused; what is doubtful is told of in a warning.

import { readPositions } from './arguments.ts';
import { checkGiven, type Given } from './check-given.ts';
import { checkSettings } from './check-settings.ts';
import { completeSettings } from './complete-settings.ts';
import { ConfigError } from './config-error.ts';
import { type Environment, readImageVariables, readOwnVariables } from './environment.ts';
import { plainKey, type SettingName, settingOf } from './key-names.ts';
import { noticesOf } from './notices.ts';
import { type Assignment, defaultOrigin, type Origin } from './origin.ts';
import { MalformedProperties, parseProperties } from './properties.ts';
import type { Server } from './server-list.ts';
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
  const server = checkGiven(given);
  warnings.push(...noticesOf(given.values()));

  const asApache = sources.file !== undefined || sources.positions !== undefined;
  const settings = completeSettings({
    ...(asApache ? apacheDefaults : {}),
    ...(server === undefined ? {} : addressOf(server)),
    ...readValues(given, warn),
  });
  checkSettings(settings, { given, server, file: sources.file?.path, warn });
  return { settings, warnings, origins: originsOf(given, server) };
}

/** Whoever starts us as they would start Apache's server may rely on what it keeps. */
const apacheDefaults: Partial<ServerSettings> = { purgeIntervalMs: 0, snapshotsRetained: 3 };

/** All assignments, each key once: by its own name, and as the place of highest precedence has it. */
function gather(sources: SettingsSources, warn: (warning: string) => void): Given {
  const given = new Map<string, Assignment>();
  const layers = [
    sources.file === undefined ? [] : readFile(sources.file),
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

function readFile({ path, text }: { path: string; text: string }): readonly Assignment[] {
  try {
    return parseProperties(text).map(({ key, value, line }) => ({
      key,
      value,
      origin: { source: 'file', name: path, line },
    }));
  } catch (error) {
    if (!(error instanceof MalformedProperties)) throw error;
    throw new ConfigError({
      problem: `Error processing ${path}: ${error.message}`,
      advice: 'Write \\u with four hexadecimal digits, or \\\\ for a backslash.',
      file: `${path}, line ${error.line}`,
    });
  }
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

/** A server's line may say where its clients connect. */
function addressOf({ clientPort, clientPortAddress, given }: Server): Partial<ServerSettings> {
  if (clientPort === undefined) return {};
  const { clientPort: row } = settingRows;
  return {
    clientPort: row.read({ ...given, value: clientPort }, () => {}),
    clientPortAddress,
  };
}

function originsOf(given: Given, server: Server | undefined): ResolvedSettings['origins'] {
  const origins: Partial<Record<SettingName, Origin>> = {};
  for (const name of Object.keys(settingRows) as SettingName[]) {
    const { key, unset } = settingRows[name];
    const assignment = given.get(key);
    origins[name] =
      assignment === undefined || assignment.value === unset ? defaultOrigin : assignment.origin;
  }
  for (const name of ['clientPort', 'clientPortAddress'] as const) {
    if (server?.[name] !== undefined && origins[name] === defaultOrigin) {
      origins[name] = server.given.origin;
    }
  }
  // Every setting has a row.
  return origins as ResolvedSettings['origins'];
}

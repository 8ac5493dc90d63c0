export { readDefinition } from './config/arguments.ts';
export { completeSettings } from './config/complete-settings.ts';
export { ConfigError } from './config/config-error.ts';
export { type Assignment, describeOrigin, type Origin } from './config/origin.ts';
export {
  type ResolvedSettings,
  resolveSettings,
  type SettingsSources,
} from './config/resolve-settings.ts';
export type { ServerSettings, SnapshotCompression } from './config/settings.ts';
export { createLog, type LogFacts, type LogLevel, type ServerLog, silentLog } from './log.ts';
export { type ServerHandle, type StartOptions, startServer } from './server.ts';

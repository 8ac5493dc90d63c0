/** A server of ours in this process, for the tests of the client. */
import { type ServerHandle, type StartOptions, startServer } from '@zabra/server';

/** Ticks are short: sessions may be, too. */
const SETTINGS = {
  tickTimeMs: 100,
  sessionTimeoutMsMin: 200,
  sessionTimeoutMsMax: 60_000,
  connectionsPerAddressMax: 0,
  extendedTypesEnabled: true,
  containerCheckMs: 50,
} as const;

export function startTestServer(options: StartOptions = {}): Promise<ServerHandle> {
  return startServer({ ...options, settings: { ...SETTINGS, ...options.settings } });
}

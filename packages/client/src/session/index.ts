/** The public list of the pure session: everything that another room may import. */

export { toClientPath, toServerPath } from './chroot.ts';
export { type ConnectString, parseConnectString } from './connect-string.ts';
export {
  type Completion,
  type Credentials,
  type Endpoint,
  formatEndpoint,
  type LinkEnd,
  type LinkOutput,
  type Order,
  Outcome,
  RemovedEvent,
  type Report,
  type ServerFailure,
  type SessionRequest,
  type SessionState,
  type StatusReport,
  type WatchReport,
} from './contract.ts';
export { Figures } from './figures.ts';
export { Session } from './session.ts';
export { type SessionSettings, sessionSettings } from './settings.ts';
export type { Unwatch } from './watches.ts';

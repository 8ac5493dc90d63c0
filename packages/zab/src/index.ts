/** The public list of the zab room: everything another room may import. */

export {
  type Archive,
  type EpochName,
  type InstallStep,
  type Journal,
  type LearnerStatus,
  type LogReading,
  OWN_ORIGIN,
  type PeerStatus,
  type QuorumOrder,
  type QuorumOutput,
  type Recovered,
  type Service,
  type Standpoint,
} from './contract.ts';
export type { LinkOrder, LinkOutput } from './election/links.ts';
export type { Notice } from './election/notices.ts';
export { PeerFigures } from './figures.ts';
export { Peer } from './peer.ts';
export { PEER_DEFAULTS, type PeerSettings } from './settings.ts';
export type { Surroundings } from './standing.ts';
export { Summary } from './summary.ts';

/**
 * What outlasts the roles of a server: how far its log reaches, what it has promised, who is in the
 * ensemble, what time it is, and what is on its way out. A role that ends leaves nothing but this.
 */

import { Configurations } from './configurations.ts';
import type {
  Archive,
  Journal,
  QuorumOrder,
  QuorumOutput,
  Recovered,
  Service,
} from './contract.ts';
import type { Notices } from './election/notices.ts';
import { Epochs } from './epochs.ts';
import { PeerFigures } from './figures.ts';
import { History } from './history.ts';
import { Masters } from './learning/masters.ts';
import { Readings } from './readings.ts';
import type { PeerSettings } from './settings.ts';

/** What a peer is connected to. */
export interface Surroundings {
  readonly journal: Journal;
  readonly archive: Archive;
  readonly service: Service;
}

export class Standing {
  readonly settings: PeerSettings;
  readonly journal: Journal;
  readonly archive: Archive;
  readonly service: Service;
  readonly notices: Notices;
  readonly history: History;
  readonly epochs: Epochs;
  readonly configurations: Configurations;
  readonly readings: Readings = new Readings();
  readonly masters: Masters;
  readonly figures: PeerFigures = new PeerFigures();
  nowMs = 0;
  orders: QuorumOrder[] = [];
  /** What roles that have ended still had to say. */
  parting: QuorumOutput[] = [];
  /** A later epoch than this was promised by a voter that could not be taken in. */
  epochFloor = 0;
  /** The epoch whose leader wanted cut off what this server cannot cut: it has to send everything. */
  unableToCutIn = -1;
  #dials = 0;

  constructor(
    settings: PeerSettings,
    surroundings: Surroundings,
    recovered: Recovered,
    notices: Notices,
  ) {
    const { journal, archive, service } = surroundings;
    this.settings = settings;
    this.journal = journal;
    this.archive = archive;
    this.service = service;
    this.notices = notices;
    this.history = new History(recovered.lastZxid);
    this.epochs = new Epochs(journal, recovered.acceptedEpoch, recovered.currentEpoch);
    this.configurations = new Configurations(journal, recovered.committed, recovered.next);
    this.masters = new Masters(settings, this.configurations);
  }

  /** Whether the disk has done all it was told. */
  get isSettled(): boolean {
    return this.history.isDurable && this.epochs.isDurable;
  }

  get initLimitMs(): number {
    return this.settings.initLimitTicks * this.settings.tickMs;
  }

  get syncLimitMs(): number {
    return this.settings.syncLimitTicks * this.settings.tickMs;
  }

  nextDial(): number {
    this.#dials += 1;
    return this.#dials;
  }
}

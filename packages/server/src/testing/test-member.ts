/** A member of an ensemble that keeps everything in memory, with a loop and sockets of its own. */
import { type Database, type EnsembleDoor, Recovery, Replica } from '@zabra/replica';
import type { Ensemble, Member } from '@zabra/wire';
import { systemClock } from '../clock.ts';
import { completeSettings } from '../config/complete-settings.ts';
import { Host } from '../host.ts';
import { membershipSettings, peerNetworkSettings } from '../membership-settings.ts';
import { Listener } from '../net/listener.ts';
import { replicaSettings } from '../replica-settings.ts';
import { MemoryStore } from '../store/memory-store.ts';
import type { StoreEvents } from '../store/store.ts';

const TICK_MS = 100;

/** What the files of a new member say. */
const NOTHING = {
  acceptedEpoch: 0,
  currentEpoch: 0,
  next: null,
  oldestSnapshotZxid: null,
  logFromZxid: 0n,
  isUntrusted: false,
};

export class TestMember {
  readonly host: Host;
  readonly electionPort: number;
  /** Where its clients connect. */
  clientPort = 0;
  /** What ended it, null while it runs. */
  end: string | null = null;
  readonly #replica: Replica;
  #listener: Listener | null = null;

  private constructor(me: Member, replica: Replica, createRecovery: () => Recovery) {
    this.electionPort = me.addresses[0]!.electionPort;
    this.#replica = replica;
    const tell = (act: (door: EnsembleDoor) => void): void => {
      this.host.input(() => act(replica.ensemble!));
    };
    const events: StoreEvents = {
      onDone: (ticket) => this.host.onDone(ticket),
      onFailed: (_ticket, what) => this.host.onFailed(what),
      onRebuilt: (ticket, recovery) => tell((door) => door.rebuilt(ticket, databaseOf(recovery))),
      onLogRead: (reader, piece, end) => tell((door) => door.logRead(reader, piece, end)),
      onPurged: (zxid) => tell((door) => door.snapshotsPurged(zxid)),
      onSlowSync: () => {},
      onNotice: () => {},
    };
    const store = new MemoryStore(events, createRecovery);
    const onEnd = (reason: string): void => {
      this.end = reason;
    };
    this.host = new Host(replica, store, systemClock, {
      onNotice: () => {},
      onClosed: () => {},
      onStop: onEnd,
      onBroken: onEnd,
      onElectionPortFailed: onEnd,
      onRelocated: () => {},
      onWord: () => {},
    });
  }

  static async start(me: Member, committed: Ensemble): Promise<TestMember> {
    const ensemble = { id: me.id, committed, next: null, file: null };
    const all = completeSettings({
      tickTimeMs: TICK_MS,
      initLimitTicks: 10,
      syncLimitTicks: 5,
      ensemble,
    });
    const settings = replicaSettings(all);
    const { tree, hashKey, tickMs } = settings;
    const createRecovery = (): Recovery => new Recovery({ tree, hashKey, tickMs });
    const recovery = createRecovery();
    recovery.startEmpty();
    const database = databaseOf(recovery);
    const membership = { ...membershipSettings(all, ensemble), data: { ...NOTHING, committed } };
    const member = new TestMember(me, new Replica(settings, database, membership), createRecovery);
    const { host } = member;
    host.join(me, peerNetworkSettings(all));
    host.input((replica) => replica.start(false));
    const where = { port: 0, address: '127.0.0.1', backlog: -1, keepAlive: false };
    member.#listener = await Listener.open(where, (client) => host.onClient(client));
    member.clientPort = member.#listener.port;
    return member;
  }

  get role(): string {
    const { standpoint } = this.#replica.ensemble!.status;
    return 'isServing' in standpoint && standpoint.isServing ? standpoint.role : 'not serving';
  }

  /** As a process that is killed. */
  stop(): void {
    this.#listener?.close();
    this.host.stop();
  }
}

function databaseOf(recovery: Recovery): Database {
  const database = recovery.finish();
  if (typeof database === 'string') throw new Error(database);
  return database;
}

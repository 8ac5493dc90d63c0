/**
 * A server as a program holds it: started, served from, closed, alone or as a member of an ensemble.
 * It may be one of several in a process and keeps nothing outside itself.
 */
import {
  type Database,
  type LogPieceEnd,
  Recovery,
  Replica,
  type ReplicaSettings,
} from '@zabra/replica';
import { assert, type Member } from '@zabra/wire';
import { systemClock } from './clock.ts';
import { completeSettings } from './config/complete-settings.ts';
import { ConfigError } from './config/config-error.ts';
import { memberOf } from './config/ensemble-settings.ts';
import type { ServerSettings } from './config/settings.ts';
import { Host } from './host.ts';
import { hostFacts } from './host-facts.ts';
import { type ServerLog, silentLog } from './log.ts';
import { membershipSettings, peerNetworkSettings } from './membership-settings.ts';
import { ClientPort } from './net/client-port.ts';
import { replicaSettings } from './replica-settings.ts';
import { FileStore } from './store/file-store.ts';
import { MemoryStore } from './store/memory-store.ts';
import { StorageError } from './store/storage-error.ts';
import type { Store, StoreEvents } from './store/store.ts';

export interface StartOptions {
  /** Whatever is not set is as for a server that was told nothing. */
  readonly settings?: Partial<ServerSettings>;
  /** Keep everything in memory; the default unless a data directory is named. */
  readonly inMemory?: boolean;
  /** The client port; a free one unless one is named here or in the settings. */
  readonly port?: number;
  readonly dataDir?: string;
  /** Where notable events go; nowhere by default. */
  readonly log?: ServerLog;
}

export interface ServerHandle {
  readonly host: string;
  readonly port: number;
  /** `host:port`, as clients take it. */
  readonly connectString: string;
  /** Resolves when the server was closed; rejects when it had to stop. */
  readonly closed: Promise<void>;
  /** Ends service: what is under way is finished, a leader lets others lead, clients are cut. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What a process ends with that was this server and nothing else. */
const STORAGE_EXIT_CODE = 10;
const BROKEN_EXIT_CODE = 1;
const ELECTION_PORT_EXIT_CODE = 14;

/**
 * Starts a server and resolves when it accepts clients. Those of a member are served as soon as it
 * has found a leader, or is one.
 */
export async function startServer(options: StartOptions = {}): Promise<ServerHandle> {
  const server = new RunningServer(options);
  await server.start();
  return server;
}

class RunningServer implements ServerHandle, StoreEvents {
  readonly closed: Promise<void>;
  readonly #settings: ServerSettings;
  readonly #replicaSettings: ReplicaSettings;
  readonly #log: ServerLog;
  readonly #store: Store;
  #host: Host | null = null;
  readonly #clientPort: ClientPort;
  /** Its line in the configuration that rules; null for a server alone. */
  #me: Member | null = null;
  #purgeTimer: NodeJS.Timeout | null = null;
  #isClosing = false;
  #failure: Error | null = null;
  #settle!: { resolve: () => void; reject: (error: Error) => void };

  constructor(options: StartOptions) {
    const dataDir = options.dataDir ?? options.settings?.dataDir;
    const inMemory = options.inMemory ?? dataDir === undefined;
    this.#settings = completeSettings({
      clientPort: 0,
      ...options.settings,
      ...(dataDir === undefined ? {} : { dataDir }),
      ...(options.port === undefined ? {} : { clientPort: options.port }),
    });
    this.#replicaSettings = replicaSettings(this.#settings);
    this.#log = options.log ?? silentLog;
    this.#store = this.#createStore(inMemory, options.inMemory === true);
    this.#clientPort = this.#createClientPort();
    this.closed = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // Whoever does not ask how it ended is not to be killed by the answer.
    this.closed.catch(() => {});
  }

  get host(): string {
    return this.#clientPort.host;
  }

  get port(): number {
    return this.#clientPort.port;
  }

  get connectString(): string {
    return `${this.host.includes(':') ? `[${this.host}]` : this.host}:${this.port}`;
  }

  async start(): Promise<void> {
    try {
      const database = await this.#recover(this.#createRecovery());
      const membership = await this.#readMembership();
      const replica = new Replica(this.#replicaSettings, database, membership);
      const host = new Host(replica, this.#store, systemClock, {
        onNotice: ({ level, text, facts }) => this.#log.write(level, text, facts),
        onClosed: (connection, reason) =>
          this.#log.write('info', 'connection closed', { connection, reason }),
        onStop: (reason) => this.#fail(reason, STORAGE_EXIT_CODE),
        onBroken: (text) => this.#fail(text, BROKEN_EXIT_CODE),
        onElectionPortFailed: (reason) => this.#fail(reason, ELECTION_PORT_EXIT_CODE),
        onRelocated: (me) => this.#relocate(me),
        onWord: (connection, word) => this.#answerWord(connection, word),
      });
      this.#host = host;
      this.#join(host);
      host.input(() => replica.start(database.replayed > 0));
      await this.#clientPort.open();
      if (this.#failure !== null) throw this.#failure;
      this.#armPurge();
      host.stats.reportOnSignal();
      const what = membership === null ? 'serving' : 'listening';
      this.#log.write('info', what, { port: this.port, zxid: hex(database.lastZxid) });
    } catch (error) {
      this.#clientPort.close();
      this.#host?.stop();
      await this.#store.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    if (this.#isClosing) return this.closed;
    this.#isClosing = true;
    this.#clientPort.close();
    if (this.#purgeTimer !== null) clearInterval(this.#purgeTimer);
    await this.#host?.finish();
    try {
      await this.#store.close();
      this.#log.write('info', 'closed', { port: this.port });
      this.#settle.resolve();
    } catch (error) {
      this.#settle.reject(error instanceof Error ? error : new Error(String(error)));
    }
    return this.closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  // What the store reports.

  onDone(ticket: number): void {
    this.#host?.onDone(ticket);
  }

  onFailed(_ticket: number, what: string): void {
    this.#host?.onFailed(what);
  }

  onRebuilt(ticket: number, recovery: Recovery): void {
    const database = recovery.finish();
    if (typeof database === 'string') this.onFailed(ticket, unusable(this.#settings, database));
    else this.#host?.input((replica) => replica.ensemble?.rebuilt(ticket, database));
  }

  onLogRead(reader: number, piece: Uint8Array, end: LogPieceEnd): void {
    this.#host?.input((replica) => replica.ensemble?.logRead(reader, piece, end));
  }

  onPurged(oldestZxid: bigint): void {
    this.#host?.input((replica) => replica.ensemble?.snapshotsPurged(oldestZxid));
  }

  onNotice(level: 'info' | 'warn', text: string): void {
    this.#log.write(level, text, {});
  }

  onSlowSync(elapsedMs: number): void {
    this.#log.write('warn', 'slow sync of the transaction log', {
      elapsedMs: Math.round(elapsedMs),
    });
  }

  #createClientPort(): ClientPort {
    const { clientPort, clientPortAddress, listenBacklog, clientTcpKeepAlive } = this.#settings;
    return new ClientPort(
      {
        port: clientPort,
        address: clientPortAddress,
        backlog: listenBacklog,
        keepAlive: clientTcpKeepAlive,
      },
      {
        onClient: (client) => this.#host?.onClient(client),
        onMoved: (port) => this.#log.write('info', 'the client port has moved', { port }),
        onNotice: (text) => this.#log.write('error', text, {}),
      },
    );
  }

  /** A line that says nothing of clients leaves them where they are. */
  #relocate(me: Member): void {
    this.#me = me;
    if (me.client !== null) this.#clientPort.move(me.client);
  }

  #createStore(inMemory: boolean, isMeant: boolean): Store {
    const createRecovery = (): Recovery => this.#createRecovery();
    const { ensemble, reconfigEnabled } = this.#settings;
    if (!inMemory) {
      if (reconfigEnabled && ensemble?.file === null) throw nowhereToWriteMembers();
      return new FileStore(this.#settings, this, createRecovery);
    }
    if (ensemble === undefined) return new MemoryStore(this);
    if (isMeant) return new MemoryStore(this, createRecovery);
    throw new ConfigError({
      problem: 'A member of an ensemble needs a dataDir: what it has promised must outlive it.',
      advice:
        'Give dataDir. If all members may be lost together, as in a test, say inMemory: true.',
    });
  }

  #createRecovery(): Recovery {
    const { tree, hashKey, tickMs } = this.#replicaSettings;
    return new Recovery({ tree, hashKey, tickMs });
  }

  /** Null for a server alone. */
  async #readMembership(): Promise<ConstructorParameters<typeof Replica>[2] | null> {
    const { ensemble } = this.#settings;
    if (ensemble === undefined) return null;
    const { committed, next } = ensemble;
    const stored = await this.#store.readMember();
    if (stored.isUntrusted) {
      const { dataDir } = this.#settings;
      this.#log.write('warn', 'no vote until another member has filled the database', { dataDir });
    }
    const data = { ...stored, committed, next };
    return { ...membershipSettings(this.#settings, ensemble), data };
  }

  #join(host: Host): void {
    const { ensemble } = this.#settings;
    if (ensemble === undefined) return;
    const me = memberOf(ensemble.committed, ensemble.id);
    assert(me !== undefined, 'a member is in its configuration');
    this.#me = me;
    host.join(me, peerNetworkSettings(this.#settings));
  }

  async #recover(recovery: Recovery): Promise<Database> {
    await this.#store.recover(recovery);
    const database = recovery.finish();
    if (typeof database === 'string') {
      throw StorageError.ofContent({
        problem: unusable(this.#settings, database),
        advice: 'Restore the directory from a backup, or start with an empty one.',
      });
    }
    if (database.digestMismatches > 0) {
      const { digestMismatches } = database;
      this.#log.write('error', 'tree differs from what the log expects', { digestMismatches });
    }
    return database;
  }

  #answerWord(connection: number, word: string): void {
    const facts = hostFacts(this.#settings, { port: this.port, me: this.#me }, this.#store.sizes());
    this.#host?.input((replica) => replica.answerWord(connection, word, facts));
  }

  /** Storage or memory cannot be trusted any more: this object ends, the process may live on. */
  #fail(reason: string, exitCode: number): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#log.write('error', 'stopped', { reason });
    this.#clientPort.close();
    if (this.#purgeTimer !== null) clearInterval(this.#purgeTimer);
    this.#host?.stop();
    const failure = Object.assign(new Error(reason), { exitCode });
    this.#failure = failure;
    // A disk that failed may fail to be let go as well; the first reason is the one that counts.
    const end = (): void => this.#settle.reject(failure);
    this.#store.close().then(end, end);
  }

  #armPurge(): void {
    const { purgeIntervalMs } = this.#settings;
    if (purgeIntervalMs <= 0) return;
    const timer = setInterval(
      () => void this.#store.purge(),
      Math.min(purgeIntervalMs, 2 ** 31 - 1),
    );
    timer.unref();
    this.#purgeTimer = timer;
  }
}

function unusable({ dataDir }: ServerSettings, reason: string): string {
  return `${dataDir} cannot be used: ${reason}.`;
}

function hex(zxid: bigint): string {
  return `0x${zxid.toString(16)}`;
}

function nowhereToWriteMembers(): ConfigError {
  return new ConfigError({
    problem: 'reconfigEnabled=true needs a configuration file.',
    advice: 'Give ensemble.file the path of a zoo.cfg: members that change are written beside it.',
  });
}

/**
 * What a client and all its views share: one session at a time, the calls on it, those who watch,
 * and the state of it all. When a session is lost it begins the next one, unless told otherwise.
 */
import { JuteWriter, Opcode } from '@zabra/wire';
import { createError } from '../errors/create-error.ts';
import type { ZooKeeperError } from '../errors/zookeeper-error.ts';
import { formatEndpoint, type Report, type Session, type StatusReport } from '../session/index.ts';
import type { Abortable } from './abortable.ts';
import type { CallKind } from './call.ts';
import { type Caller, Calls, type CallTarget } from './calls.ts';
import type { AuthInfo, ClientSettings } from './connect-options.ts';
import type { Host, ServerInfo } from './host.ts';
import { Lifecycle } from './lifecycle.ts';
import { SaslDialog } from './sasl.ts';
import { SessionBody } from './session-body.ts';
import { SrvList } from './srv-list.ts';
import { Statistics } from './statistics.ts';
import type { ClientStats, CloseReason, SessionCredentials, SessionInfo } from './status.ts';
import type { ConnectTrace } from './tracing.ts';
import { Watchers } from './watchers.ts';

const authKind: CallKind<void> = {
  op: 'addAuth',
  opcode: Opcode.Auth,
  isIdempotent: true,
  read: () => undefined,
};

interface Identity {
  readonly scheme: string;
  readonly proof: Uint8Array;
}

export class Connection implements CallTarget {
  readonly host: Host;
  readonly settings: ClientSettings;
  readonly calls: Calls;
  readonly watchers: Watchers;
  readonly lifecycle: Lifecycle;
  /** Requests are encoded in it, one at a time. */
  readonly writer: JuteWriter = new JuteWriter();
  /** False once a server has said that it does not know them. */
  hasPersistentWatches = true;
  readonly #statistics = new Statistics();
  readonly #sasl: SaslDialog | null;
  readonly #srv: SrvList | null;
  readonly #identities: Identity[] = [];
  #servers: readonly ServerInfo[];
  #body: SessionBody;
  /** Null until there is a session. */
  #info: SessionInfo | null = null;
  #connecting: ConnectTrace | null = null;
  /** The session follows one that was lost. */
  #isRenewed = false;
  #closing: Promise<SessionCredentials | undefined> | null = null;
  #isKept = false;
  #preparation: Promise<void> = Promise.resolve();
  #saslFailure: unknown = null;

  constructor(settings: ClientSettings, host: Host) {
    const { options, sasl, isSaslRequired, srvName } = settings;
    this.host = host;
    this.settings = settings;
    this.calls = new Calls(this, host);
    this.watchers = new Watchers(host);
    this.lifecycle = new Lifecycle(host, options.logger ?? null);
    this.#sasl =
      sasl === null
        ? null
        : new SaslDialog(sasl, isSaslRequired, {
            respond: (token) => this.ask().respond(token),
            complete: () => this.ask().authenticated(),
            fail: (error) => this.#onSaslFailed(error),
          });
    this.#servers = settings.session.servers;
    this.#body = this.#newBody(settings.session);
    for (const info of options.auth ?? []) this.#remember(info);
    this.#presentIdentities();
    this.#srv = srvName === null ? null : new SrvList(srvName, host, (list) => this.#onSrv(list));
    if (this.#srv === null) this.ask().start();
    else void this.#srv.begin().then(() => this.ask().start());
  }

  /** The session there is, to be asked something of. */
  ask(): Session {
    return this.#body.ask();
  }

  get session(): Session {
    return this.#body.session;
  }

  get isOver(): boolean {
    return this.lifecycle.end !== null;
  }

  get info(): SessionInfo | undefined {
    return this.#info ?? undefined;
  }

  get server(): ServerInfo | undefined {
    return this.session.server ?? undefined;
  }

  /** Those that are tried. */
  get servers(): readonly ServerInfo[] {
    return this.#servers;
  }

  get stats(): ClientStats {
    return this.#statistics.read(this.session, this.calls);
  }

  dropWatcher(watcher: number): void {
    this.watchers.remove(watcher);
  }

  addAuth(caller: Caller, info: AuthInfo, options: Abortable): Promise<void> {
    const { scheme, proof } = this.#remember(info);
    return this.calls.addAuth(caller, authKind, scheme, proof, options);
  }

  setServers(servers: readonly ServerInfo[]): 'kept' | 'moved' {
    const before = this.session.server;
    this.#servers = servers;
    this.ask().setServers(servers);
    this.lifecycle.tell({ type: 'servers', servers });
    return before !== null && this.session.server === null ? 'moved' : 'kept';
  }

  /** What has to be done before the client is of use. */
  prepare(preparation: Promise<void>): void {
    // Who waits for `ready` is told; who does not finds out by what fails.
    preparation.catch(() => {});
    this.#preparation = preparation;
  }

  async ready(options: Abortable): Promise<void> {
    await this.lifecycle.ready(options);
    await this.#preparation;
  }

  reconnect(): void {
    this.ask().reconnect();
  }

  close(
    keepSession: boolean,
    timeoutMs: number | undefined,
  ): Promise<SessionCredentials | undefined> {
    this.#closing ??= this.#close(keepSession, timeoutMs);
    return this.#closing;
  }

  async #close(
    keepSession: boolean,
    timeoutMs: number | undefined,
  ): Promise<SessionCredentials | undefined> {
    if (this.isOver) return undefined;
    this.#isKept = keepSession;
    this.#srv?.stop();
    this.calls.failResting('Closed');
    const credentials = this.#info ?? undefined;
    if (keepSession) this.ask().detach();
    else this.ask().close();
    const timer =
      timeoutMs === undefined ? null : this.host.setTimer(() => this.ask().detach(), timeoutMs);
    await this.lifecycle.closed;
    if (timer !== null) this.host.clearTimer(timer);
    if (!keepSession || credentials === undefined) return undefined;
    return { id: credentials.id, password: credentials.password };
  }

  #newBody(settings: ClientSettings['session']): SessionBody {
    const body: SessionBody = new SessionBody(settings, this.host, (report) =>
      this.#onReport(report, body),
    );
    return body;
  }

  #remember({ scheme, auth }: AuthInfo): Identity {
    const proof = typeof auth === 'string' ? new TextEncoder().encode(auth) : auth.slice();
    const identity = { scheme, proof };
    this.#identities.push(identity);
    return identity;
  }

  /** Nobody waits for those: a refusal ends the client, and is told as that. */
  #presentIdentities(): void {
    const session = this.ask();
    for (const { scheme, proof } of this.#identities) session.addAuth(0, scheme, proof);
  }

  #onReport(report: Report, body: SessionBody): void {
    if (report.kind === 'completion') this.calls.complete(report);
    else if (report.kind === 'watch') this.watchers.onReport(report);
    else if (body === this.#body) this.#onStatus(report);
  }

  #onStatus(report: StatusReport): void {
    switch (report.kind) {
      case 'connecting':
        this.#onConnecting(report);
        break;
      case 'connected':
        this.#onConnected(report);
        break;
      case 'rearmed':
        this.watchers.onRearmed();
        break;
      case 'suspended':
        this.#onSuspended(report);
        break;
      case 'unreachable':
        this.#onUnreachable(report);
        break;
      case 'sasl':
        this.#sasl?.onReport(this.session.server!, report.challenge, report.isFirst);
        break;
      case 'lost':
        this.#onLost(report.by);
        break;
      case 'auth-failed':
        this.#onAuthFailed(report.scheme);
        break;
      case 'closed':
        this.#finish({ type: 'closed', ended: report.isEnded }, 'closed');
        break;
    }
  }

  #onConnecting({ endpoint, attempt }: Extract<StatusReport, { kind: 'connecting' }>): void {
    this.#failConnecting(createError('ConnectionLoss'));
    if (this.host.tracing.connect.isHeard) {
      this.#connecting = { server: formatEndpoint(endpoint), attempt };
      this.host.tracing.connect.begin(this.#connecting);
    }
    if (this.lifecycle.state === 'lost') this.lifecycle.state = 'connecting';
    this.lifecycle.tell({ type: 'connecting', server: endpoint, attempt });
  }

  #onConnected(report: Extract<StatusReport, { kind: 'connected' }>): void {
    const { endpoint, sessionId, timeoutMs, isReadOnly, isResumed } = report;
    const { password } = this.session.credentials!;
    const session = { id: sessionId, password, timeout: timeoutMs };
    if (this.#info?.id !== sessionId) this.#statistics.sessions += 1;
    this.#info = session;
    this.#endConnecting(isResumed, timeoutMs);
    this.lifecycle.state = isReadOnly ? 'read-only' : 'connected';
    const kind = isResumed ? 'resumed' : 'new';
    this.lifecycle.tell({
      type: 'connected',
      server: endpoint,
      session,
      kind,
      readOnly: isReadOnly,
    });
    if (this.#isRenewed) this.watchers.onNewSession();
    this.#isRenewed = false;
    this.lifecycle.letGo();
  }

  #onSuspended({ end, sentLost }: Extract<StatusReport, { kind: 'suspended' }>): void {
    this.lifecycle.state = 'suspended';
    const reason = createError('ConnectionLoss', {
      cause: new Error(`${end.kind}: ${end.detail}`),
    });
    this.lifecycle.tell({ type: 'suspended', reason, sentAborted: sentLost });
  }

  #onUnreachable(report: Extract<StatusReport, { kind: 'unreachable' }>): void {
    const failures = report.failures.map(({ endpoint, end }) => {
      return { server: endpoint, kind: end.kind, reason: end.detail };
    });
    this.lifecycle.tell({ type: 'unreachable', failures });
  }

  #onLost(by: 'server' | 'own-clock'): void {
    const sessionId = this.#info?.id;
    const error = createError('SessionExpired', { sessionId });
    this.#statistics.carry(this.session);
    this.#failConnecting(error);
    this.#info = null;
    this.lifecycle.state = 'lost';
    const isLast = this.settings.options.onExpired === 'close' || this.#closing !== null;
    if (!isLast) this.#begin();
    this.lifecycle.tell({
      type: 'lost',
      sessionId,
      by: by === 'server' ? 'server' : 'client-clock',
    });
    if (isLast) this.#finish({ type: 'expired', error }, 'closed');
  }

  /** A session anew, with everything that is not the old one's. */
  #begin(): void {
    const seed = Math.floor(Math.random() * 2 ** 32);
    const servers = this.#servers;
    this.#body = this.#newBody({ ...this.settings.session, servers, seed, credentials: null });
    this.#isRenewed = true;
    this.#presentIdentities();
    this.ask().start();
  }

  #onAuthFailed(scheme: string): void {
    const cause = this.#saslFailure ?? new Error(`the identity of scheme ${scheme} was refused`);
    const error = createError('AuthFailed', { cause, sessionId: this.#info?.id });
    this.#failConnecting(error);
    this.lifecycle.state = 'auth-failed';
    this.lifecycle.tell({ type: 'auth-failed', reason: error });
    this.#finish({ type: 'auth-failed', error }, 'auth-failed');
  }

  #onSaslFailed(error: unknown): void {
    this.#saslFailure = error;
    this.ask().notAuthenticated();
  }

  #onSrv(servers: readonly ServerInfo[]): void {
    if (!this.isOver) this.setServers(servers);
  }

  #finish(reason: CloseReason, state: 'closed' | 'auth-failed'): void {
    this.#srv?.stop();
    this.#failConnecting(createError('Closed'));
    if (!this.#isKept) this.#info = null;
    this.lifecycle.finish(state, reason);
    this.calls.failResting(this.lifecycle.end!.code as 'Closed');
    this.watchers.onOver();
  }

  #endConnecting(resumed: boolean, timeout: number): void {
    const trace = this.#connecting;
    this.#connecting = null;
    if (trace !== null) this.host.tracing.connect.end(Object.assign(trace, { resumed, timeout }));
  }

  #failConnecting(error: ZooKeeperError): void {
    const trace = this.#connecting;
    this.#connecting = null;
    if (trace !== null) this.host.tracing.connect.fail(Object.assign(trace, { error }));
  }
}

/**
 * What is promised of sessions that are not the ensemble's: nobody but the server that gave one out
 * takes it for its own, until it has become the ensemble's; there it ends only if it was silent, was
 * closed, or its server has died; and no id is given out twice. A server that only reads says so, to
 * those alone who have said that it will do, and refuses whatever would have to be agreed on.
 */
import { ErrorCode, Opcode, type Transaction } from '@zabra/wire';
import type { Heard, Journal, Operation, SessionLife } from '../people/journal.ts';
import type { ProposedAt } from './expiry.ts';
import { isCreation, isEphemeral } from './model-requests.ts';
import { isWrite } from './version-order.ts';

/** What is known of a world besides what clients have lived. */
export interface SessionWorld {
  /** New sessions are their server's alone. */
  readonly areLocal: boolean;
  readonly upgrades: boolean;
  /** Whether a server's end of a session can be held against the clock. */
  readonly trustsClocks: boolean;
  /** When a server began a life, each time. */
  startsOf(server: number): readonly number[];
  readonly proposedAt: ProposedAt;
}

type Connected = Extract<Heard, { kind: 'connected' }>;
type Refused = Extract<Heard, { kind: 'refused' }>;

/** Clocks are numbers with a fraction. */
const MARGIN_MS = 1;

export function judgeKinds(
  { sessions: lives }: Journal,
  transactions: readonly Transaction[],
  world: SessionWorld,
): string[] {
  const begun = new Map<bigint, bigint>();
  for (const { header, record } of transactions) {
    if (record.type === Opcode.CreateSession) begun.set(header.clientId, header.zxid);
  }
  const judge = new Judge(lives, begun, world);
  for (const life of lives) judge.onLife(life);
  return judge.violations;
}

class Judge {
  readonly violations: string[] = [];
  readonly #lives: readonly SessionLife[];
  readonly #begun: ReadonlyMap<bigint, bigint>;
  readonly #world: SessionWorld;
  /** The greetings of new sessions. */
  readonly #births = new Map<bigint, Connected>();

  constructor(
    lives: readonly SessionLife[],
    begun: ReadonlyMap<bigint, bigint>,
    world: SessionWorld,
  ) {
    this.#lives = lives;
    this.#begun = begun;
    this.#world = world;
    for (const { heard } of lives) {
      for (const one of heard) {
        if (one.kind !== 'connected' || one.hello.session !== 0n) continue;
        const { session } = one;
        if (this.#births.has(session)) this.#violate(session, 'was given out twice');
        this.#births.set(session, one);
      }
    }
  }

  onLife(life: SessionLife): void {
    let greeting: Connected | null = null;
    for (const heard of life.heard) {
      if (heard.kind === 'connected') {
        greeting = heard;
        this.#onConnected(heard);
      } else if (heard.kind === 'refused') this.#onRefused(heard, life);
      else if (heard.kind === 'reply') this.#onReply(heard.operation, greeting);
    }
  }

  #onConnected({ hello, session, isReadOnly, atMs }: Connected): void {
    if (isReadOnly === true && hello.canBeReadOnly !== true) {
      this.#violate(session, 'is with a server that only reads, and that will not do for it');
    }
    const home = this.#births.get(session)?.hello.server;
    if (home === undefined || home === hello.server || this.#hasBegun(session, atMs)) return;
    this.#violate(session, `of server ${home} is taken for its own by server ${hello.server}`);
  }

  /** Whether the ensemble can have known of it. */
  #hasBegun(session: bigint, atMs: number): boolean {
    const zxid = this.#begun.get(BigInt.asIntN(64, session));
    return zxid !== undefined && (this.#world.proposedAt(zxid) ?? atMs) <= atMs;
  }

  #onRefused({ hello, atMs }: Refused, { isImpostor }: SessionLife): void {
    const { areLocal, trustsClocks, startsOf } = this.#world;
    const { session, server } = hello;
    const birth = this.#births.get(session);
    if (isImpostor || !areLocal || !trustsClocks || birth === undefined) return;
    if (birth.isReadOnly === true || server === undefined || birth.hello.server !== server) return;
    if (this.#begun.has(BigInt.asIntN(64, session))) return;
    const handles = this.#lives.filter((life) => life.id === session && !life.isImpostor);
    const sent = handles.flatMap((life) => life.sent);
    const isClosed = sent.some(({ ask }) => ask.type === Opcode.CloseSession);
    const hasDied = startsOf(server).some((ms) => ms > birth.atMs && ms < atMs);
    const silentMs = atMs - lastHeard(handles);
    if (isClosed || hasDied || silentMs + MARGIN_MS >= birth.timeoutMs) return;
    this.#violate(session, `was ended at home after ${Math.round(silentMs)} ms of silence`);
  }

  #onReply(operation: Operation, greeting: Connected | null): void {
    const { ask, answer, session, connection } = operation;
    const { error } = answer!;
    if (error === ErrorCode.EphemeralOnLocalSession) this.#onEphemeral(operation);
    if (greeting === null || greeting.hello.connection !== connection) return;
    const isReadOnly = greeting.isReadOnly === true;
    const needsOthers =
      ask.type === Opcode.Sync || (isWrite({ ...operation, answer: null }) && !isEnd(ask));
    if (error === ErrorCode.NotReadOnly) {
      if (!isReadOnly || !needsOthers) {
        this.#violate(session, `was refused ${ask.type} as by a server that only reads`);
      }
    } else if (isReadOnly && needsOthers) {
      this.#violate(session, `was answered ${ask.type} with ${error} by a server that only reads`);
    }
  }

  #onEphemeral({ ask, answer, session }: Operation): void {
    const { areLocal, upgrades } = this.#world;
    const begunAt = this.#begun.get(BigInt.asIntN(64, session));
    const isLocal = areLocal && (begunAt === undefined || begunAt > answer!.zxid);
    const isMeant = isCreation(ask) && isEphemeral(ask);
    if (isLocal && isMeant && !upgrades) return;
    this.#violate(session, `was refused ${ask.type} as if nobody knew of it`);
  }

  #violate(session: bigint, what: string): void {
    this.violations.push(`session ${BigInt.asUintN(64, session).toString(16)} ${what}`);
  }
}

/** When the last request left that was answered. */
function lastHeard(handles: readonly SessionLife[]): number {
  const moments = handles.flatMap(({ heard, pingedMs, sent }) => [
    ...pingedMs,
    ...sent.filter(({ answer }) => answer !== null).map(({ invokedMs }) => invokedMs),
    ...heard.flatMap((one) => (one.kind === 'connected' ? [one.hello.atMs] : [])),
  ]);
  return Math.max(...moments);
}

function isEnd({ type }: Operation['ask']): boolean {
  return type === Opcode.CloseSession;
}

/**
 * One session under load. It keeps a window of requests in flight, journals what was sent and what
 * was acknowledged, and, after a crash, finds the point at which its part of the tree stopped.
 */
import type { Chance } from '../support/raw-chance.ts';
import { ConnectionLost, RawClient } from '../support/raw-client.ts';
import { JuteCursor } from '../support/raw-jute.ts';
import type { Reply } from '../support/raw-replies.ts';
import { createBody, Op } from '../support/raw-requests.ts';
import { type Belief, differencesOf, type FoundNode, LINE, type Operation } from './model.ts';
import { drawOperation } from './operations.ts';

/** Long enough that no session expires between a kill and the reattachment. */
const SESSION_TIMEOUT_MS = 40_000;

/** A sequential node somebody was told of: transaction and number must rise together. */
export interface PlaceInLine {
  readonly zxid: bigint;
  readonly number: number;
}

export class Writer {
  readonly name: string;
  readonly root: string;
  readonly problems: string[] = [];
  readonly placesInLine: PlaceInLine[] = [];
  isClosed = false;
  /** Operations of this round in the order they were sent; the first `acknowledged` have replies. */
  operations: Operation[] = [];
  acknowledged = 0;
  highestZxid = 0n;
  #client: RawClient;
  #belief: Belief = new Map();
  readonly #chance: Chance;
  readonly #lineNames = new Map<string, string>();
  #nextTag = 1;

  private constructor(name: string, client: RawClient, chance: Chance) {
    this.name = name;
    this.root = `/load/${name}`;
    this.#client = client;
    this.#chance = chance;
  }

  static async open(port: number, name: string, chance: Chance): Promise<Writer> {
    const client = await RawClient.connect({ port, timeoutMs: SESSION_TIMEOUT_MS });
    const writer = new Writer(name, client, chance);
    await client.must(Op.create, createBody(writer.root));
    return writer;
  }

  get sessionId(): bigint {
    return this.#client.session.sessionId;
  }

  /** Keeps `window` requests in flight until the connection ends or the session is closed. */
  async load(window: number): Promise<void> {
    this.operations = [];
    this.acknowledged = 0;
    await Promise.all(Array.from({ length: window }, () => this.#oneAfterAnother()));
  }

  async #oneAfterAnother(): Promise<void> {
    while (!this.#client.link.isClosed && !this.operations.at(-1)?.closesSession) {
      const operation = drawOperation({
        chance: this.#chance,
        root: this.root,
        tag: `${this.name}:${this.#nextTag}:`,
        belief: this.#lastBelief(this.operations.length),
        lineNames: this.#lineNames,
      });
      this.#nextTag += 1;
      this.operations.push(operation);
      try {
        this.#onReply(operation, await this.#client.call(operation.type, operation.body));
      } catch (error) {
        if (!(error instanceof ConnectionLost)) this.problems.push(`${this.name}: ${error}`);
        return;
      }
    }
  }

  #onReply(operation: Operation, reply: Reply): void {
    operation.reply = reply;
    if (this.operations[this.acknowledged] !== operation) {
      this.problems.push(`${operation.tag} was answered out of order`);
    }
    this.acknowledged += 1;
    if (reply.zxid < this.highestZxid) {
      this.problems.push(
        `${operation.tag} was answered with zxid ${reply.zxid}, below an earlier one`,
      );
    }
    this.highestZxid = reply.zxid;
    if (reply.error !== operation.expectedError) {
      this.problems.push(`${operation.tag} (${operation.what}) was answered with ${reply.error}`);
      return;
    }
    const problem = reply.error === 0 ? operation.verify?.(reply) : undefined;
    if (problem) this.problems.push(`${operation.tag} (${operation.what}) ${problem}`);
    if (operation.what === 'create in line') this.#rememberPlace(operation, reply);
  }

  #rememberPlace(operation: Operation, reply: Reply): void {
    const path = new JuteCursor(reply.body).string() ?? '';
    this.#lineNames.set(operation.tag, path);
    this.placesInLine.push({ zxid: reply.zxid, number: numberInLine(path) });
  }

  /** What the writer believes after its first `count` operations of this round. */
  #lastBelief(count: number): Belief {
    return this.operations[count - 1]?.after ?? this.#belief;
  }

  /** Takes the session up again after a restart; says what is wrong. */
  async reattach(port: number): Promise<string[]> {
    const { sessionId, password } = this.#client.session;
    const closing = this.operations.at(-1)?.closesSession ? this.operations.at(-1) : undefined;
    try {
      this.#client = await RawClient.connect({
        port,
        sessionId,
        password,
        timeoutMs: SESSION_TIMEOUT_MS,
        lastZxidSeen: this.highestZxid,
      });
    } catch (error) {
      this.isClosed = true;
      return closing ? [] : [`${this.name}: cannot take up its session again: ${error}`];
    }
    if (closing?.reply) return [`${this.name}: its closed session is alive again`];
    return this.sessionId === sessionId ? [] : [`${this.name}: got another session id`];
  }

  /**
   * Compares what was found with the belief behind each prefix that may have survived. The first
   * that fits becomes the belief from which the next round goes on.
   */
  settle(found: ReadonlyMap<string, FoundNode>): string[] {
    for (let count = this.acknowledged; count <= this.operations.length; count += 1) {
      const closed = this.operations[count - 1]?.closesSession ?? false;
      if (closed !== this.isClosed) continue;
      const belief = this.#lastBelief(count);
      if (differencesOf(belief, found, this.sessionId).length > 0) continue;
      this.#belief = belief;
      this.operations = [];
      this.acknowledged = 0;
      return [];
    }
    const nearest = this.#lastBelief(this.acknowledged);
    return [
      `${this.name}: ${this.acknowledged} acknowledged of ${this.operations.length} sent, and no prefix fits`,
      ...differencesOf(nearest, found, this.sessionId),
    ];
  }

  /** The whole story of the round, for whoever has to find out what went wrong. */
  history(): object[] {
    return this.operations.map(({ tag, what, reply }) => ({
      tag,
      what,
      zxid: reply && String(reply.zxid),
      error: reply?.error,
    }));
  }

  destroy(): void {
    this.#client.destroy();
  }
}

export function numberInLine(path: string): number {
  return Number(path.slice(`${LINE}/n-`.length));
}

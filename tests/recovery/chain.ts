/**
 * A chain of rounds on one directory: load, strike, restart, check, and on with the load. Sessions
 * live through the strikes; what one restart got wrong the next ones go on to meet.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Chance } from '../support/raw-chance.ts';
import { RawClient } from '../support/raw-client.ts';
import { createBody, Op } from '../support/raw-requests.ts';
import { type ServerOptions, type ServerProcess, startServer } from '../support/server.ts';
import { LINE } from './model.ts';
import { type Recovered, readRecovered } from './recovered.ts';
import { numberInLine, type PlaceInLine, Writer } from './writer.ts';

const WRITERS = 5;
const WINDOWS = [1, 4, 16, 64];
const LOAD_MS_MIN = 30;
const LOAD_MS_MAX = 600;

export interface ChainOptions {
  readonly seed: number;
  readonly rounds: number;
  readonly server: ServerOptions & { readonly directory: string };
  /** Ends a life of the server while the load goes on; the default is a kill. */
  readonly strike?: (server: ServerProcess) => Promise<void>;
  /** Called between a strike and the restart. */
  readonly betweenLives?: (remains: Remains) => Promise<void>;
}

/** What a strike leaves: the directory, and the highest transaction anybody was told of. */
export interface Remains {
  readonly dataDir: string;
  readonly answeredZxid: bigint;
}

export interface ChainReport {
  readonly problems: readonly string[];
  readonly acknowledged: number;
  readonly lost: number;
}

/** Runs the rounds; stops at the first that has a problem, its history beside the data. */
export async function runChain(options: ChainOptions): Promise<ChainReport> {
  const chain = new Chain(options);
  let problems: string[] = [];
  try {
    await chain.begin();
    for (let round = 1; round <= options.rounds && problems.length === 0; round += 1) {
      problems = await chain.round(round);
    }
  } finally {
    await chain.end();
  }
  return { problems, acknowledged: chain.acknowledged, lost: chain.lost };
}

class Chain {
  acknowledged = 0;
  lost = 0;
  readonly #options: ChainOptions;
  readonly #chance: Chance;
  readonly #line = new Map<bigint, number>();
  #server: ServerProcess | undefined;
  #writers: Writer[] = [];
  #highestZxid = 0n;
  #named = 0;

  constructor(options: ChainOptions) {
    this.#options = options;
    this.#chance = new Chance(options.seed);
  }

  async begin(): Promise<void> {
    await this.#start();
    const client = await RawClient.connect({ port: this.#port });
    await client.must(Op.create, createBody('/load'));
    await client.must(Op.create, createBody(LINE));
    await client.closeSession();
  }

  async end(): Promise<void> {
    for (const writer of this.#writers) writer.destroy();
    await this.#server?.stop();
  }

  async round(round: number): Promise<string[]> {
    while (this.#writers.length < WRITERS) {
      this.#named += 1;
      const chance = new Chance(this.#chance.between(0, 2 ** 32 - 1));
      this.#writers.push(await Writer.open(this.#port, `w${this.#named}`, chance));
    }
    const loads = this.#writers.map((writer) => writer.load(this.#chance.pick(WINDOWS)));
    await sleep(this.#chance.between(LOAD_MS_MIN, LOAD_MS_MAX));
    if (!this.#server) throw new Error('no server is running');
    await (this.#options.strike ?? kill)(this.#server);
    await Promise.all(loads);
    const history = this.#writers.map((writer) => [writer.name, writer.history()]);
    const { dataDir } = this.#server;
    await this.#options.betweenLives?.({ dataDir, answeredZxid: this.#answeredZxid() });
    await this.#start();
    const problems = await this.#check();
    if (problems.length > 0) await this.#keep(round, problems, history);
    return problems;
  }

  async #start(): Promise<void> {
    this.#server = await startServer(this.#options.server);
  }

  get #port(): number {
    return this.#server?.port ?? 0;
  }

  async #check(): Promise<string[]> {
    const problems: string[] = [];
    for (const writer of this.#writers) {
      this.acknowledged += writer.acknowledged;
      this.lost += writer.operations.length - writer.acknowledged;
      problems.push(...writer.problems, ...(await writer.reattach(this.#port)));
    }
    const client = await RawClient.connect({ port: this.#port });
    const recovered = await readRecovered(client, this.#writers);
    problems.push(...this.#checkZxid((await client.ping()).zxid));
    await client.closeSession();
    for (const writer of this.#writers) {
      problems.push(...writer.settle(recovered.nodes.get(writer.name) ?? new Map()));
    }
    problems.push(...this.#checkLine(recovered));
    this.#writers = this.#writers.filter((writer) => !writer.isClosed);
    return problems;
  }

  #answeredZxid(): bigint {
    const answered = this.#writers.map((writer) => writer.highestZxid);
    return [this.#highestZxid, ...answered].reduce(later);
  }

  /** Transaction ids go on above the highest anybody was told of. */
  #checkZxid(now: bigint): string[] {
    const highest = this.#answeredZxid();
    this.#highestZxid = now;
    return now > highest ? [] : [`the server is at ${now}, ${highest} was answered before`];
  }

  /** Numbers in line rise with the transactions that gave them out, over all lives. */
  #checkLine(recovered: Recovered): string[] {
    const found: PlaceInLine[] = recovered.line.map(({ name, czxid }) => ({
      zxid: czxid,
      number: numberInLine(`${LINE}/${name}`),
    }));
    const problems: string[] = [];
    for (const { zxid, number } of [
      ...this.#writers.flatMap((writer) => writer.placesInLine.splice(0)),
      ...found,
    ]) {
      const known = this.#line.get(zxid);
      if (known !== undefined && known !== number) {
        problems.push(`transaction ${zxid} gave number ${known}, now it is ${number}`);
      }
      this.#line.set(zxid, number);
    }
    const inOrder = [...this.#line].sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [at, [zxid, number]] of inOrder.entries()) {
      const before = inOrder[at - 1]?.[1] ?? -1;
      if (number <= before) problems.push(`transaction ${zxid} gave ${number} after ${before}`);
    }
    return problems;
  }

  async #keep(round: number, problems: readonly string[], history: unknown): Promise<void> {
    const { seed, server } = this.#options;
    const text = JSON.stringify({ seed, round, problems, history }, undefined, 1);
    await writeFile(join(server.directory, 'history.json'), text);
  }
}

const kill = (server: ServerProcess): Promise<void> => server.kill();

function later(a: bigint, b: bigint): bigint {
  if (a > b) return a;
  return b;
}

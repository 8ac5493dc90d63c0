/**
 * An ensemble under measurement: voters and observers as processes on the loopback, with the same
 * `zoo.cfg` for either product.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Target } from '../load-rounds.ts';
import { fourLetterWord } from '../probe.ts';
import { freePort, ServerProcess } from '../server-process.ts';
import type { Candidate } from '../servers/candidate.ts';

const LEADER_TIMEOUT_MS = 60_000;
const STEP_MS = 20;
const VOTERS = 3;

/** Apache's own defaults, in ticks of 2000 ms. */
const INIT_LIMIT = 10;
const SYNC_LIMIT = 5;

export interface EnsembleOptions {
  readonly candidate: Candidate;
  readonly directory: string;
  readonly prefix: readonly string[];
  readonly observers?: number;
  /** How many ticks a server may be silent. */
  readonly syncLimit?: number;
}

export class EnsembleProcess {
  readonly candidate: Candidate;
  readonly members: readonly ServerProcess[];

  private constructor(candidate: Candidate, members: readonly ServerProcess[]) {
    this.candidate = candidate;
    this.members = members;
  }

  /** Resolves when all members serve. */
  static async start(options: EnsembleOptions): Promise<EnsembleProcess> {
    const { candidate, directory, prefix } = options;
    const settings = await settingsOf(options);
    const members: ServerProcess[] = [];
    for (const id of settings.keys()) {
      members.push(
        await ServerProcess.spawn({
          candidate,
          directory: join(directory, `${id}`),
          prefix,
          member: { id, settings: settings.get(id) ?? [] },
        }),
      );
    }
    const ensemble = new EnsembleProcess(candidate, members);
    try {
      await Promise.all(members.map((member) => member.untilServing()));
    } catch (error) {
      await ensemble.kill();
      throw error;
    }
    return ensemble;
  }

  /** Waits for one. */
  async leader(): Promise<ServerProcess> {
    const deadline = performance.now() + LEADER_TIMEOUT_MS;
    while (performance.now() < deadline) {
      for (const member of this.members) {
        if (!member.isRunning) continue;
        const answer = await fourLetterWord(member.port, 'srvr').catch(() => '');
        if (answer.includes('Mode: leader')) return member;
      }
      await sleep(STEP_MS);
    }
    throw new Error(`${this.candidate.title}: nobody leads`);
  }

  get voters(): readonly ServerProcess[] {
    return this.members.slice(0, VOTERS);
  }

  /** Load that reaches some of the members; it costs all of them, unless told otherwise. */
  reach(
    members: readonly ServerProcess[],
    whoPays: readonly ServerProcess[] = this.members,
  ): Target {
    return {
      candidate: this.candidate,
      ports: members.map(({ port }) => port),
      pids: whoPays.map(({ pid }) => pid),
      stop: () => this.stop(),
    };
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.map((member) => member.stop()));
  }

  async kill(): Promise<void> {
    await Promise.all(this.members.map((member) => member.kill()));
  }
}

/** What the `zoo.cfg` of each member says, by its id. */
async function settingsOf(options: EnsembleOptions): Promise<Map<number, readonly string[]>> {
  const { observers = 0, syncLimit = SYNC_LIMIT } = options;
  const ids = Array.from({ length: VOTERS + observers }, (_, i) => i + 1);
  const lines = [`initLimit=${INIT_LIMIT}`, `syncLimit=${syncLimit}`];
  for (const id of ids) {
    const kind = id > VOTERS ? ':observer' : '';
    lines.push(`server.${id}=127.0.0.1:${await freePort()}:${await freePort()}${kind}`);
  }
  return new Map(
    ids.map((id) => [id, id > VOTERS ? [...lines, 'peerType=observer'] : lines] as const),
  );
}

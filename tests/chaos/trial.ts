/**
 * One trial of an ensemble: people at work, strokes upon its members, everything made well, and a
 * judgement. Where that finds something, all files are kept and their place is told.
 */
import { rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ensemble } from '../ensemble/ensemble.ts';
import { Chance } from '../support/raw-chance.ts';
import { isFullCount } from '../support/server.ts';
import { takeFindings } from './findings.ts';
import { judge, readEvidence, type Verdict } from './judge.ts';
import { Person } from './person.ts';
import { RecordWriter } from './record.ts';

export interface TrialOptions {
  readonly seed: number;
  readonly people: number;
  /** Between two bursts of a person, on average. */
  readonly thinkMs: number;
  /** The timeouts that sessions ask for. */
  readonly timeoutsMs?: readonly number[];
}

const TIMEOUTS_MS = isFullCount() ? [3000, 6000, 10_000] : [2000, 5000];

export const TICK_MS = 500;
const AGREE_MS = 60_000;
const TOLD_MAX = 20;

export class Trial {
  readonly ensemble: Ensemble;
  readonly record: RecordWriter;
  readonly people: readonly Person[];

  private constructor(ensemble: Ensemble, options: TrialOptions) {
    this.ensemble = ensemble;
    this.record = new RecordWriter(ensemble.root);
    const chance = new Chance(options.seed);
    const ports = ensemble.ids.map((id) => ensemble.portOf(id));
    const productAt = (port: number): string =>
      ensemble.productOf(ensemble.ids[ports.indexOf(port)]!);
    this.people = Array.from({ length: options.people }, (_, number) => {
      const timeoutMs = chance.pick(options.timeoutsMs ?? TIMEOUTS_MS);
      const { thinkMs } = options;
      const habits = { number, seed: chance.below(2 ** 31), ports, productAt, timeoutMs, thinkMs };
      return new Person(habits, this.record);
    });
  }

  /** Everybody is there; the people begin to work. */
  static begin(ensemble: Ensemble, options: TrialOptions): Trial {
    return new Trial(ensemble, options);
  }

  /** All is well: everybody sees everything, half of the people vanish, and the rest is judged. */
  async end(): Promise<Verdict> {
    const { people, ensemble } = this;
    for (const person of people) person.rest();
    await Promise.all(people.map((person) => person.catchUp()));
    const [gone, left] = [people.slice(0, people.length >> 1), people.slice(people.length >> 1)];
    for (const person of gone) person.vanish();
    await this.#untilGone(left.length);
    await this.#untilOne();
    await takeFindings(ensemble);
    await ensemble.killAll();
    for (const person of left) person.vanish();
    await this.record.end();
    return judge(await readEvidence(ensemble.root, TICK_MS));
  }

  /** The files of a failed trial, out of the way of whoever tidies up. */
  async keep(name: string): Promise<string> {
    const kept = join(tmpdir(), `zabra-${name}-${Date.now()}`);
    await rename(this.ensemble.root, kept);
    return kept;
  }

  /** Until the sessions of those who have vanished have come to their end. */
  async #untilGone(left: number): Promise<void> {
    const untilMs = Date.now() + AGREE_MS;
    for (;;) {
      const leader = await this.ensemble.leader();
      const mntr = await this.ensemble.word(leader, 'mntr');
      const sessions = Number(/^zk_global_sessions\t(\d+)/m.exec(mntr)?.[1] ?? Number.NaN);
      if (sessions <= left) return;
      if (Date.now() > untilMs) {
        throw new Error(`${sessions} sessions are there, and ${left} people`);
      }
      await pause(200);
    }
  }

  /** Until all members are at the same transaction. */
  async #untilOne(): Promise<void> {
    const { ensemble } = this;
    const untilMs = Date.now() + AGREE_MS;
    for (;;) {
      const zxids = await Promise.all(ensemble.ids.map((id) => ensemble.zxidOf(id)));
      if (new Set(zxids).size === 1 && zxids[0] !== 'none') return;
      if (Date.now() > untilMs) throw new Error(`the members are at ${zxids.join(', ')}`);
      await pause(100);
    }
  }
}

/** The first of what is wrong, or nothing. */
export function told({ violations }: Verdict): string {
  const more = violations.length - TOLD_MAX;
  const first = violations.slice(0, TOLD_MAX).join('\n');
  return more > 0 ? `${first}\nand ${more} more` : first;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

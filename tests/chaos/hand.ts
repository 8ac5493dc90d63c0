/** The hand that strikes: it does to an ensemble what was drawn, and makes all well in the end. */
import type { Ensemble } from '../ensemble/ensemble.ts';
import type { RecordWriter } from './record.ts';
import type { Stroke } from './strokes.ts';

const HEAL_MS = 60_000;

export class Hand {
  readonly counts: { kills: number; pauses: number; restarts: number; leaders: number } = {
    kills: 0,
    pauses: 0,
    restarts: 0,
    leaders: 0,
  };
  readonly #ensemble: Ensemble;
  readonly #record: RecordWriter;
  /** By member, what is still being done to it. */
  readonly #busy = new Map<number, Promise<void>>();

  constructor(ensemble: Ensemble, record: RecordWriter) {
    this.#ensemble = ensemble;
    this.#record = record;
  }

  /** Until so many were killed; then all is made well. */
  async strike(strokes: Iterator<Stroke, never>, kills: number): Promise<void> {
    while (this.counts.kills < kills) {
      const stroke = strokes.next().value;
      await this.#begin(stroke);
      await pause(stroke.thenMs);
    }
    await this.heal();
  }

  /** Waits until everybody is back, serves, and there is a leader. */
  async heal(): Promise<void> {
    await Promise.all(this.#busy.values());
    const ensemble = this.#ensemble;
    await ensemble.launch(...ensemble.ids.filter((id) => !ensemble.running.includes(id)));
    const untilMs = Date.now() + HEAL_MS;
    for (;;) {
      const roles = await Promise.all(ensemble.ids.map((id) => ensemble.roleOf(id)));
      if (!roles.includes('not serving') && roles.includes('leader')) return;
      if (Date.now() > untilMs) throw new Error(`not healed: ${roles.join(', ')}`);
      await pause(50);
    }
  }

  async #begin({ kind, targets, lastsMs }: Stroke): Promise<void> {
    const { ids } = this.#ensemble;
    const members =
      targets === 'leader' ? await this.#leader() : targets.map((place) => ids[place]!);
    const struck = members.filter((id) => !this.#busy.has(id));
    if (targets === 'leader') this.counts.leaders += struck.length;
    this.#record.note({ kind: 'stroke', what: `${kind} for ${lastsMs} ms`, members: struck });
    for (const id of struck) {
      const doing = this.#do(kind, id, lastsMs).finally(() => this.#busy.delete(id));
      this.#busy.set(id, doing);
    }
  }

  async #do(kind: Stroke['kind'], id: number, lastsMs: number): Promise<void> {
    const ensemble = this.#ensemble;
    if (kind === 'pause') {
      this.counts.pauses += 1;
      ensemble.freeze(id);
      await pause(lastsMs);
      ensemble.thaw(id);
      return;
    }
    if (kind === 'kill') await ensemble.kill(id);
    else await ensemble.stop(id);
    this.counts[kind === 'kill' ? 'kills' : 'restarts'] += 1;
    await pause(lastsMs);
    await ensemble.launch(id);
    this.#record.note({ kind: 'stroke', what: 'is started', members: [id] });
  }

  /** Nobody where nobody leads. */
  async #leader(): Promise<readonly number[]> {
    for (const id of this.#ensemble.running) {
      if (this.#busy.has(id)) continue;
      if ((await this.#ensemble.roleOf(id)) === 'leader') return [id];
    }
    return [];
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Servers that are wrong on purpose: the replica that ships behind a mask that spoils what goes in or
 * out. A checker that does not notice them has looked at nothing.
 */
import type { DiskOrder } from '@zabra/replica';
import type { DiskAnswer } from '../disk.ts';
import type { Actor, Begetter, Outlet, Standing } from '../process/actor.ts';
import type { Plan } from '../run/plan.ts';
import { replicaSpecies } from '../run/replica-species.ts';
import type { Species } from '../run/run.ts';

/** What a mask does to what leaves; each turns to something that is wrong. */
export interface Mask {
  /** The bytes that go to a client, frame by frame. */
  frames?(frames: Uint8Array[]): Uint8Array[];
  /** False: the order is never done, and answered all the same. */
  doesDisk?(order: DiskOrder): boolean;
  /** How many seconds its mind counts in one. */
  readonly haste?: number;
}

/** The species whose servers all wear the same mask, each with its own memory. */
export function masked(maskOf: () => Mask): Species {
  return {
    beget: (plan: Plan): Begetter => {
      const beget = replicaSpecies.beget(plan);
      return (birth) => {
        const actor = beget(birth);
        return typeof actor === 'string' ? actor : new MaskedActor(actor, maskOf());
      };
    },
    judgeDisk: () => [],
  };
}

class MaskedActor implements Actor {
  readonly #actor: Actor;
  readonly #mask: Mask;
  /** Orders that were never done, to be answered. */
  #undone: number[] = [];

  constructor(actor: Actor, mask: Mask) {
    this.#actor = actor;
    this.#mask = mask;
  }

  begin(monotonicMs: number, wallMs: number): void {
    this.#actor.begin(monotonicMs * (this.#mask.haste ?? 1), wallMs);
    const undone = this.#undone;
    this.#undone = [];
    for (const ticket of undone) this.#actor.diskAnswered({ kind: 'done', ticket });
  }

  accepted(link: number, port: number, caller: number): void {
    this.#actor.accepted(link, port, caller);
  }

  dialed(dial: number, link: number): void {
    this.#actor.dialed(dial, link);
  }

  dialFailed(dial: number): void {
    this.#actor.dialFailed(dial);
  }

  received(link: number, bytes: Uint8Array): void {
    this.#actor.received(link, bytes);
  }

  ended(link: number): void {
    this.#actor.ended(link);
  }

  closed(link: number): void {
    this.#actor.closed(link);
  }

  flushed(link: number): void {
    this.#actor.flushed(link);
  }

  diskAnswered(answer: DiskAnswer): void {
    this.#actor.diskAnswered(answer);
  }

  diskFailed(what: string): void {
    this.#actor.diskFailed(what);
  }

  drain(): void {
    this.#actor.drain();
  }

  turn(): void {
    this.#actor.turn();
  }

  take(outlet: Outlet): void {
    this.#actor.take(this.#spoiled(outlet));
  }

  wakeAt(): number {
    return this.#undone.length > 0 ? 0 : this.#actor.wakeAt() / (this.#mask.haste ?? 1);
  }

  get standing(): Standing | null {
    return this.#actor.standing;
  }

  #spoiled(outlet: Outlet): Outlet {
    const mask = this.#mask;
    const undone = this.#undone;
    return {
      disk(order) {
        if (mask.doesDisk?.(order) === false && 'ticket' in order) undone.push(order.ticket);
        else outlet.disk(order);
      },
      send(link, bytes, byteCount) {
        const frames = framesOf(bytes.slice(0, byteCount));
        const spoiled = joined(mask.frames?.(frames) ?? frames);
        outlet.send(link, spoiled, spoiled.length);
      },
      close: (link) => outlet.close(link),
      cut: (link) => outlet.cut(link),
      setReading: (link, isReading) => outlet.setReading(link, isReading),
      listen: (port, isListening) => outlet.listen(port, isListening),
      dial: (dial, host, port, timeoutMs) => outlet.dial(dial, host, port, timeoutMs),
      hangUp: (dial) => outlet.hangUp(dial),
      notice: (text, level) => outlet.notice(text, level),
      stop: (reason) => outlet.stop(reason),
    };
  }
}

function framesOf(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer);
  const frames: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + view.getInt32(at);
    frames.push(bytes.slice(at, end));
    at = end;
  }
  return frames;
}

function joined(frames: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(frames.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const frame of frames) {
    all.set(frame, at);
    at += frame.length;
  }
  return all;
}

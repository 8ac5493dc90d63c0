/**
 * The wires between the members of an ensemble: for each pair and direction of calling a forwarder
 * in user space, so that what members say to each other can be held back, delayed or cut, each way
 * for itself, without any rights on the machine.
 *
 * A server tells others where it can be called back for its votes. That is put right on the way, as
 * a translator of addresses would; else they would go around the wire.
 */
import { Wire } from './wire.ts';

/** The two ports of a member that other members call. */
export interface Door {
  readonly quorum: number;
  readonly election: number;
}

export interface Member extends Door {
  readonly id: number;
}

export class Wires {
  readonly #ids: readonly number[];
  /** By who calls and who is called. */
  readonly #entrances: ReadonlyMap<string, { readonly quorum: Wire; readonly election: Wire }>;

  private constructor(
    ids: readonly number[],
    entrances: ReadonlyMap<string, { readonly quorum: Wire; readonly election: Wire }>,
  ) {
    this.#ids = ids;
    this.#entrances = entrances;
  }

  static async between(members: readonly Member[]): Promise<Wires> {
    const entrances = new Map<string, { readonly quorum: Wire; readonly election: Wire }>();
    for (const from of members) {
      for (const to of members) {
        if (from === to) continue;
        const quorum = await Wire.to(to.quorum);
        const election = await Wire.to(to.election);
        entrances.set(keyOf(from.id, to.id), { quorum, election });
      }
    }
    for (const from of members) {
      for (const to of members) {
        const back = entrances.get(keyOf(to.id, from.id));
        if (back === undefined) continue;
        entrances.get(keyOf(from.id, to.id))!.election.translate(from.election, back.election.port);
      }
    }
    return new Wires(
      members.map(({ id }) => id),
      entrances,
    );
  }

  /** Where one member calls another; undefined without a wire. */
  entrance(from: number, to: number): Door | undefined {
    const entrance = this.#entrances.get(keyOf(from, to));
    return entrance && { quorum: entrance.quorum.port, election: entrance.election.port };
  }

  /** What one says does not reach the other, until it is mended; nobody is told. */
  mute(from: number, to: number): void {
    for (const wire of this.#wires(from, to)) wire.forth.hold();
    for (const wire of this.#wires(to, from)) wire.back.hold();
  }

  /** The groups cannot talk to each other, and nobody is told. */
  part(...groups: readonly (readonly number[])[]): void {
    for (const [i, group] of groups.entries()) {
      const others = groups.filter((_, other) => other !== i).flat();
      for (const from of group) for (const to of others) this.mute(from, to);
    }
  }

  /** Everything takes longer between the two, each way. */
  slow(one: number, other: number, delayMs: number): void {
    for (const wire of [...this.#wires(one, other), ...this.#wires(other, one)]) {
      wire.forth.delayMs = delayMs;
      wire.back.delayMs = delayMs;
    }
  }

  /** The next bytes from one to the other are half delivered, then the connection is reset. */
  tear(from: number, to: number): void {
    for (const wire of this.#wires(from, to)) wire.forth.tear();
    for (const wire of this.#wires(to, from)) wire.back.tear();
  }

  /** All connections between the two are reset; new ones are welcome. */
  reset(one: number, other: number): void {
    for (const wire of [...this.#wires(one, other), ...this.#wires(other, one)]) wire.reset();
  }

  /** All is well again; what was held back is delivered. */
  mend(): void {
    for (const { quorum, election } of this.#entrances.values()) {
      for (const wire of [quorum, election]) wire.mend();
    }
  }

  /** From one to all others. */
  othersOf(id: number): readonly number[] {
    return this.#ids.filter((other) => other !== id);
  }

  async close(): Promise<void> {
    const all = [...this.#entrances.values()].flatMap(({ quorum, election }) => [quorum, election]);
    await Promise.all(all.map((wire) => wire.close()));
  }

  #wires(from: number, to: number): readonly Wire[] {
    const entrance = this.#entrances.get(keyOf(from, to));
    if (entrance === undefined) throw new Error(`there is no wire from ${from} to ${to}`);
    return [entrance.quorum, entrance.election];
  }
}

function keyOf(from: number, to: number): string {
  return `${from} to ${to}`;
}

/** The connections of one port with other servers, by the numbers under which the mind knows them. */
import type { Accepted } from '../net/accept.ts';
import type { Farewells } from '../net/farewells.ts';
import { type LinkEvents, PeerLink } from './peer-link.ts';

/** Who calls beyond this is hung up on; an ensemble has nothing like so many members. */
export const PEER_LINKS_MAX = 512;

export class PeerLinks<Output> implements LinkEvents<Output> {
  readonly #links = new Map<number, PeerLink<Output>>();
  readonly #farewells: Farewells;
  readonly #events: LinkEvents<Output>;
  #nextId = 1;

  constructor(farewells: Farewells, events: LinkEvents<Output>) {
    this.#farewells = farewells;
    this.#events = events;
  }

  get isFull(): boolean {
    return this.#links.size >= PEER_LINKS_MAX;
  }

  /** From now on it has a number. */
  add(accepted: Accepted): number {
    const id = this.#nextId;
    this.#nextId += 1;
    this.#links.set(id, new PeerLink(id, accepted, this.#farewells, this));
    return id;
  }

  /** What is for a link that is gone has been sent as far as it ever will be. */
  send(id: number, pieces: readonly Uint8Array[], output: Output): void {
    const link = this.#links.get(id);
    if (link === undefined) this.#events.onSent(output, false);
    else link.send(pieces, output);
  }

  setReading(id: number, isReading: boolean): void {
    this.#links.get(id)?.setReading(isReading);
  }

  /** Behind what it was given; gives where the other side was, if it is not gone already. */
  close(id: number): string | null {
    const link = this.#links.get(id);
    if (link === undefined) return null;
    this.#links.delete(id);
    const { remoteAddress } = link;
    link.close();
    return remoteAddress;
  }

  cutAll(): void {
    for (const link of this.#links.values()) link.cut();
  }

  onReceived(id: number, chunk: Uint8Array): void {
    this.#events.onReceived(id, chunk);
  }

  onSent(output: Output, isLate: boolean): void {
    this.#events.onSent(output, isLate);
  }

  onClosed(id: number): void {
    this.#links.delete(id);
    this.#events.onClosed(id);
  }
}

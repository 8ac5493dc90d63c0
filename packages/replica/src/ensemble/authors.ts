/**
 * Whose request it was that a learner has sent on. Clients ask many times under the same identities,
 * so those that were read last are kept, and found again by their bytes.
 */
import { Identities } from '@zabra/tree';
import type { PacketView } from '@zabra/wire';

/** A power of two. */
const PLACES = 256;
/** Longer ones are read each time. */
const KEPT_BYTES_MAX = 1024;

interface Kept {
  readonly bytes: Uint8Array;
  readonly identities: Identities;
}

export class Authors {
  readonly #kept = new Array<Kept | undefined>(PLACES).fill(undefined);

  identitiesOf(packet: PacketView): Identities {
    const start = packet.dataStart + Math.max(0, packet.dataLength);
    const { bytes, end } = packet;
    const place = hashOf(bytes, start, end) & (PLACES - 1);
    const kept = this.#kept[place];
    if (kept !== undefined && isSame(kept.bytes, bytes, start, end)) return kept.identities;
    const identities = new Identities(packet.authinfo() ?? []);
    if (end - start <= KEPT_BYTES_MAX) {
      this.#kept[place] = { bytes: bytes.slice(start, end), identities };
    }
    return identities;
  }
}

function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i += 1) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash ^ (hash >>> 16);
}

function isSame(kept: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (kept.length !== end - start) return false;
  for (let i = 0; i < kept.length; i += 1) if (kept[i] !== bytes[start + i]) return false;
  return true;
}

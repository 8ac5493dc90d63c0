/** What a client may prove about itself, and whether a server that demands proof has it. */
import { Identities, type Identity } from '@zabra/tree';
import { decodeUtf8, Opcode } from '@zabra/wire';
import type { Connection } from './connection.ts';
import type { ReplicaSettings } from './settings.ts';

/** Every permission check walks a connection's identities, so their number is bounded. */
const IDENTITIES_MAX = 256;

export class Authentication {
  readonly #settings: ReplicaSettings;
  readonly #demands: boolean;

  constructor(settings: ReplicaSettings) {
    this.#settings = settings;
    this.#demands = settings.enforcedAuthSchemes.length > 0;
  }

  /** Every connection is its address. */
  initial(address: string): Identities {
    return new Identities([{ scheme: 'ip', id: address }]);
  }

  /** False for a request on a connection that still owes a proof. */
  admits(connection: Connection, opcode: number): boolean {
    if (!this.#demands || opcode === Opcode.Auth || opcode === Opcode.Sasl) return true;
    const demanded = this.#settings.enforcedAuthSchemes;
    return connection.identities.list.some(({ scheme }) => demanded.includes(scheme));
  }

  /** Adds what the client proved; false where it proved nothing. */
  prove(connection: Connection, scheme: string | null, auth: Uint8Array | null): boolean {
    if (scheme === 'ip') return true;
    if (scheme !== 'digest' || auth === null || !this.#settings.tree.digestSchemeEnabled) {
      return false;
    }
    if (connection.identities.list.length >= IDENTITIES_MAX) return false;
    connection.identities = connection.identities.with(this.#digestIdentities(decodeUtf8(auth)));
    return true;
  }

  /** Nothing is verified: a digest is whatever its password makes of it. */
  #digestIdentities(text: string): Identity[] {
    const user = text.split(':', 1)[0] ?? '';
    const id = `${user}:${this.#settings.digestOf(text)}`;
    const digest = { scheme: 'digest', id };
    return id === this.#settings.superDigest ? [{ scheme: 'super', id: '' }, digest] : [digest];
  }
}

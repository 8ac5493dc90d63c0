/**
 * Tells of a write, before anything is done about it, whether it would make a node that ends with its
 * session: one alone, or among others in a multi. It decodes what it is given and nothing else.
 */
import { JuteWriter } from '@zabra/wire';
import { Pending } from '../pending.ts';
import { MALFORMED, Preparation } from '../preparation.ts';
import type { QuotaTable } from '../quota/quota-table.ts';
import type { TreeSettings } from '../settings.ts';
import type { Tree } from '../tree.ts';
import { mayMakeEphemerals, type Prepare } from './table.ts';

export class EphemeralWish {
  readonly #preparation: Preparation;

  constructor(tree: Tree, quotas: QuotaTable, settings: TreeSettings) {
    const scratch = new JuteWriter();
    this.#preparation = new Preparation(tree, new Pending(tree), quotas, settings, scratch);
  }

  /** Whether it is in the body in bytes[start, end); not where that cannot be decoded. */
  isIn(
    opcode: number,
    prepare: Prepare,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
  ): boolean {
    if (!mayMakeEphemerals.has(opcode)) return false;
    const p = this.#preparation;
    p.out.position = 0;
    p.reader.reset(bytes, view, start, end);
    p.decodeOnly = true;
    p.makesEphemeral = false;
    return prepare(p, opcode) !== MALFORMED && p.makesEphemeral;
  }
}

/** The one-shot watches that a client believes to have, to be set anew when it comes back. */
import { asZxid, ErrorCode, EventType, Opcode } from '@zabra/wire';
import type { Ask } from './journal.ts';

export class Watches {
  readonly #data = new Set<string>();
  readonly #exist = new Set<string>();
  readonly #child = new Set<string>();

  onReply(ask: Ask, error: number): void {
    const isRead =
      ask.type === Opcode.GetData || ask.type === Opcode.Exists || ask.type === Opcode.GetChildren2;
    if (!isRead || !ask.body.watch) return;
    const { path } = ask.body;
    if (ask.type === Opcode.Exists) {
      if (error === ErrorCode.Ok) this.#data.add(path);
      else if (error === ErrorCode.NoNode) this.#exist.add(path);
    } else if (error !== ErrorCode.Ok) return;
    else if (ask.type === Opcode.GetData) this.#data.add(path);
    else this.#child.add(path);
  }

  onEvent(type: number, path: string): void {
    if (type !== EventType.ChildrenChanged) {
      this.#data.delete(path);
      this.#exist.delete(path);
    }
    if (type === EventType.ChildrenChanged || type === EventType.Deleted) this.#child.delete(path);
  }

  clear(): void {
    this.#data.clear();
    this.#exist.clear();
    this.#child.clear();
  }

  /** What sets them anew; null where there are none. */
  request(lastZxid: bigint): Ask | null {
    if (this.#data.size + this.#exist.size + this.#child.size === 0) return null;
    const body = {
      relativeZxid: asZxid(lastZxid),
      dataWatches: [...this.#data],
      existWatches: [...this.#exist],
      childWatches: [...this.#child],
    };
    return { type: Opcode.SetWatches, body };
  }
}

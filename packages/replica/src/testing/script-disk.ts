/**
 * A disk that loses nothing and does what it is told when it is let: enough for a mind to be started
 * from what an earlier one has written.
 */
import { encodeLogHeader, JuteWriter } from '@zabra/wire';
import type { DiskOrder } from '../contract.ts';
import type { Recovery } from '../recovery.ts';

interface StoredFile {
  readonly zxid: bigint;
  readonly pieces: Uint8Array[];
}

export class ScriptDisk {
  readonly #orders: DiskOrder[] = [];
  readonly #logs: StoredFile[] = [];
  readonly #snapshots: StoredFile[] = [];
  #snapshot: StoredFile | null = null;
  #isLogOpen = false;

  /** What it is told, in words, for whoever wants to see it. */
  perform(order: DiskOrder): string {
    this.#orders.push(order);
    if (order.kind === 'append') {
      const { firstZxid, lastZxid } = order;
      return firstZxid === lastZxid ? `append ${firstZxid}` : `append ${firstZxid} to ${lastZxid}`;
    }
    return order.kind === 'snapshotBegin' ? `snapshot at ${order.zxid}` : order.kind;
  }

  get isIdle(): boolean {
    return this.#orders.length === 0;
  }

  /** Does orders up to the next that is answered; its ticket, or null where there is none. */
  next(): number | null {
    for (let order = this.#orders.shift(); order !== undefined; order = this.#orders.shift()) {
      this.#do(order);
      if ('ticket' in order) return order.ticket;
    }
    return null;
  }

  /** Forgets what it has not done, as when its server is killed. */
  drop(): void {
    this.#orders.length = 0;
    this.#snapshot = null;
    this.#isLogOpen = false;
  }

  recover(recovery: Recovery): string | null {
    const snapshot = this.#snapshots.at(-1);
    if (snapshot === undefined) recovery.startEmpty();
    else {
      recovery.startSnapshot(snapshot.zxid);
      for (const piece of snapshot.pieces) recovery.snapshotRead(piece);
      const problem = recovery.snapshotEnd();
      if (problem !== null) return problem;
    }
    for (const { pieces } of this.#logs) {
      recovery.startLog();
      for (const piece of pieces) recovery.logRead(piece);
      const problem = recovery.logEnd();
      if (problem !== null) return problem;
    }
    return null;
  }

  #do(order: DiskOrder): void {
    switch (order.kind) {
      case 'append':
        if (!this.#isLogOpen) this.#logs.push({ zxid: order.firstZxid, pieces: [header()] });
        this.#isLogOpen = true;
        this.#logs.at(-1)?.pieces.push(order.bytes.slice());
        break;
      case 'roll':
        this.#isLogOpen = false;
        break;
      case 'snapshotBegin':
        this.#snapshot = { zxid: order.zxid, pieces: [] };
        break;
      case 'snapshotSlice':
        this.#snapshot?.pieces.push(order.bytes.slice());
        break;
      default:
        if (this.#snapshot !== null) this.#snapshots.push(this.#snapshot);
        this.#snapshot = null;
    }
  }
}

function header(): Uint8Array {
  const writer = new JuteWriter(16);
  encodeLogHeader(writer);
  return writer.finish();
}

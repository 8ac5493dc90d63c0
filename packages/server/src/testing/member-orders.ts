/** What a member asks of its store besides appends and snapshots, and what came of it. */
import type { Database, DiskOrder } from '@zabra/replica';
import { asServerId, type Ensemble, LogScanner } from '@zabra/wire';
import type { EnsembleSettings } from '../config/ensemble-settings.ts';
import type { AtWork } from './store-orders.ts';

/** Orders something that is answered by its ticket; what was said to it. */
export function duty({ store, answers }: AtWork, order: Duty): Promise<string | null> {
  const ticket = answers.nextTicket();
  store.perform({ ...order, ticket } as DiskOrder);
  return answers.of(ticket);
}

type Duty = Unticketed<
  Extract<
    DiskOrder,
    { readonly kind: 'storeEpoch' | 'storeConfiguration' | 'truncate' | 'rebuild' }
  >
>;
type Unticketed<Order> = Order extends unknown ? Omit<Order, 'ticket'> : never;

export function cut(world: AtWork, zxid: bigint): Promise<string | null> {
  return duty(world, { kind: 'truncate', zxid });
}

/** What the store says is in it. */
export async function rebuilt(world: AtWork): Promise<Database> {
  const sentence = await duty(world, { kind: 'rebuild' });
  const database = world.answers.rebuilt.at(-1)?.finish();
  if (typeof database === 'object') return database;
  throw new Error(database ?? sentence ?? 'nothing was rebuilt');
}

/** Which of the nodes /n<zxid> there are. */
export function nodesIn({ tree }: Database, upTo: bigint): readonly bigint[] {
  const found: bigint[] = [];
  for (let zxid = 1n; zxid <= upTo; zxid += 1n) {
    if (tree.findPath(`/n${zxid}`) > 0) found.push(zxid);
  }
  return found;
}

/** A reader's place in the logs, and what it has found. */
export class Reading {
  readonly zxids: bigint[] = [];
  /** How the last piece ended. */
  end = '';
  readonly #world: AtWork;
  readonly #reader: number;
  #scanner = new LogScanner();

  constructor(world: AtWork, reader: number, from: bigint) {
    this.#world = world;
    this.#reader = reader;
    world.store.perform({ kind: 'openLog', reader, from });
  }

  async pull(byteCount: number): Promise<void> {
    const { store, answers } = this.#world;
    store.perform({ kind: 'pullLog', reader: this.#reader, byteCount });
    const { piece, end } = await answers.piece();
    this.end = end;
    this.#scanner.push(piece);
    if (end === 'fileEnd') this.#scanner.finish();
    for (let next = this.#scanner.next(); next !== null; next = this.#scanner.next()) {
      if (next.kind === 'corrupt') throw new Error(next.reason);
      if (next.kind === 'end') break;
      this.zxids.push(new DataView(next.payload.slice().buffer).getBigInt64(12));
    }
    if (end === 'fileEnd') this.#scanner = new LogScanner();
  }

  /** Pulls until nothing is left for now; all that was found since it was opened. */
  async rest(byteCount: number): Promise<readonly bigint[]> {
    do await this.pull(byteCount);
    while (this.end === 'more' || this.end === 'fileEnd');
    return this.zxids;
  }

  close(): void {
    this.#world.store.perform({ kind: 'closeLog', reader: this.#reader });
  }
}

/** A member called 1 among three. */
export function ensembleOfThree(file: string | null = null): EnsembleSettings {
  return { id: asServerId(1n), committed: membersAt(0n), next: null, file };
}

export function membersAt(version: bigint): Ensemble {
  const members = [1n, 2n, 3n].map(
    (id) =>
      ({
        id: asServerId(id),
        role: 'participant',
        addresses: [{ host: `host${id}`, quorumPort: 2888, electionPort: 3888 }],
        client: null,
        secureClient: null,
      }) as const,
  );
  return { members, groups: [], weights: [], version };
}

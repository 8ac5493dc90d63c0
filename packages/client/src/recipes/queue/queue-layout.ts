/**
 * How queues of different libraries lay out their nodes: names that say in which order items come,
 * and data. All names end with the ten digits of a sequential node.
 */
import { type Codec, ZooKeeperError } from '../../public.ts';
import { childPath } from '../child-path.ts';
import { ForeignLayoutError } from '../foreign-layout.ts';
import { frameItems, unframeItems } from './framed-items.ts';

/** Curator's DistributedQueue family, its SimpleDistributedQueue, kazoo's Queue and LockingQueue. */
export type QueueLayoutName = 'curator' | 'simple' | 'kazoo' | 'kazoo-locking';

/** In the order of putting, by priority (the lowest first), when it is due, or with ids. */
export type QueueKind = 'fifo' | 'priority' | 'delay' | 'id';

export interface PutOptions {
  /** Of the kind `priority`: any 32-bit number, in kazoo's layouts 0 to 999; the lowest comes first. */
  readonly priority?: number | undefined;
  /** Of the kind `delay`: not before this time, in milliseconds since 1970. */
  readonly dueAt?: number | undefined;
  /** Of the kind `id`: any text; `/` and `|` become `_`. */
  readonly id?: string | undefined;
}

type Raw = Parameters<Codec<unknown>['decode']>[0];

/** What a name says. */
export interface ItemName {
  readonly name: string;
  /** Without the digits: with it the item can be put again. */
  readonly prefix: string;
  readonly id: string;
  /** Before others with a larger one. */
  readonly rank: number;
  readonly sequence: number;
  readonly dueMs: number;
}

interface Form {
  /** As errors call it. */
  readonly what: string;
  /** Its groups: the prefix, what is of interest in it, the digits. */
  readonly pattern: RegExp;
  prefix(options: PutOptions): string;
  rank(detail: string): number;
}

const DIGITS = '(-?\\d{10})$';

function form(what: string, prefix: string, own: Partial<Form> = {}): Form {
  const pattern = new RegExp(`^(${prefix})${DIGITS}`);
  return { what, pattern, prefix: () => prefix, rank: () => 0, ...own };
}

const forms: Readonly<
  Record<'fifo' | 'priority' | 'delay' | 'id' | 'simple' | 'entry' | 'kazooPriority', Form>
> = {
  fifo: form("an item of Curator's DistributedQueue", 'queue-'),
  priority: form("an item of Curator's DistributedPriorityQueue", 'queue-([01][0-9A-F]{8})', {
    prefix: ({ priority = 0 }) => `queue-${priority >= 0 ? 1 : 0}${hexOf(priority >>> 0)}`,
    rank: (hex) => Number.parseInt(hex.slice(1), 16) | 0,
  }),
  delay: form("an item of Curator's DistributedDelayQueue", 'queue-\\|([0-9A-F]{8,})\\|', {
    prefix: ({ dueAt = 0 }) => `queue-|${hexOf(dueAt)}|`,
    rank: (hex) => Number.parseInt(hex, 16),
  }),
  id: form("an item of Curator's DistributedIdQueue", 'queue-\\|([^|]*)\\|', {
    prefix: ({ id = '' }) => `queue-|${id.replace(/[/|]/g, '_')}|`,
  }),
  simple: form("an item of Curator's SimpleDistributedQueue", 'qn-'),
  entry: form("an item of kazoo's Queue", 'entry-(\\d{3})-', {
    prefix: () => 'entry-100-',
    rank: Number,
  }),
  kazooPriority: form("an item of kazoo's Queue", 'entry-(\\d{3})-', {
    prefix: ({ priority = 100 }) => `entry-${String(priority).padStart(3, '0')}-`,
    rank: Number,
  }),
};

function hexOf(value: number): string {
  return value.toString(16).toUpperCase().padStart(8, '0');
}

const formsOf: Readonly<Record<QueueLayoutName, Partial<Readonly<Record<QueueKind, Form>>>>> = {
  curator: { fifo: forms.fifo, priority: forms.priority, delay: forms.delay, id: forms.id },
  simple: { fifo: forms.simple },
  kazoo: { fifo: forms.entry, priority: forms.kazooPriority },
  'kazoo-locking': { fifo: forms.entry, priority: forms.kazooPriority },
};

export class QueueLayout {
  readonly path: string;
  readonly itemsAt: string;
  /** Where consumers say what they have taken. */
  readonly claimsAt: string;
  readonly kind: QueueKind;
  readonly #layout: QueueLayoutName;
  readonly #form: Form;

  constructor(
    path: string,
    layout: QueueLayoutName,
    kind: QueueKind,
    lockPath: string | undefined,
  ) {
    const own = formsOf[layout][kind];
    if (own === undefined) throw argument(path, `the layout ${layout} has no kind ${kind}`);
    const isLocking = layout === 'kazoo-locking';
    if (isLocking && lockPath !== undefined) {
      throw argument(path, 'the layout kazoo-locking has a place of its own for what is taken');
    }
    this.path = path;
    this.kind = kind;
    this.#layout = layout;
    this.#form = own;
    this.itemsAt = isLocking ? childPath(path, 'entries') : path;
    this.claimsAt = isLocking ? childPath(path, 'taken') : (lockPath ?? `${path}-locks`);
  }

  /** Whether later items never come before earlier ones. */
  get isInOrder(): boolean {
    return this.kind === 'fifo' || this.kind === 'id';
  }

  prefixOf(options: PutOptions): string {
    const { priority, dueAt } = options;
    const isKazoo = this.#layout !== 'curator';
    if (priority !== undefined) {
      const isValid = isKazoo
        ? Number.isInteger(priority) && priority >= 0 && priority <= 999
        : priority === (priority | 0);
      if (this.kind !== 'priority' || !isValid)
        throw argument(this.path, `no priority ${priority}`);
    }
    if (dueAt !== undefined && (this.kind !== 'delay' || !Number.isInteger(dueAt) || dueAt < 0)) {
      throw argument(this.path, `no time ${dueAt} at which an item could be due`);
    }
    return this.#form.prefix(options);
  }

  encode(items: readonly Uint8Array[]): Uint8Array {
    return this.#layout === 'curator' ? frameItems(items) : items[0]!;
  }

  decode(data: Raw, path: string): Raw[] {
    return this.#layout === 'curator' ? unframeItems(data, path) : [data];
  }

  /** In the order in which they are to be taken. Throws if there are items of another layout. */
  inOrder(names: readonly string[]): ItemName[] {
    const items: ItemName[] = [];
    for (const name of names) {
      const item = this.#parse(name);
      if (item === null) this.refuse(name);
      else items.push(item);
    }
    return items.sort((one, other) => one.rank - other.rank || one.sequence - other.sequence);
  }

  /** Throws if it is a node of another layout; nodes that nobody knows are left alone. */
  refuse(name: string): void {
    const other = Object.values(forms).find(({ pattern }) => pattern.test(name));
    const isLocking = name === 'entries' || name === 'taken';
    if (other === undefined && !isLocking) return;
    const theirs = isLocking ? "a part of kazoo's LockingQueue" : other!.what;
    const ours = `a queue of the layout ${this.#layout} and the kind ${this.kind}`;
    throw new ForeignLayoutError(this.path, name, theirs, ours);
  }

  #parse(name: string): ItemName | null {
    const match = this.#form.pattern.exec(name);
    if (match === null) return null;
    const [, prefix = '', detail = ''] = match;
    const sequence = Number(match.at(-1));
    const rank = this.#form.rank(detail);
    const id = this.kind === 'id' ? detail : name;
    return { name, prefix, id, rank, sequence, dueMs: this.kind === 'delay' ? rank : 0 };
  }
}

function argument(path: string, problem: string): ZooKeeperError {
  const message = `queue ${path}: ${problem} (BadArguments)`;
  return new ZooKeeperError('BadArguments', message, { op: 'queue', path });
}

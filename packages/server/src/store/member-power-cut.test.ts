/**
 * The power is cut before every single call of a member's life, and in the middle of every write.
 * Each time the directory starts with a history that it had just then or was about to have; while a
 * log is cut, with a first part of it that is not too short; and no epoch is ahead of its history.
 */
import { expect, test } from 'vitest';
import { cut, duty, ensembleOfThree } from '../testing/member-orders.ts';
import { afterPowerCut, type Flavour } from '../testing/power-cut.ts';
import {
  append,
  remove,
  type StoreUnderTest,
  snapshot,
  storeUnderTest,
} from '../testing/store-orders.ts';
import { databaseOf, directoryOf, dispose, openStore } from '../testing/store-world.ts';

const FLAVOURS: readonly Flavour[] = ['kept', 'lost', 'torn'];
const EPOCH = 1n << 32n;
const settings = { logPreallocationBytes: 8192, ensemble: ensembleOfThree() };

interface State {
  /** The transactions there are, by the nodes they made. */
  readonly history: readonly bigint[];
  readonly accepted: number;
  readonly current: number;
}

/** What had been done after so many calls. */
interface Moment extends State {
  readonly afterCalls: number;
}

class Life {
  readonly moments: Moment[] = [{ afterCalls: 0, history: [], accepted: 0, current: 0 }];
  readonly #world: StoreUnderTest;

  constructor(world: StoreUnderTest) {
    this.#world = world;
  }

  async append(...zxids: readonly bigint[]): Promise<void> {
    for (const zxid of zxids) {
      expect(await append(this.#world, zxid)).toBeNull();
      this.#has({ history: [...this.#last.history, zxid] });
    }
  }

  roll(): void {
    this.#world.store.perform({ kind: 'roll' });
  }

  async storeEpoch(name: 'accepted' | 'current', epoch: number): Promise<void> {
    expect(await duty(this.#world, { kind: 'storeEpoch', name, epoch })).toBeNull();
    this.#has({ [name]: epoch });
  }

  async cut(zxid: bigint, left = this.#last.history.filter((one) => one <= zxid)): Promise<void> {
    expect(await cut(this.#world, zxid)).toBeNull();
    this.#has({ history: left });
  }

  async snapshot(zxid: bigint, history: readonly bigint[]): Promise<void> {
    const said = await snapshot(this.#world, zxid, databaseOf(history));
    expect(new Set(said)).toEqual(new Set([null]));
    this.#has({ history });
  }

  get #last(): Moment {
    return this.moments.at(-1)!;
  }

  #has(change: Partial<State>): void {
    this.moments.push({
      ...this.#last,
      ...change,
      afterCalls: this.#world.files.operations.length,
    });
  }
}

function upTo(zxid: bigint): readonly bigint[] {
  return Array.from({ length: Number(zxid) }, (_, i) => BigInt(i) + 1n);
}

const lives: Readonly<Record<string, (life: Life) => Promise<void>>> = {
  'a log that is cut, and a snapshot that replaces everything': async (life) => {
    await life.snapshot(0n, []);
    await life.storeEpoch('accepted', 1);
    await life.storeEpoch('current', 1);
    await life.append(1n, 2n, 3n);
    life.roll();
    await life.append(4n, 5n);
    life.roll();
    await life.append(6n);
    await life.cut(5n);
    await life.cut(2n);
    await life.append(3n);
    await life.snapshot(3n, upTo(3n));
    await life.storeEpoch('accepted', 2);
    await life.cut(EPOCH);
    await life.snapshot(EPOCH, [1n, 2n]);
    await life.storeEpoch('current', 2);
    await life.append(EPOCH + 1n, EPOCH + 2n);
    await life.cut(EPOCH);
    await life.append(EPOCH + 1n);
  },
  'a snapshot that is above what has to be cut, with an older one (B-37)': async (life) => {
    await life.snapshot(0n, []);
    await life.append(1n, 2n, 3n);
    life.roll();
    await life.append(4n);
    await life.snapshot(4n, upTo(4n));
    life.roll();
    await life.append(5n);
    await life.snapshot(5n, upTo(5n));
    await life.append(6n);
    await life.cut(2n);
    await life.append(3n);
  },
  'a snapshot that is above what has to be cut, and nothing else': async (life) => {
    await life.snapshot(9n, upTo(9n));
    await life.append(10n, 11n);
    life.roll();
    await life.append(12n);
    await life.storeEpoch('accepted', 1);
    await life.storeEpoch('current', 1);
    await life.cut(5n, []);
    await life.snapshot(0n, []);
    await life.snapshot(7n, upTo(7n));
    await life.append(8n);
  },
};

test.each(Object.keys(lives))('%s', { timeout: 60_000 }, async (name) => {
  const world = await storeUnderTest(settings);
  const life = new Life(world);
  await lives[name]!(life);
  const operations = world.files.operations.slice();
  await remove(world);
  const started = new Map<string, Started>();
  for (let calls = 0; calls <= operations.length; calls += 1) {
    for (const flavour of FLAVOURS) {
      const files = afterPowerCut(operations.slice(0, calls), flavour);
      const key = nameOf(files);
      const found = started.get(key) ?? (await start(files));
      started.set(key, found);
      const done = flavour === 'torn' ? calls - 1 : calls;
      check(found, life.moments, done, `${flavour} after ${calls} calls`);
    }
  }
  expect(started.size).toBeGreaterThan(40);
});

interface Started extends State {
  readonly isUntrusted: boolean;
}

function check(
  { history, accepted, current, isUntrusted }: Started,
  moments: readonly Moment[],
  calls: number,
  when: string,
): void {
  const at = Math.max(
    moments.findLastIndex(({ afterCalls }) => afterCalls <= calls),
    0,
  );
  const before = moments[at]!;
  const after = moments[at + 1] ?? before;
  const lawful = [before.history, after.history, ...partsOf(before.history, after.history)];
  expect(
    lawful.some((one) => isSame(one, history)),
    `${when}: ${history} is neither ${before.history} nor ${after.history}`,
  ).toBe(true);
  expect([before.accepted, after.accepted], when).toContain(accepted);
  expect([before.current, after.current], when).toContain(current);
  // Only a database that has lost something has no say.
  const hasLost = moments.slice(0, at + 1).some((one) => one.history.length > 0);
  expect(isUntrusted, when).toBe(history.length === 0 && hasLost);
}

/** What a cut may leave on its way. */
function partsOf(
  whole: readonly bigint[],
  part: readonly bigint[],
): readonly (readonly bigint[])[] {
  if (!isSame(whole.slice(0, part.length), part)) return [];
  return whole.slice(part.length).map((_, i) => whole.slice(0, part.length + i));
}

function isSame(one: readonly bigint[], other: readonly bigint[]): boolean {
  return one.length === other.length && one.every((zxid, i) => zxid === other[i]);
}

/** Two cuts may leave the same files behind. */
function nameOf(files: ReadonlyMap<string, Uint8Array>): string {
  const contents = [...files].map(
    ([name, bytes]) => `${name} ${Buffer.from(bytes).toString('base64')}`,
  );
  return contents.toSorted().join();
}

async function start(files: ReadonlyMap<string, Uint8Array>): Promise<Started> {
  const entries = [...files].map(([name, bytes]) => [`version-2/${name}`, bytes] as const);
  const directory = await directoryOf(new Map(entries));
  const opened = await openStore(directory, settings);
  const { tree } = opened.database;
  const all = [...upTo(12n), EPOCH + 1n, EPOCH + 2n];
  const history = all.filter((zxid) => tree.findPath(`/n${zxid}`) > 0);
  const { acceptedEpoch, currentEpoch, isUntrusted } = await opened.store.readMember();
  await dispose(opened, directory);
  return { history, accepted: acceptedEpoch, current: currentEpoch, isUntrusted };
}

import { expect, test } from 'vitest';
import { Answers, createRecovery } from '../testing/store-world.ts';
import { MemoryStore } from './memory-store.ts';

const bytes = Uint8Array.of(1);
const append = (ticket: number) =>
  ({ kind: 'append', ticket, bytes, firstZxid: 1n, lastZxid: 1n }) as const;

test('it starts empty, answers later and in order, and keeps nothing', async () => {
  const answers = new Answers();
  const store = new MemoryStore(answers);
  const recovery = createRecovery();
  await store.recover(recovery);
  expect(recovery.lastZxid).toBe(0n);
  store.perform(append(1));
  store.perform({ kind: 'roll' });
  store.perform({ kind: 'snapshotBegin', zxid: 1n });
  store.perform({ kind: 'snapshotSlice', ticket: 2, bytes });
  store.perform({ kind: 'snapshotFinish', ticket: 3 });
  expect(answers.done).toEqual([]);
  await answers.of(3);
  expect(answers.done).toEqual([1, 2, 3]);
  expect(store.sizes()).toEqual({ snapshotBytes: 0, logBytes: 0 });
  expect(await store.purge()).toEqual([]);
});

test('what was taken is answered before it closes, and nothing after', async () => {
  const answers = new Answers();
  const store = new MemoryStore(answers);
  store.perform(append(1));
  await store.close();
  expect(answers.done).toEqual([1]);
  store.perform(append(2));
  await new Promise((resolve) => setImmediate(resolve));
  expect(answers.done).toEqual([1]);
});

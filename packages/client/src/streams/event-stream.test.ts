import { describe, expect, it } from 'vitest';
import { EventStream } from './event-stream.ts';

function stream(max = 2): EventStream<number> {
  return new EventStream({
    max,
    onFull: (queue, next) => queue.splice(0, queue.length, next),
  });
}

async function all(events: AsyncIterable<number>): Promise<number[]> {
  const taken: number[] = [];
  for await (const event of events) taken.push(event);
  return taken;
}

describe('a stream of events', () => {
  it('hands out what waits, and what comes', async () => {
    const events = stream();
    events.push(1);
    events.push(2);
    const taken = all(events);
    await Promise.resolve();
    events.push(3);
    events.end();
    events.push(4);
    expect(await taken).toEqual([1, 2, 3]);
    expect(events.isOver).toBe(true);
    expect((await events.next()).done).toBe(true);
  });

  it('asks what is to become of it when it is full', async () => {
    const events = stream();
    for (const event of [1, 2, 3]) events.push(event);
    events.end();
    expect(await all(events)).toEqual([3]);
  });

  it('fails behind what waits, once', async () => {
    const events = stream();
    events.push(1);
    events.fail(new Error('mine'));
    events.fail(new Error('another'));
    expect(await events.next()).toEqual({ done: false, value: 1 });
    await expect(events.next()).rejects.toThrow('mine');
    expect((await events.next()).done).toBe(true);
    const waiting = stream();
    const next = waiting.next();
    waiting.fail(new Error('mine'));
    await expect(next).rejects.toThrow('mine');
    expect((await waiting.next()).done).toBe(true);
  });

  it('lets go of everything when its reader leaves', async () => {
    let left = 0;
    const events = new EventStream<number>({
      max: 2,
      onFull: () => {},
      onReturn: () => {
        left += 1;
      },
    });
    events.push(1);
    for await (const event of events) {
      expect(event).toBe(1);
      events.push(2);
      break;
    }
    await events.return();
    expect(left).toBe(1);
    expect((await events.next()).done).toBe(true);
  });
});

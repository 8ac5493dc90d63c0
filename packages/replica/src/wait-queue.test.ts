import { encodeUtf8 } from '@zabra/wire';
import { describe, expect, it } from 'vitest';
import { Buffers } from './buffers.ts';
import { Tally, Waiting, WaitQueue } from './wait-queue.ts';

function pushText(queue: WaitQueue, text: string, arrivedMs: number): void {
  const bytes = encodeUtf8(`--${text}--`);
  queue.pushRead(bytes, new DataView(bytes.buffer), 2, bytes.length - 2, arrivedMs);
}

function textAtHead(queue: WaitQueue): string {
  return String.fromCharCode(...queue.bytes.subarray(queue.start, queue.end));
}

describe('a queue of waiting requests', () => {
  it('gives back in order what was put in', () => {
    const queue = new WaitQueue(new Tally(new Buffers()));
    queue.pushWrite(7, 1, 1.5, 0);
    pushText(queue, 'a read', 2.5);
    queue.pushAnswer(8, -1, -6);
    queue.pushNullToken(9);
    queue.pushProof(10);
    expect(queue.count).toBe(5);
    const xids: Partial<Record<number, number>> = { 1: 7, 3: 8, 4: 9, 5: 10 };
    const kinds: number[] = [];
    const arrivals: number[] = [];
    for (; !queue.isEmpty; queue.pop()) {
      kinds.push(queue.kind);
      arrivals.push(queue.arrivedMs);
      const { view, start } = queue;
      if (queue.kind === Waiting.Read) expect(textAtHead(queue)).toBe('a read');
      else expect(view.getInt32(start)).toBe(xids[queue.kind]);
    }
    expect(kinds).toEqual([1, 2, 3, 4, 5]);
    expect(arrivals.slice(0, 2)).toEqual([1.5, 2.5]);
  });

  it('lets the first sync become a read, wherever it stands', () => {
    const queue = new WaitQueue(new Tally(new Buffers()));
    const bytes = encodeUtf8('sync');
    const view = new DataView(bytes.buffer);
    queue.pushWrite(7, 1, 0, 0);
    for (let i = 0; i < 2; i += 1) queue.pushSync(bytes, view, 0, bytes.length, 0);
    expect(queue.isHeldUp).toBe(true);
    expect(queue.releaseSync()).toBe(true);
    queue.pop();
    expect([queue.kind, queue.isHeldUp, textAtHead(queue)]).toEqual([Waiting.Read, false, 'sync']);
    queue.pop();
    expect([queue.kind, queue.isHeldUp]).toEqual([Waiting.Sync, true]);
    expect(queue.releaseSync()).toBe(true);
    expect(queue.releaseSync()).toBe(false);
  });

  it('knows which write comes next, whatever stands before it', () => {
    const queue = new WaitQueue(new Tally(new Buffers()));
    expect(queue.opcodeOfNextWrite(0)).toBe(0);
    pushText(queue, 'a read', 0);
    queue.pushGreeting(0);
    queue.pushWrite(7, 5, 0, 0);
    queue.pushWrite(8, 2, 0, 0);
    expect(queue.opcodeOfNextWrite(7)).toBe(5);
    expect(queue.opcodeOfNextWrite(8)).toBe(0);
  });

  it('counts with all others what is on its way to a leader', () => {
    const tally = new Tally(new Buffers());
    const queues = [new WaitQueue(tally), new WaitQueue(tally)] as const;
    queues[0].pushWrite(7, 5, 0, 100);
    pushText(queues[0], 'a read', 0);
    queues[0].pushWrite(8, 2, 0, 20);
    queues[1].pushWrite(9, 2, 0, 3);
    expect(tally.forwardedBytes).toBe(123);
    queues[0].pop();
    expect(tally.forwardedBytes).toBe(23);
    queues[0].pop();
    queues[0].clear();
    expect(tally.forwardedBytes).toBe(3);
    queues[1].pop();
    queues[1].clear();
    expect(tally.forwardedBytes).toBe(0);
  });

  it('stays as small as what waits in it, however much passes through', () => {
    const queue = new WaitQueue(new Tally(new Buffers()));
    pushText(queue, 'first', 0);
    for (let i = 0; i < 10_000; i += 1) {
      pushText(queue, `read ${i}`, i);
      queue.pop();
      expect(textAtHead(queue)).toBe(`read ${i}`);
    }
    expect(queue.bytes.length).toBeLessThan(1024);
  });

  it('counts its bytes together with others, and forgets them when it is cleared', () => {
    const tally = new Tally(new Buffers());
    const queues = [new WaitQueue(tally), new WaitQueue(tally)];
    for (const queue of queues) for (let i = 0; i < 50; i += 1) pushText(queue, 'x'.repeat(i), 0);
    expect(tally.bytes).toBe(queues[0]!.byteCount + queues[1]!.byteCount);
    queues[0]!.pop();
    queues[0]!.clear();
    expect(queues[0]!.isEmpty).toBe(true);
    expect(tally.bytes).toBe(queues[1]!.byteCount);
    while (!queues[1]!.isEmpty) queues[1]!.pop();
    expect(tally.bytes).toBe(0);
  });
});

import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Farewells } from '../net/farewells.ts';
import { Loopback } from '../testing/loopback.ts';
import { PeerLink } from './peer-link.ts';

let loopback: Loopback;

beforeEach(() => {
  loopback = new Loopback();
});

afterEach(() => loopback.close());

interface Pair {
  readonly link: PeerLink<string>;
  /** The plain socket at the other end. */
  readonly peer: Socket;
  /** Everything that the link has told. */
  readonly told: string[];
}

async function pair(): Promise<Pair> {
  const told: string[] = [];
  const accepted: Socket[] = [];
  const { port } = await loopback.listen((socket) => accepted.push(socket));
  const socket = await loopback.connect(port, true);
  await expect.poll(() => accepted.length).toBe(1);
  const listen = (listener: (bytes: Uint8Array) => void): void => void socket.on('data', listener);
  const link = new PeerLink<string>(7, { socket, listen }, new Farewells(), {
    onReceived: (id, chunk) => told.push(`${id} received ${Buffer.from(chunk).toString()}`),
    onClosed: (id) => told.push(`${id} closed`),
    onSent: (output, isLate) => told.push(`${output} sent ${isLate ? 'late' : 'at once'}`),
  });
  return { link, peer: accepted[0]!, told };
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** More than the kernel takes for a peer that reads nothing. */
const MUCH = new Uint8Array(32 * 1024 * 1024);

function heardBy(peer: Socket): () => string {
  let text = '';
  peer.on('data', (chunk) => {
    text += chunk.toString();
  });
  return () => text;
}

describe('PeerLink', () => {
  it('reads nothing while it is told not to, and the other side has to wait', async () => {
    const { link, peer, told } = await pair();
    link.setReading(false);
    peer.write(MUCH);
    await expect.poll(() => peer.writableNeedDrain).toBe(true);
    expect(told).toEqual([]);
    link.setReading(true);
    await expect.poll(() => peer.writableLength, { timeout: 10_000 }).toBe(0);
    expect(told.length).toBeGreaterThan(0);
  });

  it('sends pieces behind each other, and says so once', async () => {
    const { link, peer, told } = await pair();
    const heard = heardBy(peer);
    link.send([bytes('one '), bytes('two '), bytes('three')], 'a');
    link.send([bytes(';')], 'b');
    link.send([], 'c');
    expect(told).toEqual(['a sent at once', 'b sent at once', 'c sent at once']);
    await expect.poll(heard).toBe('one two three;');
    expect(told).toHaveLength(3);
  });

  it('hands in what comes', async () => {
    const { peer, told } = await pair();
    peer.write('hello');
    await expect.poll(() => told).toEqual(['7 received hello']);
  });

  it('says late what a slow peer has taken late', async () => {
    const { link, peer, told } = await pair();
    peer.pause();
    link.send([MUCH.subarray(1), MUCH.subarray(0, 1)], 'much');
    link.send([bytes('more')], 'more');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(told).toEqual([]);
    peer.resume();
    await expect.poll(() => told, { timeout: 5000 }).toEqual(['much sent late', 'more sent late']);
    link.send([bytes('again')], 'again');
    expect(told.at(-1)).toBe('again sent at once');
  });

  it('lets go of what was never taken', async () => {
    const { link, peer, told } = await pair();
    peer.pause();
    link.send([MUCH], 'much');
    link.send([bytes('more')], 'more');
    peer.destroy();
    await expect.poll(() => told.length).toBe(3);
    expect(told).toEqual(['much sent late', 'more sent late', '7 closed']);
    link.send([bytes('again')], 'again');
    expect(told.at(-1)).toBe('again sent at once');
  });

  it.each([
    ['a reset', (peer: Socket) => peer.resetAndDestroy()],
    ['an end of one side', (peer: Socket) => peer.end()],
    ['a close', (peer: Socket) => peer.destroy()],
  ])('is closed by %s', async (_how, act) => {
    const { peer, told } = await pair();
    act(peer);
    await expect.poll(() => told).toEqual(['7 closed']);
  });

  it('hands in what came before the other side hung up', async () => {
    const { peer, told } = await pair();
    peer.end('last words');
    await expect.poll(() => told).toEqual(['7 received last words', '7 closed']);
  });

  it('sends all it was given before it hangs up, and tells nothing more', async () => {
    const { link, peer, told } = await pair();
    let byteCount = 0;
    let hasEnded = false;
    peer.pause();
    peer.on('data', (chunk) => {
      byteCount += chunk.length;
    });
    peer.on('end', () => {
      hasEnded = true;
    });
    peer.write('never read by the mind');
    link.send([MUCH], 'much');
    link.close();
    link.close();
    link.send([bytes('too late')], 'too late');
    peer.resume();
    await expect.poll(() => hasEnded, { timeout: 5000 }).toBe(true);
    expect(byteCount).toBe(MUCH.length);
    await expect.poll(() => told).toContain('much sent late');
    expect(told).not.toContain('7 closed');
  });

  it('cuts off who does not hang up in return', async () => {
    const { link, peer, told } = await pair();
    peer.allowHalfOpen = true;
    peer.pause();
    link.send([MUCH], 'much');
    link.close();
    await expect.poll(() => told, { timeout: 3000 }).toEqual(['much sent late']);
  });
});

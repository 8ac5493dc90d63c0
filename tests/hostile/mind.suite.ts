/**
 * The mind alone, in this process, under frames bent by chance: no socket slows it down, so this is
 * where the millions go. Whatever comes, nothing may be thrown, nobody else may notice, and memory
 * must not grow with what strangers send.
 */
import { type SimClient, simSettings, World } from '@zabra/sim';
import { type JuteWriter, Opcode } from '@zabra/wire';
import { expect, test } from 'vitest';
import { Chance } from '../support/raw-chance.ts';
import { isFullCount } from '../support/server.ts';
import { mutatedFrame } from './mutation.ts';

const FRAMES = isFullCount() ? 10_000_000 : 200_000;
/** The tree such frames build is thrown away now and then: creating nodes is no attack. */
const FRAMES_PER_WORLD = isFullCount() ? 50_000 : 10_000;
/** A world that is thrown away is garbage of this process; after a few there is as much as there ever is. */
const WARM_UP_WORLDS = 5;
const FRAMES_PER_CHECK = 40;
const MEBIBYTE = 1024 * 1024;
const SEED = 20_261_120;

function opened(world: World): SimClient {
  const client = world.connect();
  world.send(client, client.connect(30_000, null));
  world.settle();
  return client;
}

function writeExists(writer: JuteWriter): void {
  writer.string('/zookeeper');
  writer.boolean(false);
}

/** Throws mutated frames at one world; a client that minds its own business is answered throughout. */
function attack(chance: Chance, frames: number): void {
  const world = new World({ settings: { ...simSettings, seed: chance.between(0, 1 << 30) } });
  const healthy = opened(world);
  let hostile = opened(world);
  for (let i = 0; i < frames; i += 1) {
    if (hostile.isClosed) hostile = opened(world);
    const { bytes, isMisframed } = mutatedFrame(chance);
    world.send(hostile, bytes);
    // Frames often come together; whatever ends the connection shows at the end of the turn.
    if (chance.between(0, 1) === 0 || isMisframed) world.turn();
    // Half a frame would swallow everything that follows, so its sender starts over.
    if (isMisframed && !hostile.isClosed) world.disconnect(hostile);
    if (i % FRAMES_PER_CHECK !== 0) continue;
    hostile.replies.length = 0;
    healthy.replies.length = 0;
    const exists = healthy.request(Opcode.Exists, writeExists);
    world.send(healthy, exists.bytes);
    world.settle();
    expect(healthy.replies.find((reply) => reply.xid === exists.xid)?.error).toBe(0);
    world.advance(1);
  }
  expect(world.stopReason).toBeNull();
}

test(`${FRAMES} mutated frames leave the mind sound`, { timeout: 3_600_000 }, () => {
  const chance = new Chance(SEED);
  for (let i = 0; i < WARM_UP_WORLDS; i += 1) attack(chance, FRAMES_PER_WORLD);
  const before = process.memoryUsage().rss;
  for (let sent = 0; sent < FRAMES; sent += FRAMES_PER_WORLD) attack(chance, FRAMES_PER_WORLD);
  expect((process.memoryUsage().rss - before) / MEBIBYTE).toBeLessThan(64);
});

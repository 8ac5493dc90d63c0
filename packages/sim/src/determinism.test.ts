import { Chance, type ReplicaSettings } from '@zabra/replica';
import { AddWatchMode, CreateFlags, type JuteWriter, Opcode, operations } from '@zabra/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { History } from './checkers/history.ts';
import { simSettings } from './settings.ts';
import { SimClient } from './sim-client.ts';
import { Transcript } from './transcript.ts';
import { Workload } from './workload.ts';
import { World } from './world.ts';

const TIMEOUT_MS = 10_000;
const OPEN = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];

function hashOf(seed: number, steps: number): string {
  const transcript = new Transcript();
  const settings = { ...simSettings, seed, snapshotTransactions: 20 };
  const world = new World({ settings, observer: transcript });
  const workload = new Workload(world, new Chance(seed), new History());
  for (let i = 0; i < steps; i += 1) workload.step();
  return transcript.hash;
}

/** Everything one client says, from the connect request to the last word. */
function conversation(seed: number): Uint8Array {
  const client = new SimClient(1);
  const chance = new Chance(seed);
  const below = (end: number): number => Math.floor(chance.next() * end);
  const parts = [client.connect(TIMEOUT_MS, null)];
  const ask = (opcode: number, body: (writer: JuteWriter) => void): void => {
    parts.push(client.request(opcode, body).bytes);
  };
  const path = (): string => `/n${below(3)}`;
  for (let i = 0; i < 60; i += 1) {
    const luck = i === 0 ? 0 : below(9);
    if (luck < 2) {
      // One ephemeral at most: in which order a session's go when it closes is nobody's promise.
      const kinds = [CreateFlags.Persistent, CreateFlags.PersistentSequential];
      const flags = i === 0 ? CreateFlags.Ephemeral : kinds[below(2)]!;
      const request = { path: path(), data: null, acl: OPEN, flags };
      ask(Opcode.Create, (writer) => operations[Opcode.Create].encodeRequest(writer, request));
    } else if (luck < 4) {
      const request = { path: path(), data: new Uint8Array(below(300)), version: -1 };
      ask(Opcode.SetData, (writer) => operations[Opcode.SetData].encodeRequest(writer, request));
    } else if (luck < 5) {
      const request = { path: path(), version: -1 };
      ask(Opcode.Delete, (writer) => operations[Opcode.Delete].encodeRequest(writer, request));
    } else if (luck < 7) {
      const request = { path: path(), watch: below(2) === 0 };
      ask(Opcode.GetData, (writer) => operations[Opcode.GetData].encodeRequest(writer, request));
    } else if (luck < 8) {
      const request = { path: '/', mode: AddWatchMode.PersistentRecursive };
      ask(Opcode.AddWatch, (writer) => operations[Opcode.AddWatch].encodeRequest(writer, request));
    } else {
      ask(Opcode.Ping, () => {});
    }
  }
  parts.push(client.close());
  return joined(parts);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

interface Delivery {
  /** Lengths of the chunks, over and over. */
  readonly lengths: readonly number[];
  /** What the server does after each chunk, over and over. */
  readonly pauses: readonly ('nothing' | 'a turn' | 'a disk step' | 'everything')[];
  readonly settings: Partial<ReplicaSettings>;
}

/** What the server says to one client whose bytes come like this. */
function answersTo(bytes: Uint8Array, { lengths, pauses, settings }: Delivery): string[] {
  const transcript = new Transcript();
  const world = new World({ settings: { ...simSettings, ...settings }, observer: transcript });
  const client = world.connect();
  for (let from = 0, i = 0; from < bytes.length; i += 1) {
    const length = lengths[i % lengths.length]!;
    // A body reads no further while it is told not to.
    while (client.isPaused) {
      world.turn();
      world.disk.step();
    }
    const chunk = bytes.slice(from, from + length);
    world.send(client, chunk);
    chunk.fill(0xdd);
    from += length;
    const pause = pauses[i % pauses.length];
    if (pause === 'a turn') world.turn();
    else if (pause === 'a disk step') world.disk.step();
    else if (pause === 'everything') world.settle();
  }
  world.settle();
  return framesOf(transcript.streamOf(client.id)).map((frame) => frame.join('.'));
}

const inOne: Delivery = { lengths: [1 << 20], pauses: ['everything'], settings: {} };

const deliveries: fc.Arbitrary<Delivery> = fc.record({
  lengths: fc.array(fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 900 })), {
    minLength: 1,
    maxLength: 8,
  }),
  pauses: fc.array(fc.constantFrom('nothing', 'a turn', 'a disk step', 'everything'), {
    minLength: 1,
    maxLength: 8,
  }),
  settings: fc.record({
    outstandingRequestsMax: fc.constantFrom(1, 3, 1000),
    throttledRequestsMax: fc.constantFrom(0, 1, 2),
    snapshotTransactions: fc.constantFrom(5, 100_000),
  }),
});

describe('a server', { timeout: 60_000 }, () => {
  it('says and orders the same, byte for byte, whenever it is told the same', () => {
    const hashes = [1, 2, 3].map((seed) => hashOf(seed, 1500));
    expect([1, 2, 3].map((seed) => hashOf(seed, 1500))).toEqual(hashes);
    expect(new Set(hashes).size).toBe(3);
  });

  it('answers the same however the bytes of a client are cut and whenever they come', () => {
    const property = fc.property(fc.integer(), deliveries, (seed, delivery) => {
      const bytes = conversation(seed);
      expect(answersTo(bytes, delivery)).toEqual(answersTo(bytes, inOne));
    });
    fc.assert(property, { numRuns: 60 });
  });

  it('takes no notice of how clients are cut when their requests are complete in the same order', () => {
    const streams = [1, 2, 3].map((seed) => framesOf(conversation(seed)));
    const play = (cut: (frame: Uint8Array) => readonly Uint8Array[]): string => {
      const transcript = new Transcript();
      const world = new World({ settings: simSettings, observer: transcript });
      const clients = streams.map(() => world.connect());
      for (let i = 0; streams.some((frames) => i < frames.length); i += 1) {
        for (const [k, client] of clients.entries()) {
          const frame = streams[k]![i];
          if (frame !== undefined) for (const piece of cut(frame)) world.send(client, piece);
        }
        if (i % 4 === 3) world.turn();
        if (i % 3 === 2) world.disk.step();
      }
      world.settle();
      return transcript.hash;
    };
    const whole = play((frame) => [frame]);
    expect(play((frame) => Array.from(frame, (byte) => Uint8Array.of(byte)))).toBe(whole);
    expect(play((frame) => [frame.slice(0, 3), frame.slice(3, 11), frame.slice(11)])).toBe(whole);
  });
});

function framesOf(stream: Uint8Array): Uint8Array[] {
  const view = new DataView(stream.buffer);
  const frames: Uint8Array[] = [];
  for (let at = 0; at < stream.length; ) {
    const end = at + 4 + view.getInt32(at);
    frames.push(stream.slice(at, end));
    at = end;
  }
  return frames;
}

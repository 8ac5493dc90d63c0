import { Chance, type ReplicaSettings } from '@zabra/replica';
import { decodeSnapshot, type JuteWriter, Opcode, operations } from '@zabra/wire';
import { expect, it } from 'vitest';
import { History } from './checkers/history.ts';
import { differences, digestOf, plainSnapshot } from './checkers/plain-node.ts';
import { simSettings } from './settings.ts';
import type { SimClient } from './sim-client.ts';
import { World } from './world.ts';

/** Enough for a dozen slices. */
const NODES = 800;
const NODE_BYTES = 2000;
const WRITES = 600;
const OPEN = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];

function create(writer: JuteWriter, path: string): void {
  const request = { path, data: new Uint8Array(NODE_BYTES), acl: OPEN, flags: 0 };
  operations[Opcode.Create].encodeRequest(writer, request);
}

const nameAt = (zxid: bigint): string => `snapshot.${zxid.toString(16)}`;

/** One write of any kind, anywhere in the tree. */
function write(client: SimClient, chance: Chance, i: number): Uint8Array {
  const path = `/n${Math.floor(chance.next() * NODES)}`;
  const luck = chance.next();
  if (luck < 0.3) {
    return client.request(Opcode.Create, (writer) => create(writer, `${path}/c${i}`)).bytes;
  }
  if (luck < 0.5) {
    const request = { path, version: -1 };
    const encode = operations[Opcode.Delete].encodeRequest;
    return client.request(Opcode.Delete, (writer) => encode(writer, request)).bytes;
  }
  const request = { path, data: Uint8Array.of(i), version: -1 };
  const encode = operations[Opcode.SetData].encodeRequest;
  return client.request(Opcode.SetData, (writer) => encode(writer, request)).bytes;
}

it('a snapshot written while everything changes is the tree as it was at its zxid', () => {
  const history = new History();
  const settings: ReplicaSettings = { ...simSettings, outstandingRequestsMax: 100_000 };
  let slices = 0;
  const world = new World({
    settings,
    observer: {
      onDisk: (order) => {
        if (order.kind === 'append') history.onAppend(order.bytes);
        else if (order.kind === 'snapshotSlice') slices += 1;
      },
    },
  });
  const client = world.connect();
  world.send(client, client.connect(10_000, null));
  for (let i = 0; i < NODES; i += 1) {
    world.send(client, client.request(Opcode.Create, (writer) => create(writer, `/n${i}`)).bytes);
  }
  world.settle();
  slices = 0;
  const zxidAtStart = world.replica.lastZxid;
  expect(world.replica.snapshotNow()).toBe(true);
  const chance = new Chance(7);
  for (let i = 0; i < WRITES; i += 1) {
    world.send(client, write(client, chance, i));
    if (i % 3 === 0) world.turn();
    // The log is quick here and the snapshot slow, so that much is applied while it is written.
    world.disk.step(i % 40 === 0 ? 'snapshot' : 'log');
  }
  expect(slices).toBeGreaterThan(2);
  expect(world.disk.names).not.toContain(nameAt(zxidAtStart));
  expect(world.replica.lastZxid - zxidAtStart).toBeGreaterThan(100n);
  world.settle();
  const read = decodeSnapshot(world.disk.read(nameAt(zxidAtStart)));
  if (read.kind === 'corrupt') throw new Error(read.reason);
  const { snapshot } = read;
  const model = history.modelAt(zxidAtStart);
  expect(differences(plainSnapshot(snapshot), model.nodes)).toEqual([]);
  expect(snapshot.lastZxid).toBe(zxidAtStart);
  expect(snapshot.digest?.treeDigest).toBe(BigInt.asIntN(64, digestOf(model.nodes)));
  expect(snapshot.sessions.map(({ id }) => id)).toEqual([...model.sessions.keys()]);
  expect(history.violations).toEqual([]);
});

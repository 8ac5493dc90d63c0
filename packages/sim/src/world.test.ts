import { CreateFlags, ErrorCode, JuteReader, type JuteWriter, Opcode } from '@zabra/wire';
import { describe, expect, it } from 'vitest';
import { simSettings } from './settings.ts';
import type { SimClient } from './sim-client.ts';
import { nothingSurvives } from './sim-directory.ts';
import { World } from './world.ts';

function writeCreate(writer: JuteWriter, path: string, data: string, flags: number): void {
  writer.string(path);
  writer.string(data);
  writer.int(1);
  writer.int(31);
  writer.string('world');
  writer.string('anyone');
  writer.int(flags);
}

function opened(world: World): SimClient {
  const client = world.connect();
  world.send(client, client.connect(10_000, null));
  world.settle();
  return client;
}

describe('a world of one server', () => {
  it('gives a session, stores a node and reads it back', () => {
    const world = new World({ settings: simSettings });
    const client = opened(world);
    expect(client.session?.timeoutMs).toBe(10_000);
    const create = client.request(Opcode.Create, (w) =>
      writeCreate(w, '/a', 'x', CreateFlags.Persistent),
    );
    world.send(client, create.bytes);
    const get = client.request(Opcode.GetData, (w) => {
      w.string('/a');
      w.boolean(false);
    });
    world.send(client, get.bytes);
    world.settle();
    expect(client.replies.map(({ xid, error }) => [xid, error])).toEqual([
      [create.xid, ErrorCode.Ok],
      [get.xid, ErrorCode.Ok],
    ]);
    expect(JuteReader.over(client.replies[1]!.body).string()).toBe('x');
  });

  it('keeps acknowledged writes and sessions through a power cut', () => {
    const world = new World({ settings: simSettings });
    const client = opened(world);
    for (let i = 0; i < 50; i += 1) {
      const flags =
        i % 2 === 0 ? CreateFlags.EphemeralSequential : CreateFlags.PersistentSequential;
      world.send(
        client,
        client.request(Opcode.Create, (w) => writeCreate(w, '/s-', `${i}`, flags)).bytes,
      );
    }
    world.settle();
    expect(client.replies.filter(({ error }) => error === 0)).toHaveLength(50);
    world.cutPower(nothingSurvives);
    expect(world.start()).toBeNull();
    world.settle();
    const again = world.connect();
    world.send(again, again.connect(10_000, client.session));
    const list = again.request(Opcode.GetChildren, (w) => {
      w.string('/');
      w.boolean(false);
    });
    world.send(again, list.bytes);
    world.settle();
    expect(again.session?.id).toBe(client.session?.id);
    expect(JuteReader.over(again.replies[0]!.body).int()).toBe(51);
    world.advance(60_000);
    expect(again.isClosed).toBe(true);
    const other = opened(world);
    world.send(
      other,
      other.request(Opcode.GetChildren, (w) => {
        w.string('/');
        w.boolean(false);
      }).bytes,
    );
    world.settle();
    expect(JuteReader.over(other.replies[0]!.body).int()).toBe(26);
  });
});

describe('a transaction as large as its request may be', () => {
  it('is read again after a restart', () => {
    const frameBytesMax = 10_000_000;
    const tree = { ...simSettings.tree, txnBytesMax: frameBytesMax };
    const world = new World({ settings: { ...simSettings, frameBytesMax, tree } });
    const client = opened(world);
    const data = 'x'.repeat(frameBytesMax - 1000);
    const create = client.request(Opcode.Create, (w) => writeCreate(w, '/large', data, 0));
    world.send(client, create.bytes);
    world.settle();
    expect(client.replies[0]?.error).toBe(ErrorCode.Ok);
    world.cutPower(nothingSurvives);
    expect(world.start()).toBeNull();
  });
});

/** The checker itself, on histories that are wrong on purpose. */
import { Chance, type Database, type ReplicaSettings } from '@zabra/replica';
import { Field } from '@zabra/tree';
import { Opcode } from '@zabra/wire';
import { describe, expect, it } from 'vitest';
import { simSettings } from '../settings.ts';
import { everythingSurvives } from '../sim-directory.ts';
import { Workload } from '../workload.ts';
import { World } from '../world.ts';
import { History } from './history.ts';

const settings: ReplicaSettings = { ...simSettings, snapshotTransactions: 15 };

interface Lived {
  readonly history: History;
  readonly world: World;
  /** What the server comes back with. */
  readonly database: Database;
}

function lived(seed: number): Lived {
  const history = new History();
  let database: Database | null = null;
  const world = new World({
    settings: { ...settings, seed },
    observer: {
      onRecovered: (one) => {
        database = one;
      },
      onDisk: (order) => {
        if (order.kind === 'append') history.onAppend(order.bytes);
      },
    },
  });
  const workload = new Workload(world, new Chance(seed), history);
  for (let i = 0; i < 400; i += 1) workload.step();
  world.settle();
  world.cutPower(everythingSurvives);
  expect(world.start()).toBeNull();
  return { history, world, database: database! };
}

/** What the checker says when the server comes back with something else. */
function judge({ history, database }: Lived, lie: (truth: Database) => Database): string[] {
  const fork = history.fork();
  fork.onRecovered(lie(database));
  return fork.violations;
}

describe('a history', () => {
  it('has nothing against the truth', () => {
    expect(judge(lived(1), (truth) => truth)).toEqual([]);
  });

  it('notices that an acknowledged write is gone', () => {
    const told = judge(lived(1), (truth) => ({ ...truth, lastZxid: truth.lastZxid / 2n }));
    expect(told[0]).toMatch(/was acknowledged, but only \d+ are left/);
  });

  it('notices transactions that nobody proposed', () => {
    const told = judge(lived(1), (truth) => ({ ...truth, lastZxid: truth.lastZxid + 1n }));
    expect(told[0]).toMatch(/are there, but only \d+ were proposed/);
  });

  it('notices a node that is not what it was', () => {
    const run = lived(1);
    const told = judge(run, (truth) => {
      const row = truth.tree.findPath('/a');
      const { tree } = truth;
      tree.viewOf(row).setInt32(tree.offsetOf(row) + Field.Version, 99);
      return truth;
    });
    expect(told.some((sentence) => sentence.startsWith('/a is '))).toBe(true);
    expect(told).toContain('the digest is not that of the tree');
  });

  it('notices a session that is gone or has come from nowhere', () => {
    const missing = judge(lived(1), (truth) => {
      const [session] = truth.sessions.all();
      truth.sessions.close(session!.high, session!.low);
      return truth;
    });
    expect(missing[0]).toMatch(/^session \d+ has not come back$/);
    const invented = judge(lived(1), (truth) => {
      truth.sessions.open(1, 1, 4000);
      return truth;
    });
    expect(invented[0]).toMatch(/^session \d+ has come back otherwise$/);
  });

  it('notices an answer that is not what was logged', () => {
    const { history } = lived(1);
    const fork = history.fork();
    const created = history.proposals.find(({ record }) => record.type === Opcode.Create)!;
    const { cxid: xid, clientId: session, zxid } = created.header;
    const asked = { opcode: Opcode.Create, xid, session, isSequential: false };
    fork.onReply(asked, { zxid, error: -110, body: new Uint8Array(0) });
    fork.onReply({ ...asked, xid: xid + 1 }, { zxid, error: 0, body: new Uint8Array(0) });
    fork.onReply(asked, { zxid: 10_000n, error: 0, body: new Uint8Array(0) });
    expect(fork.violations).toEqual([
      `${zxid} was told -110 and logged 0`,
      `${zxid} was acknowledged to somebody who had not asked for it`,
      '10000 was acknowledged and never proposed',
    ]);
  });

  it('notices a gap in what is proposed', () => {
    const records: Uint8Array[] = [];
    const world = new World({
      settings,
      observer: {
        onDisk: (order) => {
          if (order.kind === 'append') records.push(order.bytes.slice());
        },
      },
    });
    for (let i = 0; i < 3; i += 1) {
      const client = world.connect();
      world.send(client, client.connect(10_000, null));
      world.settle();
    }
    const history = new History();
    history.onAppend(records[0]!);
    history.onAppend(records[2]!);
    expect(history.violations).toEqual(['transaction 3 is proposed after 1']);
  });
});

/**
 * The judges themselves: a true history, lived by three servers and some clients, is found to be
 * right; made wrong in one place each time, it is found to be wrong.
 */
import { setTimeout as pass } from 'node:timers/promises';
import type { Operation } from '@zabra/sim/checkers';
import { asZxid, ErrorCode, EventType, Opcode, type Transaction } from '@zabra/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Ensemble } from '../ensemble/ensemble.ts';
import { chainOf, readLogs } from './chain.ts';
import type { Finding } from './findings.ts';
import { type Evidence, judge, readEvidence } from './judge.ts';
import { TICK_MS, Trial } from './trial.ts';

const WORK_MS = 4000;

let ensemble: Ensemble;

beforeAll(async () => {
  ensemble = await Ensemble.of('zabra', 'zabra', 'zabra');
  await ensemble.start(1, 2, 3);
  const trial = Trial.begin(ensemble, { seed: 7, people: 8, thinkMs: 50 });
  await pass(WORK_MS);
  // Its clients notice, go elsewhere, and set their watches again.
  await ensemble.kill(await ensemble.leader());
  await ensemble.launch(...ensemble.ids.filter((id) => !ensemble.running.includes(id)));
  await pass(WORK_MS);
  await trial.end();
}, 120_000);

afterAll(() => ensemble.end());

/** Evidence of its own for each test, to be spoilt. */
function evidence(): Promise<Evidence> {
  return readEvidence(ensemble.root, TICK_MS);
}

function violationsOf(spoilt: Evidence): string {
  return judge(spoilt).violations.join('\n');
}

/** The last operation that is like this. */
function operationOf({ history }: Evidence, isIt: (operation: Operation) => boolean): Operation {
  const found = history.journal.operations.findLast(isIt);
  if (found === undefined) throw new Error('no such operation has been recorded');
  return found;
}

const zxidOf = ({ header }: Transaction): bigint => header.zxid;

const isDone =
  (...types: readonly number[]) =>
  ({ ask, answer }: Operation): boolean =>
    types.includes(ask.type) && answer?.error === ErrorCode.Ok;

function without(one: Evidence, isIt: (txn: Transaction) => boolean): Evidence {
  const { transactions } = one.chain;
  const at = transactions.findLastIndex(isIt);
  const left = [...transactions.slice(0, at), ...transactions.slice(at + 1)];
  return { ...one, chain: { ...one.chain, transactions: left } };
}

function spoiltFinding(one: Evidence, spoil: (finding: Finding) => Finding): Evidence {
  const [first, ...others] = one.findings;
  return { ...one, findings: [spoil(first!), ...others] };
}

describe('a judge', () => {
  it('has nothing against the truth', async () => {
    const { violations, figures } = judge(await evidence());
    expect(violations).toEqual([]);
    expect(figures.acknowledged).toBeGreaterThan(100);
    expect(figures.epochs).toBeGreaterThan(1);
  });

  it('misses a write that was acknowledged', async () => {
    const one = await evidence();
    const { answer } = operationOf(one, isDone(Opcode.SetData));
    const spoilt = without(one, ({ header }) => header.zxid === answer!.zxid);
    expect(violationsOf(spoilt)).toMatch(/was acknowledged to client \d+ and is lost/);
  });

  it('sees that two members hold other transactions', async () => {
    const one = await evidence();
    const logs = new Map(
      await Promise.all(
        one.findings.map(
          async ({ member }) => [member, await readLogs(ensemble.dataDirOf(member))] as const,
        ),
      ),
    );
    const [, second = []] = [...logs.values()];
    second[second.length >> 1]!.payload[0]! ^= 1;
    expect(chainOf(logs).violations.join()).toMatch(/holds another transaction/);
  });

  it('sees that a transaction is missing from all logs', async () => {
    const one = await evidence();
    const log = await readLogs(ensemble.dataDirOf(one.findings[0]!.member));
    log.splice(log.length - 10, 1);
    expect(chainOf(new Map([[1, log]])).violations.join()).toMatch(/no log holds/);
  });

  it('tells what was never agreed on from what was', async () => {
    const one = await evidence();
    const [first = [], second = []] = await Promise.all(
      one.findings.map(({ member }) => readLogs(ensemble.dataDirOf(member))),
    );
    const at = second.findLastIndex(({ txn }) => (txn.header.zxid & 0xffffffffn) === 1n);
    const { txn, payload } = second[at - 1]!;
    const left = [1n, 2n].map((by) => {
      const header = { ...txn.header, zxid: asZxid(txn.header.zxid + by) };
      return { txn: { ...txn, header }, payload };
    });
    second.splice(at, 0, ...left);
    const chain = chainOf(new Map([first, second].entries()));
    expect(chain.violations).toEqual([]);
    expect(chain.dropped).toBe(2);
    expect(chain.transactions.map(zxidOf)).toEqual(one.chain.transactions.map(zxidOf));
  });

  it('knows what an epoch stands on that begins with a refusal', async () => {
    const one = await evidence();
    const logs = await Promise.all(
      one.findings.map(({ member }) => readLogs(ensemble.dataDirOf(member))),
    );
    for (const log of logs) {
      const at = log.findLastIndex(({ txn }) => (txn.header.zxid & 0xffffffffn) === 1n);
      const { txn, payload } = log[at]!;
      log[at] = { txn: { ...txn, digest: null }, payload };
      // The first member was sent a snapshot in the place of what is missing now.
      if (log === logs[0]) log.splice(at - 6, 6);
    }
    const chain = chainOf(new Map(logs.entries()));
    expect(chain.violations).toEqual([]);
    expect(chain.transactions.map(zxidOf)).toEqual(one.chain.transactions.map(zxidOf));
  });

  it('sees that nothing fits before an epoch', async () => {
    const one = await evidence();
    const log = await readLogs(ensemble.dataDirOf(one.findings[0]!.member));
    const at = log.findLastIndex(({ txn }) => (txn.header.zxid & 0xffffffffn) === 1n);
    const { txn, payload } = log[at]!;
    // A refused request, as it may be, has none of its own.
    const digest = { version: 2, treeDigest: 1n };
    log.splice(at - 1, 2, { txn: { ...txn, digest }, payload });
    const other = log.map((logged) => logged);
    other.splice(at - 5, 4);
    expect(chainOf(new Map([log, other].entries())).violations.join()).toMatch(/stands on none of/);
  });

  it('sees that a read went back behind what its session had seen', async () => {
    const one = await evidence();
    const read = operationOf(one, isDone(Opcode.GetData));
    read.answer = { ...read.answer!, zxid: read.answer!.zxid - 40n };
    expect(violationsOf(one)).toMatch(/saw \d+ behind \d+/);
  });

  it('sees that a read was answered with what was not there', async () => {
    const one = await evidence();
    const read = operationOf(one, isDone(Opcode.GetData));
    read.answer!.body[6]! ^= 1;
    expect(violationsOf(one)).toMatch(/was read as of \d+ with other data/);
  });

  it('sees that a sync did not bring what was complete', async () => {
    const one = await evidence();
    const sync = operationOf(one, isDone(Opcode.Sync));
    const write = operationOf(one, isDone(Opcode.SetData));
    Object.assign(write, { invokedMs: sync.invokedMs - 2 });
    write.answer = { ...write.answer!, atMs: sync.invokedMs - 1, zxid: 1n << 40n };
    expect(violationsOf(one)).toMatch(/saw \d+ on connection \d+, synced to \d+/);
  });

  it('sees that a write is ordered before one that was complete when it was asked for', async () => {
    const one = await evidence();
    const write = one.history.journal.operations.find(isDone(Opcode.SetData))!;
    const last = operationOf(one, isDone(Opcode.SetData));
    Object.assign(write, { invokedMs: last.answer!.atMs + 1 });
    expect(violationsOf(one)).toMatch(/was asked for when \d+ was complete/);
  });

  it('sees that a write was done that nobody has asked for', async () => {
    const one = await evidence();
    const write = operationOf(one, isDone(Opcode.SetData));
    Object.assign(write, { xid: 1_000_000 });
    expect(violationsOf(one)).toMatch(/nobody has asked for transaction/);
  });

  it('sees that a number was given out twice', async () => {
    const one = await evidence();
    const isNumbered = (operation: Operation): boolean =>
      isDone(Opcode.Create)(operation) &&
      operation.ask.type === Opcode.Create &&
      operation.ask.body.path.endsWith('-');
    const first = one.history.journal.operations.find(isNumbered)!;
    const last = operationOf(one, isNumbered);
    last.answer = { ...last.answer!, body: first.answer!.body };
    expect(violationsOf(one)).toMatch(/was given out twice/);
  });

  it('sees that somebody was not told of a change', async () => {
    const one = await evidence();
    const life = one.history.journal.sessions.find(({ heard }) =>
      heard.some((what) => what.kind === 'event' && what.type === EventType.DataChanged),
    )!;
    const at = life.heard.findIndex(
      (what) => what.kind === 'event' && what.type === EventType.DataChanged,
    );
    life.heard.splice(at, 1);
    expect(violationsOf(one)).toMatch(/was not told that|had not asked/);
  });

  it('sees that a session was ended while it lived', async () => {
    const one = await evidence();
    const { transactions } = one.chain;
    const ends = transactions.filter(({ record }) => record.type === Opcode.CloseSession);
    const end = ends.findLast(({ header }) =>
      one.history.journal.sessions.some(({ id }) => id === BigInt.asUintN(64, header.clientId)),
    )!;
    Object.assign(end.header, { time: end.header.time - 4000n });
    expect(violationsOf(one)).toMatch(/was ended after -?\d+ ms of silence/);
  });

  it('sees that a session was turned away which had not ended', async () => {
    const one = await evidence();
    const ends = one.chain.transactions.filter(({ record }) => record.type === Opcode.CloseSession);
    const ended = new Set(ends.map(({ header }) => BigInt.asUintN(64, header.clientId)));
    const life = one.history.journal.sessions.find(({ id }) => !ended.has(id))!;
    const refused = new Map([[life.id, 0]]);
    const { history } = one;
    const { journal, strokes, foreign } = history;
    const spoilt = { ...one, history: { journal, strokes, foreign, refused } };
    expect(violationsOf(spoilt)).toMatch(/was turned away and has not ended/);
  });

  it('sees an ephemeral that has outlived its session', async () => {
    const spoilt = spoiltFinding(await evidence(), (finding) => {
      const [node] = finding.tree.filter(({ path }) => path === '/people');
      const left = { ...node!, path: '/people/p0-0000000000' };
      return { ...finding, tree: [...finding.tree, left] };
    });
    expect(violationsOf(spoilt)).toMatch(/has \/people\/p0-0000000000, which should not be there/);
  });

  it('sees that a member lacks a node, or has it otherwise', async () => {
    const one = await evidence();
    const isQueue = ({ path }: { readonly path: string }): boolean => path === '/queue';
    const lacking = spoiltFinding(one, (finding) => ({
      ...finding,
      tree: finding.tree.filter((node) => !isQueue(node)),
    }));
    expect(violationsOf(lacking)).toMatch(/lacks \/queue/);
    const other = spoiltFinding(one, (finding) => ({
      ...finding,
      tree: finding.tree.map((node) => (isQueue(node) ? { ...node, data: 'b3RoZXI=' } : node)),
    }));
    expect(violationsOf(other)).toMatch(/has \/queue as b3RoZXI=/);
  });

  it('sees that digests differ', async () => {
    const one = await evidence();
    const [zxid = ''] = Object.keys(one.findings[1]!.digests);
    const spoilt = spoiltFinding(one, (finding) => ({
      ...finding,
      digests: { ...finding.digests, [zxid]: 'other' },
      mismatches: 2,
    }));
    expect(violationsOf(spoilt)).toMatch(/have other digests at/);
    expect(violationsOf(spoilt)).toMatch(/met 2 wrong digests/);
    const [last] = one.chain.transactions.slice(-1);
    Object.assign(last!.digest!, { treeDigest: 1n });
    expect(violationsOf(one)).toMatch(/was logged as 1 and is \d+/);
  });
});

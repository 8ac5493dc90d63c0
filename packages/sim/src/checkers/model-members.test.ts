import {
  asSessionId,
  asZxid,
  type Ensemble,
  ErrorCode,
  encodeUtf8,
  formatEnsemble,
  Opcode,
  parseEnsemble,
  type ReconfigRequest,
  type Transaction,
} from '@zabra/wire';
import { describe, expect, it } from 'vitest';
import { ModelMembers } from './model-members.ts';

const zxid = (1n << 32n) + 1n;
const lineOf = (id: number, role = 'participant'): string =>
  `server.${id}=m${id}:2888:3888:${role};2181`;

function ensembleOf(version: bigint, ...lines: readonly string[]): Ensemble {
  const outcome = parseEnsemble([...lines, `version=${version.toString(16)}`].join('\n'));
  if (outcome.kind !== 'ensemble') throw new Error(outcome.problem);
  return outcome.ensemble;
}

const founders = ensembleOf(0n, lineOf(1), lineOf(2), lineOf(3));
const asked = (what: Partial<ReconfigRequest>): ReconfigRequest => ({
  joiningServers: null,
  leavingServers: null,
  newMembers: null,
  curConfigId: -1n,
  ...what,
});

function logged(at: bigint, record: Transaction['record']): Transaction {
  const header = { clientId: asSessionId(1n), cxid: 1, zxid: asZxid(at), time: 0n };
  return { header, record, digest: null };
}

const refused = (err: number, at = zxid): Transaction =>
  logged(at, { type: Opcode.Error, body: { err } });

function changed(at: bigint, ...lines: readonly string[]): Transaction {
  const data = encodeUtf8(formatEnsemble(ensembleOf(at, ...lines)));
  return logged(at, {
    type: Opcode.Reconfig,
    body: { path: '/zookeeper/config', data, version: -1 },
  });
}

describe('a change of members in the log', () => {
  const leaving = asked({ leavingServers: '3' });
  const joining = asked({ joiningServers: lineOf(3, 'observer') });
  const others = asked({ newMembers: [lineOf(5), lineOf(4)].join(',') });

  it('is right where it is what was asked for', () => {
    const model = new ModelMembers(founders, 2, []);
    expect(model.judge(leaving, changed(zxid, lineOf(1), lineOf(2)))).toBeNull();
    expect(
      model.judge(joining, changed(zxid, lineOf(1), lineOf(2), lineOf(3, 'observer'))),
    ).toBeNull();
    expect(model.judge(others, changed(zxid, lineOf(4), lineOf(5)))).toBeNull();
  });

  it('is wrong where it is another', () => {
    const model = new ModelMembers(founders, 2, []);
    expect(model.judge(leaving, changed(zxid, lineOf(1), lineOf(3)))).toMatch(/makes/);
    expect(model.judge(joining, changed(zxid, lineOf(1), lineOf(2), lineOf(3)))).toMatch(/makes/);
    expect(model.judge(leaving, refused(ErrorCode.BadVersion))).toMatch(/refuses/);
    const tooFew = asked({ leavingServers: '2,3' });
    expect(model.judge(tooFew, changed(zxid, lineOf(1)))).toMatch(/makes/);
    expect(model.judge(tooFew, refused(ErrorCode.BadArguments))).toBeNull();
    // Whoever cannot be had at all is not refused for want of a quorum.
    expect(model.judge(tooFew, refused(ErrorCode.NewConfigNoQuorum))).toMatch(/refuses/);
  });

  it('is meant for the version that there is', () => {
    const model = new ModelMembers(founders, 2, []);
    model.apply(changed(zxid, lineOf(1), lineOf(2)));
    const guarded = asked({ joiningServers: lineOf(3), curConfigId: zxid });
    const after = changed(zxid + 1n, lineOf(1), lineOf(2), lineOf(3));
    expect(model.judge(guarded, after)).toBeNull();
    const late = { ...guarded, curConfigId: zxid - 1n };
    expect(model.judge(late, after)).toMatch(/makes/);
    expect(model.judge(late, refused(ErrorCode.BadVersion, zxid + 1n))).toBeNull();
  });

  it('is refused beside another only in the term of the other', () => {
    const model = new ModelMembers(founders, 2, []);
    expect(model.judge(leaving, refused(ErrorCode.ReconfigInProgress))).toMatch(/refuses/);
    model.apply(changed(zxid, lineOf(1), lineOf(2), lineOf(4)));
    const leavingAgain = asked({ leavingServers: '4' });
    expect(model.judge(leavingAgain, refused(ErrorCode.ReconfigInProgress, zxid + 1n))).toBeNull();
    const later = (2n << 32n) + 1n;
    expect(model.judge(leavingAgain, refused(ErrorCode.ReconfigInProgress, later))).toMatch(
      /refuses/,
    );
  });

  it('goes on from what a leader has brought to rule without a record', () => {
    const ensemble = ensembleOf(zxid + 7n, lineOf(1), lineOf(2), lineOf(4));
    const model = new ModelMembers(founders, 2, [{ epoch: 2, ensemble }]);
    const later = (2n << 32n) + 1n;
    model.enter(1);
    expect(model.judge(leaving, changed(zxid, lineOf(1), lineOf(2)))).toBeNull();
    model.enter(2);
    const after = changed(later, lineOf(1), lineOf(2), lineOf(4));
    expect(model.judge(leaving, after)).toBeNull();
    expect(model.judge({ ...leaving, curConfigId: zxid + 7n }, after)).toBeNull();
    expect(model.judge({ ...leaving, curConfigId: 1n << 32n }, after)).toMatch(/makes/);
  });
});

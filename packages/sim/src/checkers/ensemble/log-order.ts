/**
 * S-03 and S-05: what is in a log, or is sent to become part of one, was proposed by the leader of its
 * epoch, once, as it is; and each record stands behind the one that it was made for, without a hole.
 * A disk that has lost what it had is none of its server's doing, and may have one when it starts.
 */
import { PacketType } from '@zabra/wire';
import { type Entry, isNext, isSameRecord, named, zxidOfRecord } from './chain.ts';
import type { Known, ServerView } from './known.ts';
import type { Rule, Say } from './rule.ts';

const RECORDS: readonly number[] = [
  PacketType.Proposal,
  PacketType.Inform,
  PacketType.InformAndActivate,
];

export const logOrder: Rule = {
  started: ({ server, disk: { problem } }, known, say) => {
    if (problem === null || known.server(server).isForgetful) return;
    say('S-03', `server ${server} starts from a log where ${problem}`);
  },
  stored: ({ server, disk: { problem } }, known, say) => {
    if (problem === null || problem === known.server(server).disk.problem) return;
    say('S-03', `on the disk of server ${server} ${problem}`);
  },
  logged: ({ server, record }, known, say) => {
    const view = known.server(server);
    const where = `server ${server} logs`;
    judgeRecord(record, view, view.told, where, known, say);
  },
  sent: ({ connection, packet }, known, say) => {
    if (packet.record === null || !RECORDS.includes(packet.type)) return;
    const talk = known.talks.get(connection);
    if (talk === undefined) return;
    const { leader, learner, sent } = talk;
    const where = `server ${leader} sends ${learner}`;
    if (sent === null) say('S-03', `${where} a record before it has said how to get in step`);
    else judgeRecord(packet.record, known.server(leader), sent, where, known, say);
    if (zxidOfRecord(packet.record) === packet.zxid) return;
    say('S-05', `${where} a record under another zxid, ${named(packet.zxid)}`);
  },
};

function judgeRecord(
  record: Uint8Array,
  from: ServerView,
  before: Entry,
  where: string,
  known: Known,
  say: Say,
): void {
  const zxid = zxidOfRecord(record);
  const entry = known.chain.entryOf(zxid);
  if (entry === undefined) judgeProposal(zxid, from, where, known, say);
  else if (entry.zxid !== zxid || !isSameRecord(entry.bytes, record)) {
    say('S-05', `${where} another record ${named(zxid)} than was proposed`);
  }
  const isBehind =
    entry === undefined ? isNext(zxid, tipOf(from, zxid, before, known)) : entry.parent === before;
  if (!isBehind) say('S-03', `${where} ${named(zxid)} behind ${named(before.zxid)}`);
}

/** What a new proposal stands behind. */
function tipOf({ id }: ServerView, zxid: bigint, before: Entry, known: Known): Entry {
  return known.termOf(Number(zxid >> 32n), id)?.proposed ?? before;
}

/** What a leader had made before it gave up may reach its disk behind that. */
function judgeProposal(
  zxid: bigint,
  { id }: ServerView,
  where: string,
  known: Known,
  say: Say,
): void {
  if (known.termOf(Number(zxid >> 32n), id)?.isEstablished === true) return;
  say('S-05', `${where} ${named(zxid)}, which no leader has proposed`);
}

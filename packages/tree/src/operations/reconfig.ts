/**
 * reconfig: changes who the members are. The node that tells of them is replaced, and the zxid of
 * that is the version of the new configuration; that it comes to rule is the business of whoever
 * agrees on the transaction. Answered like a read of the node.
 *
 * Transaction: path ustring, data buffer, version int (-1: versions of this node are not counted).
 */
import {
  asZxid,
  decodeReconfigRequest,
  type Ensemble,
  ErrorCode,
  encodeUtf8,
  formatEnsemble,
  Opcode,
  Permission,
  type ReconfigRequest,
} from '@zabra/wire';
import type { Application } from '../application.ts';
import { changeMembers } from '../change-members.ts';
import { MALFORMED, type Preparation } from '../preparation.ts';
import { CONFIG_PATH } from '../reserved-paths.ts';
import { replaceData, writeData } from './set-data.ts';

const ANY_VERSION = -1n;
const UNCOUNTED = -1;
const PATH: Uint8Array = encodeUtf8(CONFIG_PATH);
const PATH_VIEW: DataView = viewOf(PATH);

export function prepareReconfig(p: Preparation): number {
  const request = decodeReconfigRequest(p.reader);
  if (request === null) return MALFORMED;
  if (!p.settings.reconfigEnabled) return ErrorCode.ReconfigDisabled;
  if (p.session === null || p.session.closing) return ErrorCode.SessionExpired;
  const ensemble = planned(p, request);
  if (typeof ensemble === 'number') return ensemble;
  const { out, node } = p;
  out.int(PATH.length);
  const start = out.position;
  out.raw(PATH, PATH_VIEW, 0, PATH.length);
  p.locateNode(start, out.position);
  if (!node.exists) return ErrorCode.NoNode;
  if (!p.may(Permission.Write, node)) return ErrorCode.NoAuth;
  const text = encodeUtf8(formatEnsemble(ensemble));
  writeData(p, text, viewOf(text), 0, text.length, UNCOUNTED);
  p.type = Opcode.Reconfig;
  p.ensemble = ensemble;
  return ErrorCode.Ok;
}

/** What the members would be, or why they cannot be changed now. */
function planned(p: Preparation, request: ReconfigRequest): Ensemble | number {
  const { members } = p;
  if (members === null) return ErrorCode.Unimplemented;
  if (members.isChanging) return ErrorCode.ReconfigInProgress;
  const { newest } = members;
  const { curConfigId } = request;
  if (curConfigId !== ANY_VERSION && curConfigId !== newest.version) return ErrorCode.BadVersion;
  const plan = changeMembers(newest, request, p.settings);
  if (plan === null) return ErrorCode.BadArguments;
  const version = asZxid((BigInt(p.zxidHigh) << 32n) | BigInt(p.zxidLow >>> 0));
  const ensemble = { ...plan, version };
  return members.hasQuorumOf(ensemble) ? ensemble : ErrorCode.NewConfigNoQuorum;
}

export function applyReconfig(a: Application): void {
  const row = replaceData(a);
  if (row < 0) return;
  a.result.position = 0;
  a.tree.writeData(row, a.result);
  a.writeStat(row);
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

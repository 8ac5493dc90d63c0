/** What a session tells, in words. */
import { ErrorCode, EventType, errorName, formatSessionId } from '@zabra/wire';
import {
  type Completion,
  type LinkEnd,
  Outcome,
  RemovedEvent,
  type Report,
  type StatusReport,
  type WatchReport,
} from '../contract.ts';
import { operationName } from './show-request.ts';

const eventNames: ReadonlyMap<number, string> = new Map<number, string>([
  [EventType.Created, 'NodeCreated'],
  [EventType.Deleted, 'NodeDeleted'],
  [EventType.DataChanged, 'NodeDataChanged'],
  [EventType.ChildrenChanged, 'NodeChildrenChanged'],
  [RemovedEvent.Data, 'DataWatchRemoved'],
  [RemovedEvent.Child, 'ChildWatchRemoved'],
  [RemovedEvent.Persistent, 'PersistentWatchRemoved'],
]);

export function showReport(report: Report): string {
  if (report.kind === 'completion') return showCompletion(report);
  return report.kind === 'watch' ? showWatch(report) : showStatus(report);
}

function showCompletion(completion: Completion): string {
  const { token, opcode, outcome, code, maybeApplied, zxidHigh, zxidLow, body } = completion;
  const head = `${token}: ${operationName(opcode)}`;
  if (outcome !== Outcome.Answered) {
    return `${head} ${outcome}, ${errorName(code)}${maybeApplied ? ', may be applied' : ''}`;
  }
  const said = code === ErrorCode.Ok ? 'ok' : errorName(code);
  const bytes = body === null || body.length === 0 ? '' : `, ${body.length} bytes`;
  return `${head} ${said}${showZxid(zxidHigh, zxidLow)}${bytes}`;
}

function showWatch({ type, path, watchers, zxidHigh, zxidLow }: WatchReport): string {
  const name = eventNames.get(type) ?? `event ${type}`;
  return `${name} ${path} for ${watchers.join(' ')}${showZxid(zxidHigh, zxidLow)}`;
}

function showZxid(high: number, low: number): string {
  const zxid = (BigInt(high) << 32n) | BigInt(low >>> 0);
  return zxid === 0n ? '' : `, zxid ${zxid}`;
}

function showStatus(status: StatusReport): string {
  switch (status.kind) {
    case 'connecting':
      return `is connecting to ${status.endpoint.host}, attempt ${status.attempt}`;
    case 'connected': {
      const { endpoint, sessionId, timeoutMs, isReadOnly, isResumed } = status;
      const which = `${isResumed ? 'the same' : 'a new'} session ${formatSessionId(sessionId)}`;
      const how = isReadOnly ? ', only to read' : '';
      return `is connected to ${endpoint.host}, ${which}, timeout ${timeoutMs}${how}`;
    }
    case 'rearmed':
      return 'has set its watches again';
    case 'suspended':
      return `is suspended: ${showEnd(status.end)}; ${status.sentLost} were sent`;
    case 'unreachable': {
      const failures = status.failures.map(({ endpoint, end }) => {
        return `${endpoint.host} ${showEnd(end)}`;
      });
      return `finds no server: ${failures.join('; ')}`;
    }
    case 'sasl': {
      const challenge =
        status.challenge === null ? 'none' : String.fromCharCode(...status.challenge);
      return status.isFirst ? 'wants a SASL token' : `has a SASL challenge: ${challenge}`;
    }
    case 'lost':
      return `is lost, says ${status.by === 'server' ? 'the server' : 'its own clock'}`;
    case 'auth-failed':
      return `has failed to prove an identity of ${status.scheme}`;
    case 'closed':
      return status.isEnded ? 'is closed' : 'is closed here; the server has not heard of it';
  }
}

function showEnd({ kind, detail }: LinkEnd): string {
  return `${kind} (${detail})`;
}

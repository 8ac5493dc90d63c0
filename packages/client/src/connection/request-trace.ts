/** What calls tell to whoever listens from outside. */
import type { Completion, Session } from '../session/index.ts';
import type { Call } from './call.ts';
import type { Channel, RequestTrace } from './tracing.ts';

export function beginTrace(channel: Channel<RequestTrace>, call: Call, session: Session): void {
  const { server, credentials } = session;
  call.trace = {
    op: call.kind.op,
    path: call.path,
    server: server === null ? undefined : `${server.host}:${server.port}`,
    sessionId: credentials?.sessionId,
    bytesOut: call.body.length,
    bytesIn: 0,
    tookMs: 0,
    zxid: undefined,
  };
  channel.begin(call.trace);
}

export function endTrace(
  channel: Channel<RequestTrace>,
  call: Call,
  { body, zxidHigh, zxidLow }: Completion,
  value: unknown,
): void {
  const trace = call.trace!;
  trace.bytesIn = body?.length ?? 0;
  trace.zxid = (BigInt(zxidHigh) << 32n) | BigInt(zxidLow >>> 0);
  trace.tookMs = performance.now() - call.askedMs;
  trace.result = value;
  channel.end(trace);
}

export function failTrace(channel: Channel<RequestTrace>, call: Call, error: unknown): void {
  const trace = call.trace!;
  trace.tookMs = performance.now() - call.askedMs;
  trace.error = error;
  channel.fail(trace);
}

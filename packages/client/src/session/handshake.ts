/**
 * The first frame each way. It knows what a server's greeting means to a client in this situation,
 * and does nothing about it.
 */
import {
  asZxid,
  decodeConnectResponse,
  encodeConnectRequest,
  encodeFrame,
  JuteReader,
  type JuteWriter,
  NO_SESSION,
  SESSION_PASSWORD_BYTES,
  type SessionId,
} from '@zabra/wire';
import type { Credentials } from './contract.ts';

export interface Hello {
  readonly zxidHigh: number;
  readonly zxidLow: number;
  readonly timeoutMs: number;
  /** Null for a new session. */
  readonly credentials: Credentials | null;
  readonly canBeReadOnly: boolean;
}

export type Greeting =
  | {
      readonly kind: 'welcome';
      readonly sessionId: SessionId;
      readonly password: Uint8Array;
      readonly timeoutMs: number;
      readonly isReadOnly: boolean;
    }
  /** The session that was asked for is no more. */
  | { readonly kind: 'lost' }
  | { readonly kind: 'nonsense'; readonly detail: string };

const NO_PASSWORD = new Uint8Array(SESSION_PASSWORD_BYTES);

export function writeHello(writer: JuteWriter, hello: Hello): void {
  const { zxidHigh, zxidLow, timeoutMs, credentials, canBeReadOnly } = hello;
  encodeFrame(writer, (body) =>
    encodeConnectRequest(body, {
      protocolVersion: 0,
      lastZxidSeen: asZxid((BigInt(zxidHigh) << 32n) | BigInt(zxidLow >>> 0)),
      timeoutMs,
      sessionId: credentials?.sessionId ?? NO_SESSION,
      password: credentials?.password ?? NO_PASSWORD,
      readOnly: canBeReadOnly,
    }),
  );
}

export function judgeGreeting(frame: Uint8Array, hello: Hello): Greeting {
  const response = decodeConnectResponse(JuteReader.over(frame));
  if (response === null) return nonsense('the answer to the connect request is none');
  const { timeoutMs, sessionId, password, readOnly } = response;
  const asked = hello.credentials?.sessionId ?? NO_SESSION;
  if (timeoutMs <= 0) {
    return asked === NO_SESSION ? nonsense('a new session was refused') : { kind: 'lost' };
  }
  if (sessionId === NO_SESSION || password === null) return nonsense('a session without an id');
  const isReadOnly = readOnly === true;
  if (isReadOnly && !hello.canBeReadOnly) return nonsense('the server only reads');
  if (asked !== NO_SESSION && sessionId !== asked) {
    // Some servers give a new session in silence. To believe it the old one would be to believe in
    // ephemeral nodes that are gone. One that only reads cannot know.
    return isReadOnly ? nonsense('another session than was asked for') : { kind: 'lost' };
  }
  return { kind: 'welcome', sessionId, password, timeoutMs, isReadOnly };
}

function nonsense(detail: string): Greeting {
  return { kind: 'nonsense', detail };
}

/**
 * A session over a raw connection: requests may be pipelined, each resolves with its own reply, and
 * watch events are collected in the order they came. It holds no opinion about what is legal; a
 * reply that answers nothing that was asked ends the client with an error.
 *
 * @example
 * const client = await RawClient.connect({ port });
 * const [made, read] = await Promise.all([
 *   client.call(Op.create, createBody('/a')),
 *   client.call(Op.getData, pathAndWatch('/a')),
 * ]);
 * client.destroy();
 */
import { framed, RawLink } from './raw-link.ts';
import {
  type ConnectResponse,
  NOTIFICATION_XID,
  type Reply,
  readConnectResponse,
  readEvent,
  readReply,
  type WatchEvent,
} from './raw-replies.ts';
import {
  AUTH_XID,
  authBody,
  type ConnectFields,
  connectRequest,
  Op,
  PING_XID,
  request,
} from './raw-requests.ts';

export interface ConnectTarget extends ConnectFields {
  readonly port: number;
}

/** The connection ended before the reply came: the outcome of the request is unknown. */
export class ConnectionLost extends Error {}

interface PendingReply {
  readonly xid: number;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

export class RawClient {
  readonly link: RawLink;
  readonly session: ConnectResponse;
  readonly events: WatchEvent[] = [];
  readonly #pending: PendingReply[] = [];
  #xid = 0;

  private constructor(link: RawLink, session: ConnectResponse) {
    this.link = link;
    this.session = session;
    link.onFrame = (frame) => this.#onFrame(frame);
    void link.closed.then(() => this.#failAll(new ConnectionLost('the connection ended')));
  }

  static async connect(target: ConnectTarget): Promise<RawClient> {
    const link = await RawLink.open(target.port);
    link.send(connectRequest(target));
    const frame = await link.frame();
    if (frame === null) throw new ConnectionLost('refused without an answer to the handshake');
    const session = readConnectResponse(frame);
    if (session.timeoutMs <= 0) {
      link.destroy();
      throw new Error('the session has expired or is unknown');
    }
    return new RawClient(link, session);
  }

  /** Sends a request under the next xid and waits for its reply. */
  call(type: number, body: Uint8Array = Buffer.alloc(0)): Promise<Reply> {
    this.#xid += 1;
    return this.exchange(this.#xid, type, body);
  }

  /** The same under an xid of the caller's choice. */
  exchange(xid: number, type: number, body: Uint8Array = Buffer.alloc(0)): Promise<Reply> {
    return this.post(request(xid, type, body));
  }

  /** Sends a whole payload, whose first four bytes are its xid, and waits for its reply. */
  post(payload: Buffer): Promise<Reply> {
    const xid = payload.readInt32BE(0);
    if (this.link.isClosed) return Promise.reject(new ConnectionLost('not connected'));
    return new Promise((resolve, reject) => {
      this.#pending.push({ xid, resolve, reject });
      this.link.write(framed(payload));
    });
  }

  /** Like `call`, for operations the test takes for granted: any error fails it. */
  async must(type: number, body?: Uint8Array): Promise<Reply> {
    const reply = await this.call(type, body);
    if (reply.error !== 0) throw new Error(`operation ${type} was refused with ${reply.error}`);
    return reply;
  }

  ping(): Promise<Reply> {
    return this.exchange(PING_XID, Op.ping);
  }

  auth(scheme: string, auth: string): Promise<Reply> {
    return this.exchange(AUTH_XID, Op.auth, authBody(scheme, auth));
  }

  async closeSession(): Promise<Reply> {
    const reply = await this.call(Op.closeSession);
    await this.link.end();
    return reply;
  }

  /** Drops the connection and leaves the session to its timeout. */
  destroy(): void {
    this.link.destroy();
  }

  #onFrame(frame: Buffer): void {
    const reply = readReply(frame);
    // A request may be sent under xid -1 too; only what nobody asked for is an event.
    if (reply.xid === NOTIFICATION_XID && this.#pending[0]?.xid !== NOTIFICATION_XID) {
      this.events.push(readEvent(reply));
      return;
    }
    this.#takePending(reply)?.resolve(reply);
  }

  #takePending(reply: Reply): PendingReply | undefined {
    const oldest = this.#pending[0];
    if (oldest?.xid === reply.xid) return this.#pending.shift();
    // Apache answers auth at once, ahead of requests that were sent before it.
    const place = this.#pending.findIndex((pending) => pending.xid === reply.xid);
    if (reply.xid === AUTH_XID && place > 0) return this.#pending.splice(place, 1)[0];
    this.#failAll(new Error(`a reply to ${reply.xid} came, ${oldest?.xid} was due`));
    this.link.destroy();
    return undefined;
  }

  #failAll(error: Error): void {
    for (const pending of this.#pending.splice(0)) pending.reject(error);
  }
}

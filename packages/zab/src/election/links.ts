/**
 * The connections over which votes travel: one for each pair of servers, kept open whatever the two
 * are doing. Either side may call, but only a call from the server with the larger id is kept; the
 * other one's just says "call me".
 *
 * Votes say what their sender thinks now, so of those that wait for a server only the last is kept,
 * and the last one sent is sent again over every new connection: it may have been lost with the old.
 * Which is why a vote is never news of its sender's present.
 *
 * It knows links by number and what votes look like as bytes, nothing of what they mean.
 */
import {
  appendNotificationFrame,
  assert,
  dialableAddresses,
  encodeInitialMessage,
  type InitialMessage,
  InitialMessageScanner,
  JuteWriter,
  type Notification,
  NotificationFrames,
  type ServerAddress,
  type ServerId,
  UNNAMED_OBSERVER,
} from '@zabra/wire';
import type { ElectionPost } from './election.ts';
import type { Notices } from './notices.ts';

export interface ElectionLinksSettings {
  readonly id: ServerId;
  /** Where this server itself listens for votes, until it is told otherwise; more than one only where multi-address is on. */
  readonly addresses: readonly ServerAddress[];
  /** `v2`, with all addresses, is not understood by 3.5. */
  readonly form: 'v1' | 'v2';
  /** Who calls has so long to say who it is. */
  readonly greetingMs: number;
}

/** Takes the votes that come in. */
export interface ElectionInbox {
  onNotification(from: ServerId, notification: Notification, nowMs: number): void;
  /** Somebody for whom a vote waits was called and did not answer. */
  onUnreachable(): void;
}

/** Where the other members listen for votes; several addresses of one are tried one by one. */
export type ElectionAddresses = ReadonlyMap<ServerId, readonly ServerAddress[]>;

/** Call that server: answered by `linkOpened` or `dialFailed`. Names are resolved anew each time. */
interface DialOrder {
  readonly kind: 'dial';
  readonly to: ServerId;
  readonly addresses: readonly ServerAddress[];
}

/** Send what was taken for it, then close the link. It is forgotten here, whatever becomes of it. */
interface CloseLinkOrder {
  readonly kind: 'closeLink';
  readonly link: number;
  /** For the log, where it is worth a line. */
  readonly reason: string | null;
}

export type LinkOrder = DialOrder | CloseLinkOrder;

/** Bytes for a link; nothing more is handed out for it until the body says that they have left. */
export interface LinkOutput {
  readonly link: number;
  readonly bytes: Uint8Array;
}

/** Servers that are no members are heard too, they may become some; more of them push out others. */
export const STRANGERS_MAX = 64;
/** Calls of which it is not known yet whose they are; more of them push out the oldest. */
export const GREETINGS_MAX = 64;
/** With so many calls under way, those who are no members are not called back. */
export const DIALS_MAX = 64;

const NEVER = Number.POSITIVE_INFINITY;

/** Another server, as far as letters to it go. */
interface Correspondent {
  readonly id: ServerId;
  link: Link | null;
  waiting: Notification | null;
  /** The last that left for it. */
  last: Notification | null;
  /** The last call did not come through, and no other is under way. */
  isOutOfReach: boolean;
}

interface Link {
  readonly number: number;
  /** Whose it is; null until it has said so, and when it says that it is us. */
  correspondent: Correspondent | null;
  /** Null once it has said who it is. */
  scanner: InitialMessageScanner | null;
  readonly frames: NotificationFrames;
  /** When it must have said who it is. */
  readonly greetingDueMs: number;
  /** Whether we have called and have to say who we are. */
  owesGreeting: boolean;
  /** Whether what was taken for it is still on its way. */
  isBusy: boolean;
}

export class ElectionLinks implements ElectionPost {
  readonly #settings: ElectionLinksSettings;
  readonly #inbox: ElectionInbox;
  readonly #notices: Notices;
  #addresses: ElectionAddresses = new Map();
  #own: readonly ServerAddress[];
  readonly #correspondents = new Map<ServerId, Correspondent>();
  readonly #links = new Map<number, Link>();
  /** Those who have called and not said who they are, the oldest first. */
  readonly #greeting = new Set<Link>();
  /** A call from somebody with our own id; it is let hang, as it would only be repeated. */
  #double: Link | null = null;
  readonly #dialling = new Set<ServerId>();
  readonly #ready = new Set<Link>();
  #output: LinkOutput[] = [];
  /** What leaves is written here and copied, for it is little. */
  readonly #writer = new JuteWriter();
  #hasStopped = false;
  #orders: LinkOrder[] = [];

  constructor(settings: ElectionLinksSettings, inbox: ElectionInbox, notices: Notices) {
    const { form, addresses } = settings;
    assert(form === 'v2' || addresses.length === 1, 'only the second form has room for several');
    this.#settings = settings;
    this.#own = addresses;
    this.#inbox = inbox;
    this.#notices = notices;
  }

  // For the election.

  /** Takes the place of whatever waits for that server. */
  send(to: ServerId, notification: Notification): void {
    assert(to !== this.#settings.id, 'nobody calls himself');
    const correspondent = this.#correspond(to);
    correspondent.waiting = notification;
    if (correspondent.link === null) this.#dial(to, this.#addresses.get(to) ?? []);
    else this.#ready.add(correspondent.link);
  }

  get hasDelivered(): boolean {
    for (const { waiting, last } of this.#correspondents.values()) {
      if (waiting === null && last !== null) return true;
    }
    return false;
  }

  isOutOfReach(id: ServerId): boolean {
    return this.#correspondents.get(id)?.isOutOfReach ?? false;
  }

  dialAll(): void {
    for (const { id, link } of this.#correspondents.values()) {
      if (link === null) this.#dial(id, this.#addresses.get(id) ?? []);
    }
  }

  // Handing in.

  /** Who the members are from now on; and where this server listens, null where it does as before. */
  configure(addresses: ElectionAddresses, own: readonly ServerAddress[] | null): void {
    this.#addresses = addresses;
    if (own !== null) this.#own = own;
  }

  /** `dialled` is whom it was called for; null for a link that somebody else has opened. */
  linkOpened(number: number, dialled: ServerId | null, nowMs: number): void {
    const link = makeLink(number, nowMs + this.#settings.greetingMs, dialled);
    this.#links.set(number, link);
    if (this.#hasStopped) this.#close(link, null);
    else if (dialled === null) this.#awaitGreeting(link);
    else this.#onDialled(link, dialled);
  }

  dialFailed(id: ServerId): void {
    this.#dialling.delete(id);
    const correspondent = this.#correspondents.get(id);
    if (correspondent === undefined || correspondent.link !== null) return;
    correspondent.isOutOfReach = true;
    this.#inbox.onUnreachable();
  }

  received(number: number, chunk: Uint8Array, nowMs: number): void {
    const link = this.#links.get(number);
    if (link === undefined || link === this.#double) return;
    const { scanner } = link;
    if (scanner === null) {
      this.#readFrames(link, chunk, nowMs);
      return;
    }
    const taken = scanner.push(chunk);
    const { outcome } = scanner;
    if (outcome === null) return;
    this.#greeting.delete(link);
    link.scanner = null;
    if (outcome.kind === 'refused') {
      this.#close(link, `it began with what is no election message (${outcome.reason})`);
      return;
    }
    this.#onGreeting(link, outcome.message);
    if (link.correspondent !== null) this.#readFrames(link, chunk.subarray(taken), nowMs);
  }

  /** What was taken for the link has left. */
  flushed(number: number): void {
    const link = this.#links.get(number);
    if (link === undefined) return;
    link.isBusy = false;
    if (link.correspondent !== null && link.correspondent.waiting !== null) this.#ready.add(link);
  }

  closed(number: number): void {
    const link = this.#links.get(number);
    if (link !== undefined) this.#forget(link);
  }

  onTimer(nowMs: number): void {
    for (const link of this.#greeting) {
      if (link.greetingDueMs > nowMs) return;
      this.#close(link, 'it did not say who it is in time');
    }
  }

  /** Closes every link and forgets what was sent: the votes to come are of another configuration. */
  restart(): void {
    for (const link of this.#links.values()) this.#close(link, null);
    this.#correspondents.clear();
  }

  /** Closes every link, and every one that opens. */
  stop(): void {
    this.restart();
    this.#hasStopped = true;
  }

  // Handing out.

  /** To be sent before the orders taken after it are performed. */
  takeOutput(): readonly LinkOutput[] {
    for (const link of this.#ready) if (!link.isBusy) this.#write(link);
    this.#ready.clear();
    const taken = this.#output;
    if (taken.length > 0) this.#output = [];
    return taken;
  }

  takeOrders(): readonly LinkOrder[] {
    const taken = this.#orders;
    if (taken.length > 0) this.#orders = [];
    return taken;
  }

  wakeAt(): number {
    for (const { greetingDueMs } of this.#greeting) return greetingDueMs;
    return NEVER;
  }

  // Inside: who keeps the connection.

  #dial(to: ServerId, addresses: readonly ServerAddress[]): void {
    if (addresses.length === 0 || this.#dialling.has(to)) return;
    if (!this.#addresses.has(to) && this.#dialling.size >= DIALS_MAX) return;
    this.#dialling.add(to);
    this.#correspond(to).isOutOfReach = false;
    this.#orders.push({ kind: 'dial', to, addresses });
  }

  #onDialled(link: Link, to: ServerId): void {
    this.#dialling.delete(to);
    if (to < this.#settings.id) {
      this.#adopt(link, this.#correspond(to));
      return;
    }
    // It may have called meanwhile; to wake it again would only make it drop that call.
    const isNeeded = (this.#correspondents.get(to)?.link ?? null) === null;
    if (isNeeded) this.#write(link);
    this.#close(link, null);
  }

  #awaitGreeting(link: Link): void {
    this.#greeting.add(link);
    if (this.#greeting.size <= GREETINGS_MAX) return;
    for (const oldest of this.#greeting) {
      this.#close(oldest, 'too many have called who did not say who they are');
      return;
    }
  }

  #onGreeting(link: Link, message: InitialMessage): void {
    const { serverId } = message;
    if (serverId === UNNAMED_OBSERVER) {
      this.#close(link, 'it has no id, so nobody could call it back');
    } else if (serverId > this.#settings.id) {
      this.#adopt(link, this.#correspond(serverId));
    } else if (serverId < this.#settings.id) {
      this.#callBack(link, message);
    } else {
      if (this.#double !== null) this.#close(this.#double, null);
      this.#double = link;
      this.#notices.add('warn', 'another server has the id of this one', { id: `${serverId}` });
    }
  }

  /** It knows best whether the two are connected: what we hold may have died without a sign. */
  #callBack(link: Link, message: InitialMessage): void {
    const correspondent = this.#correspond(message.serverId);
    this.#close(link, null);
    if (correspondent.link !== null) this.#close(correspondent.link, null);
    const announced = dialableAddresses(message);
    const configured = this.#addresses.get(correspondent.id) ?? [];
    this.#dial(correspondent.id, announced.length > 0 ? announced : configured);
  }

  #adopt(link: Link, correspondent: Correspondent): void {
    if (correspondent.link !== null) this.#close(correspondent.link, null);
    correspondent.link = link;
    correspondent.isOutOfReach = false;
    link.correspondent = correspondent;
    correspondent.waiting ??= correspondent.last;
    if (link.owesGreeting || correspondent.waiting !== null) this.#ready.add(link);
  }

  // Inside: bytes.

  #readFrames(link: Link, chunk: Uint8Array, nowMs: number): void {
    const { correspondent, frames } = link;
    assert(correspondent !== null, 'whose frames these are is known');
    frames.push(chunk);
    while (correspondent.link === link) {
      const next = frames.next();
      if (next === null) return;
      if (next.kind === 'notification') {
        this.#inbox.onNotification(correspondent.id, next.notification, nowMs);
      } else if (next.kind === 'bad-length') {
        this.#close(link, `it sent a vote of ${next.length} bytes`);
      }
    }
  }

  #write(link: Link): void {
    const writer = this.#writer;
    writer.position = 0;
    if (link.owesGreeting) {
      const { id: serverId, form } = this.#settings;
      encodeInitialMessage(writer, { form, serverId, addresses: this.#own });
      link.owesGreeting = false;
    }
    const { correspondent } = link;
    if (correspondent !== null && correspondent.waiting !== null) {
      appendNotificationFrame(writer, correspondent.waiting);
      correspondent.last = correspondent.waiting;
      correspondent.waiting = null;
    }
    if (writer.position === 0) return;
    link.isBusy = true;
    this.#output.push({ link: link.number, bytes: writer.finish() });
  }

  // Inside: what is kept.

  #correspond(id: ServerId): Correspondent {
    const known = this.#correspondents.get(id);
    if (known !== undefined) return known;
    if (!this.#addresses.has(id)) this.#makeRoomForStranger();
    const correspondent: Correspondent = {
      id,
      link: null,
      waiting: null,
      last: null,
      isOutOfReach: false,
    };
    this.#correspondents.set(id, correspondent);
    return correspondent;
  }

  #makeRoomForStranger(): void {
    const strangers = [...this.#correspondents.values()].filter(
      ({ id }) => !this.#addresses.has(id),
    );
    const oldest = strangers.length < STRANGERS_MAX ? undefined : strangers[0];
    if (oldest === undefined) return;
    if (oldest.link !== null) this.#close(oldest.link, 'too many have called who are no members');
    this.#correspondents.delete(oldest.id);
  }

  #close(link: Link, reason: string | null): void {
    this.#orders.push({ kind: 'closeLink', link: link.number, reason });
    this.#forget(link);
  }

  #forget(link: Link): void {
    this.#links.delete(link.number);
    this.#greeting.delete(link);
    this.#ready.delete(link);
    if (this.#double === link) this.#double = null;
    const { correspondent } = link;
    if (correspondent?.link === link) correspondent.link = null;
  }
}

function makeLink(number: number, greetingDueMs: number, dialled: ServerId | null): Link {
  return {
    number,
    correspondent: null,
    scanner: dialled === null ? new InitialMessageScanner() : null,
    frames: new NotificationFrames(),
    greetingDueMs,
    owesGreeting: dialled !== null,
    isBusy: false,
  };
}

/**
 * Plays scripts of election links: one server's links, whose calls and bytes come from the script.
 * Votes are told apart by whom they are for.
 *
 *     server 2 of 1 2 3                the links of server 2; server N listens at hN:3888
 *     opens 7, opens 7 to 1            a call that came in as link 7; one that we made
 *     fails 1                          a call that was not answered
 *     7: says 3 at h3:3888             its first message; `bare`, `v2` are other forms
 *     7: vote 5                        a vote for 5; several numbers are votes in one chunk
 *     7: hex 00 01                     any bytes
 *     send 3 5                         a vote for 5, to server 3
 *     hold 7, flush 7                  what is sent stays on its way; it leaves
 *     closes 7                         the other side hangs up
 *     reach 1                          whether a server is known to be out of reach
 *     advance 5000, dial all, restart, members 1 2 3
 *     moves h9:3999                    a configuration has given this server another address
 */
import {
  appendNotificationFrame,
  asServerId,
  asZxid,
  encodeInitialMessage,
  formatServerAddress,
  type InitialMessageForm,
  InitialMessageScanner,
  JuteWriter,
  NOTIFICATION_VERSION,
  type Notification,
  NotificationFrames,
  PeerState,
  parseServerAddress,
  type ServerAddress,
  type ServerId,
} from '@zabra/wire';
import { ElectionLinks } from '../election/links.ts';
import { Notices } from '../election/notices.ts';
import { type Command, parseWords, type Words } from './script-file.ts';

type Verb = (words: Words) => void;
type LinkVerb = (link: number, words: Words) => void;

const GREETING_MS = 5000;

export class LinksScript {
  readonly #notices = new Notices();
  #nowMs = 0;
  #members: readonly string[] = [];
  #said: string[] = [];
  /** Links on which our greeting goes ahead of everything else. */
  readonly #dialled = new Set<number>();
  readonly #held = new Set<number>();
  #links: ElectionLinks = this.#makeLinks('1', false);
  readonly #verbs: ReadonlyMap<string, Verb> = new Map<string, Verb>([
    ['server', (words) => this.#makeServer(words)],
    ['members', ({ list }) => this.#configure(list.slice(1), null)],
    ['moves', ({ list }) => this.#configure(this.#members, list.slice(1))],
    ['opens', ({ list }) => this.#open(Number(list[1]), list[3])],
    ['fails', ({ list }) => this.#links.dialFailed(idOf(list[1]))],
    ['closes', ({ list }) => this.#links.closed(Number(list[1]))],
    ['send', ({ list }) => this.#links.send(idOf(list[1]), voteFor(list[2]))],
    ['hold', ({ list }) => void this.#held.add(Number(list[1]))],
    ['flush', ({ list }) => this.#flush(Number(list[1]))],
    ['dial', () => this.#links.dialAll()],
    [
      'delivered',
      () => this.#say(this.#links.hasDelivered ? 'something has left' : 'nothing has left'),
    ],
    [
      'reach',
      ({ list }) => {
        const isOut = this.#links.isOutOfReach(idOf(list[1]));
        this.#say(`${list[1]} ${isOut ? 'is out of reach' : 'may hear'}`);
      },
    ],
    ['restart', () => this.#links.restart()],
    ['advance', ({ list }) => this.#advance(Number(list[1]))],
    ['crowd', ({ list, options }) => this.#crowd(Number(list[1]), Number(list[3]), options)],
  ]);
  readonly #linkVerbs: ReadonlyMap<string, LinkVerb> = new Map<string, LinkVerb>([
    ['says', (link, words) => this.#receive(link, greetingOf(words))],
    ['vote', (link, { list }) => this.#receive(link, votesFor(list.slice(1)))],
    ['hex', (link, { list }) => this.#receive(link, bytesOf(list.slice(1).join('')))],
    ['drip', (link, words) => this.#drip(link, words)],
  ]);

  run(command: Command): string[] {
    const [, link, text = ''] = /^(?:(\d+): )?(.*)$/s.exec(command.text) ?? [];
    const words = parseWords(text);
    const verb = words.list[0] ?? '';
    if (link === undefined) known(this.#verbs.get(verb), text)(words);
    else known(this.#linkVerbs.get(verb), text)(Number(link), words);
    this.#takeAll();
    const said = this.#said;
    this.#said = [];
    return verb === 'crowd' ? [summaryOf(said)] : said;
  }

  #makeLinks(id: string | undefined, hasSeveral: boolean): ElectionLinks {
    const first = { host: `h${id}`, port: 3888 };
    const settings = {
      id: idOf(id),
      addresses: hasSeveral ? [first, { host: '::1', port: 3889 }] : [first],
      form: hasSeveral ? ('v2' as const) : ('v1' as const),
      greetingMs: GREETING_MS,
    };
    const inbox = {
      onNotification: (from: ServerId, { leader }: Notification) =>
        this.#say(`from ${from}: a vote for ${leader}`),
      onUnreachable: () => {},
    };
    return new ElectionLinks(settings, inbox, this.#notices);
  }

  #makeServer({ list, options }: Words): void {
    this.#links = this.#makeLinks(list[1], options.has('form'));
    this.#configure(list.slice(3), null);
    this.#dialled.clear();
    this.#held.clear();
    this.#nowMs = 0;
  }

  #configure(members: readonly string[], own: readonly string[] | null): void {
    this.#members = members;
    this.#links.configure(
      addressesOf(members),
      own?.map((text) => parseServerAddress(text)!) ?? null,
    );
  }

  #open(link: number, dialled: string | undefined): void {
    if (dialled !== undefined) this.#dialled.add(link);
    this.#links.linkOpened(link, dialled === undefined ? null : idOf(dialled), this.#nowMs);
  }

  /** `crowd 64 from 100`: as many callers, who say that they are 100, 101 and so on, or nothing. */
  #crowd(count: number, first: number, options: Words['options']): void {
    for (let i = first; i < first + count; i += 1) {
      this.#open(i, undefined);
      if (options.has('silent')) continue;
      this.#receive(i, greetingOf({ list: ['says', `${i}`, 'at', `h${i}:3888`], options }));
    }
  }

  #receive(link: number, chunk: Uint8Array): void {
    this.#links.received(link, chunk, this.#nowMs);
  }

  /** `drip says 3 at h3:3888`: the same, byte by byte. */
  #drip(link: number, { list, options }: Words): void {
    const rest = { list: list.slice(1), options };
    const bytes = rest.list[0] === 'says' ? greetingOf(rest) : votesFor(rest.list.slice(1));
    for (const byte of bytes) this.#receive(link, Uint8Array.of(byte));
  }

  #flush(link: number): void {
    this.#held.delete(link);
    this.#links.flushed(link);
  }

  #advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs;
    for (let at = this.#links.wakeAt(); at <= untilMs; at = this.#links.wakeAt()) {
      this.#nowMs = at;
      this.#links.onTimer(at);
    }
    this.#nowMs = untilMs;
  }

  #takeAll(): void {
    for (const { link, bytes } of this.#links.takeOutput()) {
      this.#say(`${link} <- ${this.#format(link, bytes)}`);
      if (!this.#held.has(link)) this.#links.flushed(link);
    }
    for (const order of this.#links.takeOrders()) {
      if (order.kind === 'dial') {
        this.#say(`dial ${order.to} at ${order.addresses.map(formatServerAddress).join(', ')}`);
      } else {
        this.#say(`close ${order.link}${order.reason === null ? '' : `: ${order.reason}`}`);
      }
    }
    for (const { text, facts } of this.#notices.take()) {
      this.#say(
        `notice: ${text}, ${Object.entries(facts)
          .map((fact) => fact.join('='))
          .join(', ')}`,
      );
    }
  }

  #format(link: number, bytes: Uint8Array): string {
    const parts: string[] = [];
    let start = 0;
    if (this.#dialled.delete(link)) {
      const scanner = new InitialMessageScanner();
      start = scanner.push(bytes);
      const { outcome } = scanner;
      if (outcome?.kind !== 'message') throw new Error('that is no first message');
      const { form, serverId, addresses } = outcome.message;
      parts.push(`${serverId} at ${addresses.map(formatServerAddress).join('|')} (${form})`);
    }
    const frames = new NotificationFrames();
    frames.push(bytes.subarray(start));
    for (let next = frames.next(); next !== null; next = frames.next()) {
      if (next.kind !== 'notification') throw new Error('that is no vote');
      parts.push(`a vote for ${next.notification.leader}`);
    }
    return parts.join(', ');
  }

  #say(text: string): void {
    this.#said.push(text);
  }
}

function summaryOf(said: readonly string[]): string {
  const dials = said.filter((line) => line.startsWith('dial')).length;
  const closed = said.filter((line) => line.startsWith('close')).length;
  return `${dials} dialled, ${closed} closed`;
}

function known<T>(verb: T | undefined, text: string): T {
  if (verb === undefined) throw new Error(`${text} is no command`);
  return verb;
}

function idOf(text: string | undefined): ServerId {
  return asServerId(BigInt(text ?? 0));
}

function addressesOf(ids: readonly string[]): Map<ServerId, ServerAddress[]> {
  return new Map(ids.map((id) => [idOf(id), [{ host: `h${id}`, port: 3888 }]]));
}

/** `says 3 at h3:3888|[::1]:3888 form=v2`. */
function greetingOf({ list, options }: Words): Uint8Array {
  const writer = new JuteWriter();
  const addresses = (list[3] ?? '').split('|').map((text) => parseServerAddress(text)!);
  const form = (options.get('form') ?? 'v1') as InitialMessageForm;
  encodeInitialMessage(writer, { form, serverId: idOf(list[1]), addresses });
  return writer.finish();
}

function voteFor(leader: string | undefined): Notification {
  return {
    state: PeerState.Looking,
    leader: idOf(leader),
    zxid: asZxid(0n),
    electionEpoch: 1n,
    peerEpoch: 0n,
    version: NOTIFICATION_VERSION,
    config: 'version=0',
  };
}

function votesFor(leaders: readonly string[]): Uint8Array {
  const writer = new JuteWriter();
  for (const leader of leaders) appendNotificationFrame(writer, voteFor(leader));
  return writer.finish();
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

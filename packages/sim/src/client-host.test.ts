/**
 * The session that ships against the server that ships: what one of them takes for granted of the
 * other is tried here.
 */

import { RemovedEvent, type Report, type SessionRequest } from '@zabra/client/session';
import { Chance } from '@zabra/replica';
import {
  AddWatchMode,
  CreateFlags,
  decodeUtf8,
  ErrorCode,
  EventType,
  encodeUtf8,
  JuteReader,
  JuteWriter,
  OPEN_ACL,
  Opcode,
  operations,
  WatcherType,
} from '@zabra/wire';
import { describe, expect, it } from 'vitest';
import type { HostedClient } from './client-host.ts';
import { ClientHost } from './client-host.ts';
import { SimDisk } from './disk.ts';
import { simSettings } from './settings.ts';
import { nothingSurvives } from './sim-directory.ts';

const TIMEOUT_MS = 12_000;
const WATCHER = 7;
const PATHS = ['/n0', '/n1', '/n2'];
const NOTHING = new Uint8Array(0);
/** Tokens of writes in a storm begin here. */
const WRITES = 1_000_000;

function encoded(opcode: number, encode: (writer: JuteWriter) => void): SessionRequest {
  const writer = new JuteWriter();
  encode(writer);
  return { token: 0, opcode, body: writer.finish() };
}

function create(path: string, flags: number = CreateFlags.Persistent): SessionRequest {
  const request = { path, data: null, acl: OPEN_ACL, flags };
  return encoded(Opcode.Create, (w) => operations[Opcode.Create].encodeRequest(w, request));
}

function setData(path: string, text: string): SessionRequest {
  const request = { path, data: encodeUtf8(text), version: -1 };
  return encoded(Opcode.SetData, (w) => operations[Opcode.SetData].encodeRequest(w, request));
}

/** All at once, so that several events share a zxid. */
function setAll(paths: readonly string[], text: string): SessionRequest {
  const data = encodeUtf8(text);
  const ops = paths.map((path) => {
    return { type: Opcode.SetData, body: { path, data, version: -1 } } as const;
  });
  return encoded(Opcode.Multi, (w) => operations[Opcode.Multi].encodeRequest(w, { ops }));
}

function remove(path: string): SessionRequest {
  const request = { path, version: -1 };
  return encoded(Opcode.Delete, (w) => operations[Opcode.Delete].encodeRequest(w, request));
}

function read(
  opcode: typeof Opcode.GetData | typeof Opcode.Exists | typeof Opcode.GetChildren,
  path: string,
  watcher = 0,
): SessionRequest {
  const watch = watcher > 0;
  const request = encoded(opcode, (w) => operations[opcode].encodeRequest(w, { path, watch }));
  return watch ? { ...request, watch: { watcher, path } } : request;
}

function addWatch(path: string, mode: number, watcher: number): SessionRequest {
  const request = encoded(Opcode.AddWatch, (w) =>
    operations[Opcode.AddWatch].encodeRequest(w, { path, mode }),
  );
  return { ...request, watch: { watcher, path } };
}

let nextToken = 1;

/** Asks, and lets the world come to rest; the answers' codes. */
function ask(host: ClientHost, client: HostedClient, ...requests: SessionRequest[]): number[] {
  const tokens = requests.map((request) => {
    nextToken += 1;
    client.session.request({ ...request, token: nextToken });
    return nextToken;
  });
  host.settle();
  const own = client.completions.filter(({ token }) => tokens.includes(token));
  return own.map(({ code }) => code);
}

function kindsOf(reports: readonly Report[]): string[] {
  return reports.map(({ kind }) => kind);
}

function eventsOf(reports: readonly Report[]): string[] {
  return reports.flatMap((report) =>
    report.kind === 'watch' ? [`${report.type} ${report.path} ${report.watchers.join(' ')}`] : [],
  );
}

function worldOf(people: number): { host: ClientHost; clients: HostedClient[] } {
  const host = new ClientHost({ settings: simSettings });
  const clients = Array.from({ length: people }, (_, seed) =>
    host.join({ seed, timeoutMs: TIMEOUT_MS }),
  );
  return { host, clients };
}

describe('a session on a server', { timeout: 60_000 }, () => {
  it('is opened, asks, is answered in order and closed', () => {
    const { host, clients } = worldOf(2);
    const [alice, bob] = clients as [HostedClient, HostedClient];
    expect(alice.session.state).toBe('connected');
    expect(alice.session.timeoutMs).toBe(TIMEOUT_MS);
    expect(ask(host, alice, create('/a'), setData('/a', 'x'), read(Opcode.GetData, '/a'))).toEqual([
      0, 0, 0,
    ]);
    const body = alice.completions.at(-1)!.body!;
    const response = operations[Opcode.GetData].decodeResponse(JuteReader.over(body))!;
    expect(decodeUtf8(response.data!)).toBe('x');
    expect(ask(host, alice, create('/a'), read(Opcode.GetData, '/b'))).toEqual([
      ErrorCode.NodeExists,
      ErrorCode.NoNode,
    ]);
    ask(host, alice, create('/e', CreateFlags.Ephemeral));
    ask(host, bob, read(Opcode.Exists, '/e', WATCHER));
    alice.session.close();
    host.settle();
    expect(alice.reports.at(-1)).toEqual({ kind: 'closed', isEnded: true });
    expect(alice.links.size).toBe(0);
    expect(eventsOf(bob.reports)).toEqual([`${EventType.Deleted} /e ${WATCHER}`]);
  });

  it('lives on pings alone', () => {
    const { host, clients } = worldOf(1);
    host.advance(20 * TIMEOUT_MS);
    expect(kindsOf(clients[0]!.reports)).toEqual(['connecting', 'connected']);
    expect(clients[0]!.session.figures.pingsSent).toBeGreaterThan(50);
  });

  it('hears before any answer what happened while it was away', () => {
    const { host, clients } = worldOf(2);
    const [alice, bob] = clients as [HostedClient, HostedClient];
    ask(host, bob, create('/d'), create('/c'), create('/gone'), create('/p'));
    ask(
      host,
      alice,
      read(Opcode.GetData, '/d', 1),
      read(Opcode.GetChildren, '/c', 2),
      read(Opcode.Exists, '/new', 3),
      read(Opcode.Exists, '/gone', 4),
      addWatch('/p', AddWatchMode.Persistent, 5),
      addWatch('/c', AddWatchMode.PersistentRecursive, 6),
      read(Opcode.GetData, '/p', 7),
    );
    host.cut(alice);
    const before = alice.reports.length;
    ask(host, bob, setData('/d', 'x'), create('/c/1'), create('/new'), remove('/gone'));
    ask(host, alice, read(Opcode.GetData, '/d'));
    host.advance(3000);
    const after = alice.reports.slice(before);
    expect(kindsOf(after)).toEqual([
      'suspended',
      'connecting',
      'connected',
      'watch',
      'watch',
      'watch',
      'watch',
      'rearmed',
      'completion',
    ]);
    expect(eventsOf(after).sort()).toEqual(
      [
        `${EventType.DataChanged} /d 1`,
        `${EventType.ChildrenChanged} /c 2`,
        `${EventType.Created} /new 3`,
        `${EventType.Deleted} /gone 4`,
      ].sort(),
    );
    const later = alice.reports.length;
    ask(host, bob, create('/c/2'), setData('/p', 'y'), setData('/d', 'z'));
    expect(eventsOf(alice.reports.slice(later))).toEqual([
      `${EventType.Created} /c/2 6`,
      `${EventType.DataChanged} /p 7 5`,
    ]);
  });

  it('hears nothing of watches that were removed, and all of those beside them', () => {
    const { host, clients } = worldOf(2);
    const [alice, bob] = clients as [HostedClient, HostedClient];
    ask(host, bob, create('/a'));
    ask(
      host,
      alice,
      read(Opcode.GetData, '/a', 1),
      read(Opcode.GetChildren, '/a', 1),
      addWatch('/a', AddWatchMode.Persistent, 2),
    );
    alice.session.unwatch(900, { path: '/a', type: WatcherType.Persistent, watcher: null });
    alice.session.unwatch(901, { path: '/a', type: WatcherType.Children, watcher: 1 });
    alice.session.unwatch(902, { path: '/a', type: WatcherType.Children, watcher: 1 });
    host.settle();
    const codes = [900, 901, 902].map((token) => {
      return alice.completions.find((completion) => completion.token === token)!.code;
    });
    expect(codes).toEqual([0, 0, ErrorCode.NoWatcher]);
    expect(eventsOf(alice.reports)).toEqual([
      `${RemovedEvent.Persistent} /a 2`,
      `${RemovedEvent.Child} /a 1`,
    ]);
    const before = alice.reports.length;
    ask(host, bob, create('/a/1'), setData('/a', 'x'), setData('/a', 'y'));
    expect(eventsOf(alice.reports.slice(before))).toEqual([`${EventType.DataChanged} /a 1`]);
    expect(alice.session.figures.strayEvents).toBe(0);
  });

  it('is told by the server that it has expired', () => {
    const { host, clients } = worldOf(2);
    const [alice, bob] = clients as [HostedClient, HostedClient];
    ask(host, alice, create('/e', CreateFlags.Ephemeral));
    ask(host, bob, read(Opcode.Exists, '/e', WATCHER));
    alice.isStopped = true;
    host.cut(alice);
    host.advance(TIMEOUT_MS + simSettings.tickMs + 1);
    expect(eventsOf(bob.reports)).toEqual([`${EventType.Deleted} /e ${WATCHER}`]);
    alice.isStopped = false;
    ask(host, alice, read(Opcode.GetData, '/e'));
    host.advance(3000);
    expect(alice.reports.find(({ kind }) => kind === 'lost')).toEqual({
      kind: 'lost',
      by: 'server',
    });
    expect(alice.completions.at(-1)!.code).toBe(ErrorCode.SessionExpired);
  });

  it('counts itself as lost when it cannot ask', () => {
    const { host, clients } = worldOf(1);
    const [alice] = clients as [HostedClient];
    host.isReachable = false;
    host.cut(alice);
    host.advance((TIMEOUT_MS * 4) / 3 - 1);
    expect(alice.session.state).toBe('suspended');
    host.advance(1);
    expect(alice.reports.at(-1)).toEqual({ kind: 'lost', by: 'own-clock' });
  });

  it('survives standing still for less than its timeout', () => {
    const { host, clients } = worldOf(1);
    const [alice] = clients as [HostedClient];
    alice.isStopped = true;
    host.advance(TIMEOUT_MS * 0.8);
    alice.isStopped = false;
    host.advance(TIMEOUT_MS);
    expect(kindsOf(alice.reports)).toEqual(['connecting', 'connected']);
  });

  it('can be taken up by another client, and back', () => {
    const { host, clients } = worldOf(1);
    const [alice] = clients as [HostedClient];
    ask(host, alice, create('/e', CreateFlags.Ephemeral));
    alice.isStopped = true;
    const { credentials } = alice.session;
    const bob = host.join({ seed: 9, timeoutMs: TIMEOUT_MS, credentials });
    expect(bob.session.state).toBe('connected');
    expect(bob.reports.at(-1)).toMatchObject({ isResumed: true });
    expect(ask(host, bob, setData('/e', 'mine'))).toEqual([ErrorCode.Ok]);
    bob.session.detach();
    alice.isStopped = false;
    ask(host, alice, read(Opcode.GetData, '/e'));
    host.advance(3000);
    expect(kindsOf(alice.reports).slice(-4)).toEqual([
      'suspended',
      'connecting',
      'connected',
      'completion',
    ]);
    expect(alice.completions.at(-1)!.code).toBe(ErrorCode.Ok);
  });

  it('comes back after a power cut with its ephemerals and watches', () => {
    const { host, clients } = worldOf(2);
    const [alice, bob] = clients as [HostedClient, HostedClient];
    ask(host, alice, create('/e', CreateFlags.Ephemeral), create('/d'));
    ask(host, alice, read(Opcode.GetData, '/d', WATCHER));
    host.world.cutPower(nothingSurvives);
    expect(host.world.start()).toBeNull();
    host.advance(3000);
    expect(alice.session.state).toBe('connected');
    expect(ask(host, bob, read(Opcode.GetData, '/e'), setData('/d', 'x'))).toEqual([0, 0]);
    expect(eventsOf(alice.reports)).toEqual([`${EventType.DataChanged} /d ${WATCHER}`]);
  });

  it('proves its identities again on each connection', () => {
    const { host, clients } = worldOf(1);
    const [alice] = clients as [HostedClient];
    alice.session.addAuth(1, 'digest', encodeUtf8('bob:secret'));
    host.settle();
    const acl = [{ perms: 31, id: { scheme: 'auth', id: '' } }];
    const request = { path: '/mine', data: null, acl, flags: 0 };
    const own = encoded(Opcode.Create, (w) => operations[Opcode.Create].encodeRequest(w, request));
    expect(ask(host, alice, own)).toEqual([0]);
    host.cut(alice);
    host.advance(3000);
    expect(ask(host, alice, read(Opcode.GetData, '/mine'))).toEqual([0]);
  });

  it('is lost where it is not known', () => {
    const { clients } = worldOf(1);
    const { credentials } = clients[0]!.session;
    const elsewhere = new ClientHost({ settings: { ...simSettings, serverId: 2 } });
    const stranger = elsewhere.join({ timeoutMs: TIMEOUT_MS, credentials });
    expect(stranger.reports.at(-1)).toEqual({ kind: 'lost', by: 'server' });
  });

  it('is turned away, and not lost, where less is known than it has seen', () => {
    const disk = new SimDisk({ syncs: false });
    const host = new ClientHost({ settings: simSettings, disk });
    const alice = host.join({ timeoutMs: TIMEOUT_MS });
    ask(host, alice, create('/a'), create('/b'));
    host.world.cutPower(nothingSurvives);
    expect(host.world.start()).toBeNull();
    host.advance(TIMEOUT_MS + 3000);
    const unreachable = alice.reports.find(({ kind }) => kind === 'unreachable');
    expect(unreachable).toMatchObject({ failures: [{ end: { kind: 'turned-away' } }] });
  });
});

/** Reads one node whenever it may have changed, and remembers what it read. */
class Mirror {
  readonly texts = new Map<string, string>();
  readonly #client: HostedClient;
  readonly #asked = new Map<number, string>();
  #heard = 0;
  #token = 0;

  constructor(client: HostedClient, paths: readonly string[]) {
    this.#client = client;
    for (const path of paths) this.#read(path);
  }

  listen(): void {
    const { reports } = this.#client;
    for (; this.#heard < reports.length; this.#heard += 1) {
      const report = reports[this.#heard]!;
      if (report.kind === 'watch') this.#read(report.path);
      else if (report.kind === 'completion') {
        const path = this.#asked.get(report.token)!;
        expect(this.#asked.delete(report.token)).toBe(true);
        if (report.body === null) this.#read(path);
        else {
          const reader = JuteReader.over(report.body);
          const response = operations[Opcode.GetData].decodeResponse(reader)!;
          this.texts.set(path, decodeUtf8(response.data ?? NOTHING));
        }
      }
    }
  }

  #read(path: string): void {
    this.#token += 1;
    this.#asked.set(this.#token, path);
    const request = read(Opcode.GetData, path, WATCHER);
    this.#client.session.request({ ...request, token: this.#token });
  }
}

/** One who writes and one who mirrors, while their connections break anywhere. */
class Storm {
  readonly host: ClientHost;
  readonly clients: readonly HostedClient[];
  readonly asked: number[] = [];
  readonly #reader: HostedClient;
  readonly #writer: HostedClient;
  readonly #mirror: Mirror;
  readonly #chance: Chance;

  constructor(seed: number) {
    const { host, clients } = worldOf(2);
    const [reader, writer] = clients as [HostedClient, HostedClient];
    ask(host, writer, ...PATHS.map((path) => create(path)));
    this.host = host;
    this.clients = clients;
    this.#chance = new Chance(seed);
    this.#reader = reader;
    this.#writer = writer;
    this.#mirror = new Mirror(reader, PATHS);
  }

  step(): void {
    const luck = this.#below(20);
    const someone = this.clients[this.#below(2)]!;
    if (luck < 12) this.#write();
    else if (luck < 13) this.host.cut(someone);
    else if (luck < 15) this.host.cutAfter(someone, this.#below(200));
    else if (luck < 17) this.host.world.turn();
    else this.host.advance(this.#below(800));
    this.#mirror.listen();
  }

  /** The reader's connection breaks amid the events of one transaction, and that was all. */
  breakAmidEvents(): void {
    this.host.cutAfter(this.#reader, this.#below(120));
    this.asked.push(WRITES + this.asked.length);
    const token = this.asked.at(-1)!;
    this.#writer.session.request({ ...setAll(PATHS, `${token}`), token });
    this.host.settle();
  }

  /** Nothing breaks any more, until everything was heard. */
  calm(): void {
    for (const client of this.clients) this.host.cutAfter(client, Number.POSITIVE_INFINITY);
    for (let i = 0; i < 4; i += 1) {
      this.host.advance(3000);
      this.#mirror.listen();
    }
  }

  /** What the mirror shows, and what is there. */
  compare(): void {
    for (const path of PATHS) {
      ask(this.host, this.#writer, read(Opcode.GetData, path));
      const { body } = this.#writer.completions.at(-1)!;
      const response = operations[Opcode.GetData].decodeResponse(JuteReader.over(body!))!;
      expect(this.#mirror.texts.get(path)).toBe(decodeUtf8(response.data ?? NOTHING));
    }
  }

  get answered(): number[] {
    return this.#writer.completions.map(({ token }) => token).filter((token) => token >= WRITES);
  }

  get timesBroken(): number {
    return kindsOf(this.#reader.reports).filter((kind) => kind === 'suspended').length;
  }

  #write(): void {
    const token = WRITES + this.asked.length;
    const own = PATHS.slice(this.#below(PATHS.length));
    const request = this.#below(2) === 0 ? setAll(own, `${token}`) : setData(own[0]!, `${token}`);
    this.asked.push(token);
    this.#writer.session.request({ ...request, token });
  }

  #below(end: number): number {
    return Math.floor(this.#chance.next() * end);
  }
}

describe('sessions over broken connections', { timeout: 60_000 }, () => {
  const seeds = Array.from({ length: 10 }, (_, seed) => seed);

  it.each(seeds)('miss no change, lose no answer, never see the past (seed %i)', (seed) => {
    const storm = new Storm(seed);
    for (let round = 0; round < 30; round += 1) {
      for (let i = 0; i < 20; i += 1) storm.step();
      storm.calm();
      storm.compare();
      storm.breakAmidEvents();
      storm.calm();
      storm.compare();
    }
    expect(storm.answered).toEqual(storm.asked);
    expect(storm.timesBroken).toBeGreaterThan(10);
    for (const { session, completions } of storm.clients) {
      const zxids = completions.map(({ zxidLow }) => zxidLow).filter((zxid) => zxid > 0);
      expect(zxids).toEqual([...zxids].sort((a, b) => a - b));
      expect(session.pendingCount).toBe(0);
    }
  });
});

/**
 * Every queue of the mind, filled until it is full: what happens then, and that everybody else is
 * served. The README lists them.
 */
import { describe, expect, it } from 'vitest';
import { Recovery } from './recovery.ts';
import { ServerState } from './state.ts';
import { Crowd, count } from './testing/crowd.ts';
import type { ScriptClient } from './testing/script-client.ts';
import { scriptSettings } from './testing/script-settings.ts';

const MEBIBYTE = 1024 * 1024;
const patience = { timeout: 60_000 };
const manyWrites = { outstandingRequestsMax: 1_000_000 };
const LONG_PATH = `/${'x'.repeat(1000)}`;

/** The length of a frame, and so many bytes of it. */
function halfFrame(length: number, sent: number): Uint8Array {
  const bytes = new Uint8Array(4 + sent);
  new DataView(bytes.buffer).setInt32(0, length);
  return bytes;
}

function answered(said: readonly string[], client: ScriptClient): number {
  return count(said, new RegExp(`^${client.name} <- `));
}

describe('what has come', patience, () => {
  it('half frames have a bound together, at which whoever holds most is closed', () => {
    const crowd = new Crowd();
    const small = crowd.open('small');
    const large = crowd.openMany('large', 40);
    crowd.settle();
    crowd.body.send(small, halfFrame(8, 4));
    for (const client of large) crowd.body.send(client, halfFrame(MEBIBYTE - 1, MEBIBYTE - 100));
    const said = crowd.settle();
    const closed = count(said, /^large\d+ is closed: half-received/);
    expect(closed).toBe(8);
    // The half that was kept is a ping's xid; this is its type.
    crowd.body.send(small, Uint8Array.of(0, 0, 0, 11));
    expect(count(crowd.settle(), /^small <- /)).toBe(1);
  });

  it('what waits behind a write has a bound, at which the connection is not read', () => {
    const crowd = new Crowd();
    const alice = crowd.open('alice');
    crowd.settle();
    crowd.body.isDiskHeld = true;
    crowd.ask(alice, 'create /a');
    crowd.askTimes(alice, 1100, `exists ${LONG_PATH}`);
    expect(crowd.settle()).toEqual(['disk: append 2', 'alice is not read']);
    crowd.askTimes(alice, 10, 'ping');
    crowd.body.isDiskHeld = false;
    const said = crowd.settle();
    expect(said.at(0)).toBe('alice <- create /a -> /a, zxid 2');
    expect(answered(said, alice)).toBe(1 + 1100 + 10);
    expect(said).toContain('alice is read again');
  });

  it('what waits behind the writes of all has a bound, at which nobody who waits is read', () => {
    const crowd = new Crowd();
    const many = crowd.openMany('many', 36);
    const late = crowd.open('late');
    const reader = crowd.open('reader');
    crowd.settle();
    crowd.body.isDiskHeld = true;
    for (const client of many) {
      crowd.ask(client, 'create /a');
      crowd.askTimes(client, 950, `exists ${LONG_PATH}`);
    }
    const filling = crowd.settle();
    expect(count(filling, /is not read$/)).toBeGreaterThan(0);
    crowd.ask(late, 'create /b');
    crowd.ask(reader, 'ping');
    expect(crowd.settle()).toEqual(['reader <- ping, zxid 38', 'late is not read']);
    crowd.body.isDiskHeld = false;
    const said = crowd.settle();
    expect(count(said, /exists/)).toBe(36 * 950);
    expect(count(said, /^late is read again$/)).toBe(1);
  });

  it('what is gathered for the disk has a bound, at which nobody who writes is read', () => {
    const crowd = new Crowd(manyWrites);
    const alice = crowd.open('alice');
    const bob = crowd.open('bob');
    crowd.settle();
    crowd.body.isDiskHeld = true;
    crowd.ask(alice, 'create /a');
    crowd.turn();
    crowd.askTimes(alice, 5, 'setData /a size=1000000');
    crowd.ask(bob, 'ping');
    expect(crowd.turn()).toEqual(['bob <- ping, zxid 2', 'alice is not read']);
    crowd.body.isDiskHeld = false;
    const said = crowd.settle();
    expect(count(said, /setData/)).toBe(5);
    expect(said).toContain('alice is read again');
  });
});

describe('what is on its way', patience, () => {
  it('one append is in flight; a turn applies so much; two batches wait for it and no more', () => {
    const crowd = new Crowd(manyWrites);
    const alice = crowd.open('alice');
    crowd.settle();
    crowd.body.isDiskHeld = true;
    crowd.askTimes(alice, 2500, 'create /a sequential');
    expect(crowd.turn()).toEqual(['disk: append 2 to 2501']);
    crowd.askTimes(alice, 10, 'create /b sequential');
    expect(crowd.turn()).toEqual([]);
    // The first batch is safe: a part of it is applied, and the next batch leaves.
    crowd.body.answerDisk();
    const first = crowd.turn();
    const applied = answered(first, alice);
    expect(applied).toBeGreaterThan(100);
    expect(applied).toBeLessThanOrEqual(1000);
    expect(first).toContain('disk: append 2502 to 2511');
    crowd.askTimes(alice, 10, 'create /c sequential');
    // The second is safe as well, and waits for the first: the third stays where it is.
    crowd.body.answerDisk();
    const second = crowd.turn();
    expect(count(second, /^disk: append/)).toBe(0);
    crowd.body.isDiskHeld = false;
    const rest = crowd.settle();
    expect(applied + answered(second, alice) + answered(rest, alice)).toBe(2520);
  });

  it('a turn tells so many events and applies nothing more', () => {
    const crowd = new Crowd(manyWrites);
    const watchers = crowd.openMany('w', 200);
    const alice = crowd.open('alice');
    for (const client of watchers) crowd.ask(client, 'addWatch / recursive');
    crowd.settle();
    crowd.body.isDiskHeld = true;
    crowd.askTimes(alice, 300, 'create /a sequential');
    crowd.turn();
    crowd.body.answerDisk();
    const said = crowd.turn();
    const events = count(said, /hears/);
    expect(events).toBeGreaterThan(10_000);
    expect(events).toBeLessThanOrEqual(20_000);
    expect(crowd.body.replica.wakeAt()).toBeLessThanOrEqual(10_500);
    crowd.body.isDiskHeld = false;
    expect(events + count(crowd.settle(), /hears/)).toBe(200 * 300);
  });

  it('a turn tells so many bytes of events and applies nothing more', () => {
    const crowd = new Crowd(manyWrites);
    const watchers = crowd.openMany('w', 20);
    const alice = crowd.open('alice');
    for (const client of watchers) crowd.ask(client, 'addWatch / recursive');
    crowd.settle();
    crowd.body.isDiskHeld = true;
    crowd.askTimes(alice, 300, `create ${LONG_PATH} sequential`);
    crowd.turn();
    crowd.body.answerDisk();
    const events = count(crowd.turn(), /hears/);
    expect(events * LONG_PATH.length).toBeGreaterThan(MEBIBYTE * 0.9);
    expect(events * LONG_PATH.length).toBeLessThan(MEBIBYTE * 1.1);
    crowd.body.isDiskHeld = false;
    expect(events + count(crowd.settle(), /hears/)).toBe(20 * 300);
  });

  it('an append waits a moment for those whose writes the last one carried', () => {
    const crowd = new Crowd();
    const crowdOfEight = crowd.openMany('c', 8);
    const other = crowd.open('other');
    crowd.settle();
    crowd.body.isDiskHeld = true;
    for (const client of crowdOfEight) crowd.ask(client, 'create /c sequential');
    crowd.turn();
    crowd.body.pass(20);
    crowd.ask(other, 'create /o');
    crowd.body.answerDisk();
    const { replica } = crowd.body;
    expect(count(crowd.turn(), /^disk: append/)).toBe(0);
    const inMs = replica.wakeAt() - 10_520;
    expect(inMs).toBeGreaterThan(0);
    expect(inMs).toBeLessThan(0.201);
    for (const client of crowdOfEight) crowd.ask(client, 'create /c sequential');
    expect(crowd.turn()).toContain('disk: append 18 to 26');
    crowd.body.pass(20);
    crowd.ask(other, 'create /p');
    crowd.body.answerDisk();
    expect(count(crowd.turn(), /^disk: append/)).toBe(0);
    crowd.body.pass(inMs);
    expect(crowd.turn()).toContain('disk: append 27');
  });

  it('slices of a snapshot wait for the disk, and the walk for them', () => {
    const crowd = new Crowd(manyWrites);
    const alice = crowd.open('alice');
    for (let i = 0; i < 30; i += 1) crowd.ask(alice, `create /n${i} size=100000`);
    crowd.settle();
    crowd.body.isDiskHeld = true;
    expect(crowd.body.replica.snapshotNow()).toBe(true);
    expect(crowd.body.replica.snapshotNow()).toBe(false);
    const said = crowd.settle();
    expect(count(said, /^disk: snapshotSlice$/)).toBe(4);
    crowd.body.isDiskHeld = false;
    const rest = crowd.settle();
    expect(count(rest, /^disk: snapshotSlice$/)).toBeGreaterThan(8);
    expect(rest.at(-1)).toBe('disk: snapshotFinish');
  });
});

describe('what leaves', patience, () => {
  it('output that nobody takes has a bound, at which the largest are cut', () => {
    const crowd = new Crowd();
    const silent = crowd.openMany('silent', 5);
    const lively = crowd.open('lively');
    const alice = crowd.open('alice');
    for (const client of [...silent, lively]) crowd.ask(client, 'addWatch / recursive');
    crowd.settle();
    for (const client of silent) client.isReading = false;
    let cut = 0;
    let heard = 0;
    for (let i = 0; i < 60; i += 1) {
      crowd.body.pass(200);
      crowd.askTimes(alice, 100, `create ${LONG_PATH} sequential`);
      const said = crowd.settle();
      cut += count(said, /^silent\d is closed: it does not take/);
      heard += count(said, /^lively hears/);
    }
    expect(cut).toBeGreaterThan(0);
    expect(heard).toBe(6000);
  });

  it('large answers wait while nobody takes others, and small ones do not', () => {
    const crowd = new Crowd();
    const lively = crowd.open('lively');
    crowd.ask(lively, 'create /big size=1000000');
    const silent = crowd.openMany('silent', 100);
    crowd.settle();
    for (const client of silent) {
      client.isReading = false;
      crowd.askTimes(client, 10, 'getData /big');
      crowd.ask(lively, 'exists /big');
      const said = crowd.settle();
      expect(count(said, /^lively <- exists/)).toBe(1);
      expect(count(said, /is closed/)).toBe(0);
      expect(crowd.body.unsentBytes).toBeLessThanOrEqual(10 * MEBIBYTE);
    }
    crowd.ask(lively, 'getData /big');
    expect(count(crowd.settle(), /^lively <-/)).toBe(0);
    const said: string[] = [];
    for (let i = 0; i < 40; i += 1) {
      crowd.body.advance(1000);
      said.push(...crowd.settle());
      expect(crowd.body.unsentBytes).toBeLessThanOrEqual(10 * MEBIBYTE);
    }
    expect(count(said, /^lively <- getData .big -> 1000000 bytes/)).toBe(1);
    expect(count(said, /^silent\d+ is closed: it does not take what it is sent/)).toBeGreaterThan(
      80,
    );
  });

  it('a crowd that takes what it is sent is served, however much that is', () => {
    const crowd = new Crowd();
    const alice = crowd.open('alice');
    crowd.ask(alice, 'create /big size=1000000');
    const many = crowd.openMany('many', 40);
    crowd.settle();
    for (const client of many) {
      client.isReading = false;
      crowd.ask(client, 'getData /big');
    }
    const said = crowd.settle();
    for (let i = 0; i < 10; i += 1) {
      crowd.body.pass(90);
      for (const client of many) crowd.body.takeSome(client);
      said.push(...crowd.settle());
    }
    expect(count(said, /is closed/)).toBe(0);
    for (const client of many) crowd.body.readAgain(client);
    said.push(...crowd.settle());
    expect(count(said, /^many\d+ <- getData/)).toBe(40);
  });

  it('reads that come before the answer to a write have a bound, at which the connection ends', () => {
    const crowd = new Crowd();
    const alice = crowd.open('alice');
    crowd.ask(alice, 'create /big size=1000000');
    crowd.settle();
    crowd.body.isDiskHeld = true;
    alice.isReading = false;
    crowd.ask(alice, 'create /a');
    crowd.askTimes(alice, 40, 'getData /big');
    crowd.ask(alice, 'create /b');
    crowd.body.isDiskHeld = false;
    const said = crowd.settle();
    expect(said).toContain('alice is closed: it asked for more at once than a connection may');
  });
});

describe('what is kept', patience, () => {
  const longPath = (name: string, length = MEBIBYTE / 4): string => `/${name}`.padEnd(length, 'x');

  it('watches on long paths have a bound together, at which whoever has most is closed', () => {
    const crowd = new Crowd();
    const small = crowd.open('small');
    const [large, larger] = [crowd.open('large'), crowd.open('larger')];
    crowd.settle();
    crowd.ask(small, `addWatch ${longPath('small')} persistent`);
    for (let i = 0; i < 15; i += 1) crowd.ask(large, `addWatch ${longPath(`l${i}`)} persistent`);
    for (let i = 0; i < 16; i += 1) crowd.ask(larger, `addWatch ${longPath(`r${i}`)} persistent`);
    const filling = crowd.settle();
    expect(count(filling, /<- addWatch/)).toBe(32);
    expect(count(filling, /is closed/)).toBe(0);
    // It is answered, and it is not the one that goes.
    crowd.ask(small, `addWatch ${longPath('one-too-many', 2000)} persistent`);
    const said = crowd.settle();
    expect(said.at(0)).toMatch(/^small <- addWatch/);
    expect(said.slice(1)).toEqual([
      'larger is closed: its watches on long paths take too much memory',
    ]);
    crowd.ask(large, `addWatch ${longPath('l15')} persistent`);
    crowd.ask(small, `create /${'s'.repeat(2000)}`);
    expect(count(crowd.settle(), /^large <- addWatch|^small <- create/)).toBe(2);
  });

  it('whoever asks for too much itself is answered and closed, also behind a write', () => {
    const crowd = new Crowd();
    const alice = crowd.open('alice');
    crowd.settle();
    crowd.body.isDiskHeld = true;
    crowd.ask(alice, 'create /a');
    for (let i = 0; i < 40; i += 1) crowd.ask(alice, `addWatch ${longPath(`${i}`)} persistent`);
    crowd.body.isDiskHeld = false;
    const said = crowd.settle();
    expect(count(said, /^alice <- addWatch/)).toBe(33);
    expect(said.at(-1)).toBe('alice is closed: its watches on long paths take too much memory');
  });

  it('a crowd that watches the same long paths takes no more than one of it', () => {
    const crowd = new Crowd();
    const many = crowd.openMany('many', 20);
    crowd.settle();
    for (const client of many) {
      for (let i = 0; i < 4; i += 1) crowd.ask(client, `addWatch ${longPath(`${i}`)} persistent`);
    }
    expect(count(crowd.settle(), /is closed/)).toBe(0);
  });

  it('watches on short paths are not counted', () => {
    const crowd = new Crowd();
    const alice = crowd.open('alice');
    crowd.settle();
    for (let i = 0; i < 20_000; i += 1) {
      crowd.ask(alice, `addWatch ${longPath(`${i}`, 1024)} persistent`);
    }
    expect(count(crowd.settle(), /is closed/)).toBe(0);
  });
});

describe('what runs out', patience, () => {
  it('a crowd that expires at once is ended over several turns, and whoever speaks up stays', () => {
    const crowd = new Crowd(manyWrites);
    const many = crowd.openMany('many', 1200, 4000);
    crowd.settle();
    crowd.body.pass(8000);
    const first = count(crowd.turn(), /session expired/);
    expect(first).toBe(500);
    crowd.ask(many.at(-1)!, 'ping');
    const said = crowd.settle();
    expect(first + count(said, /session expired/)).toBe(1199);
    expect(count(said, /^many1199 <- ping/)).toBe(1);
    expect(count(said, /is closed/)).toBe(1199);
  });

  it('nodes with a time to live are looked at over several turns', () => {
    const crowd = new Crowd(manyWrites);
    const alice = crowd.open('alice');
    crowd.ask(alice, 'create /ttl');
    for (let i = 0; i < 12_000; i += 1) crowd.ask(alice, `createTTL /ttl/${i} ttl=100000000`);
    crowd.ask(alice, 'createTTL /ttl/short ttl=1');
    crowd.settle();
    crowd.body.advance(30_000);
    crowd.ask(alice, 'ping');
    crowd.settle();
    crowd.body.pass(30_000);
    let turns = 0;
    while (count(crowd.turn(), /^disk: append/) === 0) turns += 1;
    expect(turns).toBeGreaterThanOrEqual(2);
    expect(turns).toBeLessThan(5);
  });

  it('identities of a connection have a bound, at which a proof fails', () => {
    const crowd = new Crowd();
    const alice = crowd.open('alice');
    for (let i = 0; i < 255; i += 1) crowd.ask(alice, `auth digest user${i}:x`);
    expect(count(crowd.settle(), /auth digest, zxid 0/)).toBe(255);
    crowd.ask(alice, 'auth digest onemore:x');
    expect(crowd.settle()).toEqual(['alice <- auth digest: AuthFailed, zxid 0', 'alice is closed']);
  });

  it('digests of the past are kept up to a number', () => {
    const settings = scriptSettings();
    const database = new Recovery(settings).finish();
    if (typeof database === 'string') throw new Error(database);
    const state = new ServerState(settings, database);
    for (let i = 1; i <= 2000; i += 1) state.onApplied(0, i * 128);
    expect(state.digestHistory).toHaveLength(1024);
    expect(state.digestHistory.at(0)?.zxid).toBe(((2000 - 1023) * 128).toString(16));
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NameResolver } from './name-resolver.ts';

/** Look-ups that are answered when the test says so, and what everybody who asked was told. */
class Names {
  readonly running: { readonly host: string; readonly done: (found: readonly string[]) => void }[] =
    [];
  readonly told: string[] = [];
  readonly resolver = new NameResolver((host, done) => {
    this.running.push({ host, done });
  });

  ask(host: string, waitMs = 5000): void {
    this.resolver.resolve(host, waitMs, (found) => this.told.push(`${host}: ${found.join(' ')}`));
  }

  get lookedUp(): readonly string[] {
    return this.running.map(({ host }) => host);
  }

  finish(...found: readonly string[]): void {
    this.running.shift()?.done(found);
  }
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

function pass(ms: number): void {
  vi.advanceTimersByTime(ms);
}

describe('NameResolver', () => {
  it('answers later, whatever it knows, and once', () => {
    const names = new Names();
    names.ask('10.0.0.1');
    names.ask('::1');
    names.ask('one');
    expect(names.told).toEqual([]);
    pass(1);
    names.finish('10.0.0.9');
    pass(60_000);
    expect(names.told).toEqual(['10.0.0.1: 10.0.0.1', '::1: ::1', 'one: 10.0.0.9']);
  });

  it('looks up one name at a time, for all who ask for it', () => {
    const names = new Names();
    for (const host of ['one', 'two', 'one', 'two', 'three']) names.ask(host);
    expect(names.lookedUp).toEqual(['one']);
    names.finish('10.0.0.1');
    expect(names.lookedUp).toEqual(['two']);
    names.finish('10.0.0.2');
    names.finish('10.0.0.3');
    expect(names.told).toEqual([
      'one: 10.0.0.1',
      'one: 10.0.0.1',
      'two: 10.0.0.2',
      'two: 10.0.0.2',
      'three: 10.0.0.3',
    ]);
  });

  it('looks a name up anew each time', () => {
    const names = new Names();
    names.ask('one');
    names.finish('10.0.0.1');
    names.ask('one');
    names.finish('10.0.0.2');
    expect(names.told).toEqual(['one: 10.0.0.1', 'one: 10.0.0.2']);
  });

  it('gives what is known where a look-up takes long, and waits where nothing is', () => {
    const names = new Names();
    names.ask('known');
    names.finish('10.0.0.1');
    names.ask('stuck', 5000);
    names.ask('known', 5000);
    pass(1000);
    expect(names.told).toEqual(['known: 10.0.0.1', 'known: 10.0.0.1']);
    pass(3999);
    expect(names.told).toHaveLength(2);
    pass(1);
    expect(names.told.at(-1)).toBe('stuck: ');
  });

  it('does not look up for those who were answered already', () => {
    const names = new Names();
    names.ask('stuck');
    names.ask('two', 100);
    pass(100);
    expect(names.told).toEqual(['two: ']);
    names.finish();
    expect(names.lookedUp).toEqual([]);
  });

  it('lets a name that fails step back, longer each time up to a bound', () => {
    const names = new Names();
    const rests: number[] = [];
    names.ask('gone');
    for (let round = 0; round < 8; round += 1) {
      names.finish();
      let rest = 0;
      while (names.running.length === 0) {
        pass(50);
        rest += 50;
        names.ask('gone');
      }
      rests.push(rest);
    }
    expect(rests).toEqual([250, 500, 1000, 2000, 4000, 8000, 8000, 8000]);
  });

  it('gives a slow name half of the turns at most', () => {
    const names = new Names();
    names.ask('slow');
    pass(3000);
    names.finish('10.0.0.1');
    names.ask('slow');
    pass(0);
    expect(names.lookedUp).toEqual([]);
    expect(names.told).toEqual(['slow: 10.0.0.1', 'slow: 10.0.0.1']);
    pass(3000);
    names.ask('slow');
    expect(names.lookedUp).toEqual(['slow']);
  });

  it('keeps what it knows when the servers of names are gone', () => {
    const names = new Names();
    names.ask('one');
    names.finish('10.0.0.1');
    names.ask('one');
    names.finish();
    expect(names.told).toEqual(['one: 10.0.0.1', 'one: 10.0.0.1']);
  });

  it('remembers and calls so many and no more', () => {
    const names = new Names();
    names.ask('many');
    names.finish(...Array.from({ length: 100 }, (_, index) => `10.0.0.${index}`));
    expect(names.told[0]?.split(' ')).toHaveLength(17);
    for (let index = 0; index < 300; index += 1) {
      names.ask(`name-${index}`);
      names.finish('10.1.1.1');
    }
    names.ask('many', 10);
    pass(10);
    expect(names.told.at(-1)).toBe('many: ');
  });

  it('answers nobody once it is closed', () => {
    const names = new Names();
    names.ask('one');
    names.ask('two');
    names.resolver.close();
    names.finish('10.0.0.1');
    pass(10_000);
    expect(names.told).toEqual([]);
    expect(names.lookedUp).toEqual([]);
  });

  it('asks the system, and takes IPv4 first', async () => {
    vi.useRealTimers();
    const found = await new Promise<readonly string[]>((resolve) =>
      new NameResolver().resolve('localhost', 5000, resolve),
    );
    expect(found[0]).toBe('127.0.0.1');
  });
});

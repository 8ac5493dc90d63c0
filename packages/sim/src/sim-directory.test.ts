import { describe, expect, it } from 'vitest';
import { everythingSurvives, nothingSurvives, SimDirectory } from './sim-directory.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));
const text = (directory: SimDirectory, name: string): string =>
  String.fromCharCode(...directory.read(name));

describe('a directory that forgets', () => {
  it('keeps a name only once the directory was synced, whatever was synced of the file', () => {
    const directory = new SimDirectory();
    const file = directory.create('log');
    directory.write(file, bytes('written'));
    directory.syncFile(file);
    const lucky = directory.fork();
    directory.cutPower(nothingSurvives);
    expect(directory.names).toEqual([]);
    lucky.cutPower(everythingSurvives);
    expect(text(lucky, 'log')).toBe('written');
  });

  it('keeps bytes only once the file was synced, and of the rest the first', () => {
    const directory = new SimDirectory();
    const file = directory.create('log');
    directory.syncNames();
    directory.write(file, bytes('safe'));
    directory.syncFile(file);
    directory.write(file, bytes('hope'));
    expect(text(directory, 'log')).toBe('safehope');
    directory.cutPower({ bytes: () => 2, name: () => true });
    expect(text(directory, 'log')).toBe('safeho');
  });

  it('renames at once or not at all', () => {
    for (const survives of [false, true]) {
      const directory = new SimDirectory();
      directory.create('new.tmp');
      directory.create('new');
      directory.syncNames();
      directory.rename('new.tmp', 'new');
      expect(directory.names).toEqual(['new']);
      directory.cutPower({ bytes: () => 0, name: () => survives });
      expect(directory.names).toEqual(survives ? ['new'] : ['new.tmp', 'new']);
    }
  });

  it('may bring back what was removed', () => {
    const directory = new SimDirectory();
    directory.create('old');
    directory.syncNames();
    directory.remove('old');
    expect(directory.names).toEqual([]);
    directory.cutPower(nothingSurvives);
    expect(directory.names).toEqual(['old']);
  });

  it('may keep a file under the name of an older one that is gone', () => {
    const directory = new SimDirectory();
    const older = directory.create('log');
    directory.write(older, bytes('older'));
    directory.syncFile(older);
    directory.syncNames();
    const newer = directory.create('log');
    directory.write(newer, bytes('newer'));
    expect(text(directory, 'log')).toBe('newer');
    directory.cutPower(nothingSurvives);
    expect(text(directory, 'log')).toBe('older');
  });

  it('goes its own way when it was forked', () => {
    const directory = new SimDirectory();
    const file = directory.create('log');
    const fork = directory.fork();
    directory.write(file, bytes('x'));
    directory.remove('log');
    expect(fork.names).toEqual(['log']);
    expect(text(fork, 'log')).toBe('');
  });

  it('writes over nothing that somebody has read, be it of a fork, cut off or taken back', () => {
    const directory = new SimDirectory();
    const file = directory.create('log');
    const append = (to: SimDirectory, what: string): void => {
      to.write(to.open('log')!, bytes(what));
      to.syncFile(to.open('log')!);
    };
    append(directory, 'aa');
    append(directory, 'bb');
    directory.syncNames();
    const fork = directory.fork();
    const read = [directory.read('log'), fork.read('log')];
    append(directory, 'cc');
    append(fork, 'dd');
    expect([text(directory, 'log'), text(fork, 'log')]).toEqual(['aabbcc', 'aabbdd']);
    read.push(directory.read('log'));
    directory.truncate(file, 3);
    directory.cutPower(nothingSurvives);
    append(directory, 'ee');
    directory.truncate(directory.open('log')!, 1);
    append(directory, 'ff');
    expect(text(directory, 'log')).toBe('aff');
    const told = read.map((one) => String.fromCharCode(...one));
    expect(told).toEqual(['aabb', 'aabb', 'aabbcc']);
  });
});

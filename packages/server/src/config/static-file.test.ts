import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseProperties } from './properties.ts';
import { editStaticFile } from './static-file.ts';

const edit = { membersFile: '/zk/zoo.cfg.dynamic.1', dropsClientPort: false };

describe('editStaticFile', () => {
  it('takes the members out and leaves the rest as it was written', () => {
    const text = [
      '# Our ensemble.',
      'tickTime = 2000',
      'server.1=a:2888:\\',
      '   3888',
      '',
      'zookeeper.server.2=b:2888:3888',
      'group.1=1:2',
      'weight.1=2',
      'peerType=observer',
      '! The end.',
      'server.principal=zk',
      'clientPort=2181',
    ].join('\r\n');
    expect(editStaticFile(text, edit)).toBe(
      [
        '# Our ensemble.',
        'tickTime = 2000',
        '',
        '! The end.',
        'server.principal=zk',
        'clientPort=2181',
        'dynamicConfigFile=/zk/zoo.cfg.dynamic.1',
        '',
      ].join('\n'),
    );
  });

  it('takes the client port out where the server line says it', () => {
    const text = 'clientPort=2181\nclientPortAddress=h\nclientPortListenBacklog=5\n';
    expect(editStaticFile(text, { ...edit, dropsClientPort: true })).toBe(
      'clientPortListenBacklog=5\ndynamicConfigFile=/zk/zoo.cfg.dynamic.1\n',
    );
  });

  it('changes nothing where it names the file already', () => {
    const text = 'dynamicConfigFile=/zk/zoo.cfg.dynamic.1\r\ntickTime=1';
    expect(editStaticFile(text, edit)).toBe(text);
  });

  it('puts another file in the place of the one it names', () => {
    const text = 'dynamicConfigFile=/zk/zoo.cfg.dynamic.0\ntickTime=1\n';
    expect(editStaticFile(text, edit)).toBe(
      'tickTime=1\ndynamicConfigFile=/zk/zoo.cfg.dynamic.1\n',
    );
  });

  it('is idempotent, and leaves every other key what it was', () => {
    const key = fc.constantFrom('tickTime', 'server.1', 'group.2', 'peerType', 'dataDir', 'x\\ y');
    const line = fc.oneof(
      fc.tuple(key, fc.constantFrom('=1', ' : a\\', '=\\\\', '')).map((parts) => parts.join('')),
      fc.constantFrom('', '# server.1=a', '! note\\', '  '),
    );
    const path = fc.constantFrom('/zk/zoo.cfg.dynamic.1', 'C:\\zk\\zoo.cfg.dynamic.a');
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), path, (lines, membersFile) => {
        const text = lines.join('\n');
        const edited = editStaticFile(text, { membersFile, dropsClientPort: false });
        expect(editStaticFile(edited, { membersFile, dropsClientPort: false })).toBe(edited);
        const pairs = (of: string): readonly (readonly [string, string])[] =>
          parseProperties(of).map(({ key: name, value }) => [name, value]);
        const others = pairs(text).filter(([name]) => !/^(?:server|group|peerType)/.test(name));
        expect(pairs(edited)).toEqual([...others, ['dynamicConfigFile', membersFile]]);
      }),
    );
  });
});

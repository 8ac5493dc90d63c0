import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedProperties, parseProperties } from './properties.ts';

function pairs(text: string): readonly (readonly [string, string])[] {
  return parseProperties(text).map(({ key, value }) => [key, value]);
}

describe('parseProperties', () => {
  it('reads keys and values, trimmed, whatever the separator', () => {
    expect(pairs('a=1\n  b = 2  \nc:3\nd 4\ne\t=\t5\nf')).toEqual([
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
      ['d', '4'],
      ['e', '5'],
      ['f', ''],
    ]);
  });

  it('keeps separators that belong to the value', () => {
    expect(pairs('server.1=host:2888:3888;2181')).toEqual([['server.1', 'host:2888:3888;2181']]);
    expect(pairs('a==b')).toEqual([['a', '=b']]);
  });

  it('leaves out blank lines and comments, and takes # inside a value as it is', () => {
    expect(pairs('# one\n\n  ! two\na=1 # not a comment\n')).toEqual([['a', '1 # not a comment']]);
  });

  it('joins lines that end in one backslash, not in two', () => {
    expect(pairs('a=1,\\\n   2\nb=c\\\\\nd=e')).toEqual([
      ['a', '1,2'],
      ['b', 'c\\'],
      ['d', 'e'],
    ]);
  });

  it('takes a comment sign in a continued line for text', () => {
    expect(pairs('a=1\\\n#2')).toEqual([['a', '1#2']]);
  });

  it('undoes escapes in keys and values', () => {
    expect(pairs('a\\=b\\ c=\\tx\\u0041\\q')).toEqual([['a=b c', 'xAq']]);
  });

  it('loses the backslashes of a Windows path, as Java does', () => {
    expect(pairs('dataDir=C:\\zk\\data')).toEqual([['dataDir', 'C:zkdata']]);
  });

  it('keeps duplicates in their order, each with its line', () => {
    expect(parseProperties('# x\r\na=1\r\n\r\nb=\\\r\n2\r\na=3')).toEqual([
      { key: 'a', value: '1', line: 2, lineEnd: 2 },
      { key: 'b', value: '2', line: 4, lineEnd: 5 },
      { key: 'a', value: '3', line: 6, lineEnd: 6 },
    ]);
  });

  it('ignores a byte order mark', () => {
    expect(pairs('\uFEFFa=1')).toEqual([['a', '1']]);
  });

  it('says on which line an escape is broken', () => {
    expect(() => parseProperties('a=1\nb=\\u12')).toThrow(MalformedProperties);
    try {
      parseProperties('a=1\nb=\\u12');
    } catch (error) {
      expect(error).toMatchObject({ line: 2 });
    }
  });

  it('gives back every key and value written with escapes', () => {
    const word = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => text.trim() === text);
    const escaped = (text: string): string =>
      Array.from({ length: text.length }, (_, index) => {
        const unit = text.charCodeAt(index);
        return `\\u${unit.toString(16).padStart(4, '0')}`;
      }).join('');
    fc.assert(
      fc.property(fc.array(fc.tuple(word, word)), (entries) => {
        const text = entries.map(([key, value]) => `${escaped(key)}=${escaped(value)}\n`).join('');
        expect(pairs(text)).toEqual(entries);
      }),
    );
  });

  it('never fails but for a broken escape', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('\\', '=', ':', ' ', '\n', '#', 'a', 't') }),
        (text) => {
          for (const { line } of parseProperties(text)) expect(line).toBeGreaterThan(0);
        },
      ),
    );
  });
});

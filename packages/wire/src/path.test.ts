import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PathProblem, pathProblem, textPathProblem, validatePath } from './path.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

const legal = [
  '/',
  '/a',
  '/a/b/c',
  '/...',
  '/.a',
  '/a..',
  '/a. /b',
  '/with blank',
  '/\u00a0',
  '/\ud7ff',
  '/\uf900',
  '/\ufeff',
  '/\uffef',
  '/~',
];

const illegal: readonly (readonly [path: string, problem: PathProblem])[] = [
  ['', PathProblem.Empty],
  ['abc', PathProblem.NoLeadingSlash],
  ['/a/', PathProblem.TrailingSlash],
  ['//', PathProblem.TrailingSlash],
  ['/a//b', PathProblem.EmptyComponent],
  ['/.', PathProblem.RelativeComponent],
  ['/a/..', PathProblem.RelativeComponent],
  ['/../b', PathProblem.RelativeComponent],
  ['/a/./b', PathProblem.RelativeComponent],
  ['/a\u0000', PathProblem.IllegalCharacter],
  ['/\u0001', PathProblem.IllegalCharacter],
  ['/\u001f', PathProblem.IllegalCharacter],
  ['/\u007f', PathProblem.IllegalCharacter],
  ['/\u009f', PathProblem.IllegalCharacter],
  ['/\u{1f600}', PathProblem.IllegalCharacter],
  ['/\ue000', PathProblem.IllegalCharacter],
  ['/\uf8ff', PathProblem.IllegalCharacter],
  ['/\ufff0', PathProblem.IllegalCharacter],
  ['/\ufffd', PathProblem.IllegalCharacter],
  ['/\uffff', PathProblem.IllegalCharacter],
];

function problemInBytes(path: string): PathProblem {
  const bytes = encodeUtf8(path);
  return pathProblem(bytes, 0, bytes.length);
}

test.each(legal)('%j may name a node', (path) => {
  expect(validatePath(path)).toBe(null);
  expect(problemInBytes(path)).toBe(PathProblem.Ok);
});

test.each(illegal)('%j may not name a node', (path, problem) => {
  expect(textPathProblem(path)).toBe(problem);
  expect(problemInBytes(path)).toBe(problem);
  expect(validatePath(path)).toMatch(/^the path /);
});

test('every unit of UTF-16 is judged alike in a string and in bytes', () => {
  for (let unit = 0; unit <= 0xffff; unit += 1) {
    const path = `/a${String.fromCharCode(unit)}b`;
    if (textPathProblem(path) !== problemInBytes(path)) expect.fail(`they differ on unit ${unit}`);
  }
});

test('any bytes are judged as the string they decode to', () => {
  const telling = fc.constantFrom(
    ...[0x00, 0x1f, 0x2e, 0x2f, 0x61, 0x7f, 0x80, 0x9f, 0xa0, 0xbf, 0xc1, 0xc2, 0xdf],
    ...[0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf4, 0xff, 0xa3, 0xa4, 0xaf, 0xb0],
  );
  const bytes = fc.array(fc.oneof(telling, telling, fc.nat(255)), { maxLength: 8 });
  fc.assert(
    fc.property(bytes, fc.boolean(), (tail, rooted) => {
      const path = Uint8Array.from(rooted ? [0x2f, ...tail] : tail);
      expect(pathProblem(path, 0, path.length)).toBe(textPathProblem(decodeUtf8(path)));
    }),
    { numRuns: 3000 },
  );
});

test('a path is judged where it lies, whatever stands around it', () => {
  const bytes = encodeUtf8('x/a/b/');
  expect(pathProblem(bytes, 1, 5)).toBe(PathProblem.Ok);
  expect(pathProblem(bytes, 1, 6)).toBe(PathProblem.TrailingSlash);
  // The character is cut by the end of the path, although its last byte stands behind it.
  const cut = encodeUtf8('/\u20ac');
  expect(pathProblem(cut, 0, cut.length - 1)).toBe(PathProblem.IllegalCharacter);
});

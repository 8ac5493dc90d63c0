/**
 * Which paths may name a node. The same rules twice: over a string for clients and tools, and over
 * UTF-8 bytes where they lie for the server, which makes no string of a path it only looks up.
 * Both walk from the left and name the first problem, so they agree on every input.
 */
export const PathProblem = {
  Ok: 0,
  Empty: 1,
  NoLeadingSlash: 2,
  TrailingSlash: 3,
  EmptyComponent: 4,
  RelativeComponent: 5,
  IllegalCharacter: 6,
} as const;

export type PathProblem = (typeof PathProblem)[keyof typeof PathProblem];

const reasons: Readonly<Record<PathProblem, string | null>> = {
  [PathProblem.Ok]: null,
  [PathProblem.Empty]: 'the path is empty',
  [PathProblem.NoLeadingSlash]: 'the path does not start with a slash',
  [PathProblem.TrailingSlash]: 'the path ends with a slash',
  [PathProblem.EmptyComponent]: 'the path has an empty component (two slashes in a row)',
  [PathProblem.RelativeComponent]: 'the path has a component "." or ".."',
  [PathProblem.IllegalCharacter]: 'the path has a character that no path may contain',
};

const SLASH = 0x2f;
const DOT = 0x2e;

/**
 * Why `path` cannot name a node, or null when it can: `validatePath('/a//b')` says that the path
 * has an empty component.
 */
export function validatePath(path: string): string | null {
  return reasons[textPathProblem(path)];
}

/** The problem of a path given as a string. */
export function textPathProblem(path: string): PathProblem {
  const end = path.length;
  if (end === 0) return PathProblem.Empty;
  if (path.charCodeAt(0) !== SLASH) return PathProblem.NoLeadingSlash;
  if (end === 1) return PathProblem.Ok;
  if (path.charCodeAt(end - 1) === SLASH) return PathProblem.TrailingSlash;
  let componentStart = 1;
  for (let i = 1; i < end; i += 1) {
    const unit = path.charCodeAt(i);
    if (isIllegalUnit(unit)) return PathProblem.IllegalCharacter;
    if (unit !== SLASH) continue;
    const problem = textComponentProblem(path, componentStart, i);
    if (problem !== PathProblem.Ok) return problem;
    componentStart = i + 1;
  }
  return textComponentProblem(path, componentStart, end);
}

function textComponentProblem(path: string, start: number, end: number): PathProblem {
  const length = end - start;
  if (length === 0) return PathProblem.EmptyComponent;
  if (length > 2 || path.charCodeAt(start) !== DOT) return PathProblem.Ok;
  return path.charCodeAt(end - 1) === DOT ? PathProblem.RelativeComponent : PathProblem.Ok;
}

/** Controls, surrogates with the private area behind them, and the specials at the very end. */
function isIllegalUnit(unit: number): boolean {
  if (unit < 0x7f) return unit < 0x20;
  return unit <= 0x9f || (unit >= 0xd800 && unit <= 0xf8ff) || unit >= 0xfff0;
}

/** The problem of the path in bytes [start, end); bytes that are not UTF-8 are illegal. */
export function pathProblem(bytes: Uint8Array, start: number, end: number): PathProblem {
  if (start === end) return PathProblem.Empty;
  if (bytes[start] !== SLASH) return PathProblem.NoLeadingSlash;
  if (end - start === 1) return PathProblem.Ok;
  if (bytes[end - 1] === SLASH) return PathProblem.TrailingSlash;
  let componentStart = start + 1;
  let i = componentStart;
  while (i < end) {
    const byte = bytes[i]!;
    if (byte >= 0x80) {
      const length = legalSequenceLength(bytes, i, end);
      if (length === 0) return PathProblem.IllegalCharacter;
      i += length;
      continue;
    }
    if (byte < 0x20 || byte === 0x7f) return PathProblem.IllegalCharacter;
    if (byte === SLASH) {
      const problem = componentProblem(bytes, componentStart, i);
      if (problem !== PathProblem.Ok) return problem;
      componentStart = i + 1;
    }
    i += 1;
  }
  return componentProblem(bytes, componentStart, end);
}

function componentProblem(bytes: Uint8Array, start: number, end: number): PathProblem {
  const length = end - start;
  if (length === 0) return PathProblem.EmptyComponent;
  if (length > 2 || bytes[start] !== DOT) return PathProblem.Ok;
  return bytes[end - 1] === DOT ? PathProblem.RelativeComponent : PathProblem.Ok;
}

/**
 * How many bytes the character at `at` takes, 0 when it is not well formed or may not stand in a
 * path. Four-byte characters are never legal: in UTF-16 they are surrogates.
 */
function legalSequenceLength(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at]!;
  if (lead < 0xc2 || lead > 0xef) return 0;
  const second = at + 1 < end ? bytes[at + 1]! : 0;
  if (second < 0x80 || second > 0xbf) return 0;
  // U+0080 to U+009F are controls.
  if (lead < 0xe0) return lead === 0xc2 && second < 0xa0 ? 0 : 2;
  const third = at + 2 < end ? bytes[at + 2]! : 0;
  if (third < 0x80 || third > 0xbf) return 0;
  return isLegalTriple(lead, second, third) ? 3 : 0;
}

function isLegalTriple(lead: number, second: number, third: number): boolean {
  if (lead === 0xe0) return second >= 0xa0;
  // U+D800 begins at ED A0, U+F8FF ends at EF A3: all between is surrogate or private.
  if (lead === 0xed) return second < 0xa0;
  if (lead === 0xee) return false;
  if (lead === 0xef) return second >= 0xa4 && !(second === 0xbf && third >= 0xb0);
  return true;
}

// The format of zoo.cfg: Java properties. Every assignment keeps the line it stood on, and nothing
// is dropped: which of two equal keys counts is for the reader of the list to decide.
//
// Unlike Java, which takes the bytes of the file for Latin-1, the text here is whatever the caller
// decoded (UTF-8), so a path with an accent means what it says.

export interface Property {
  readonly key: string;
  readonly value: string;
  /** The line, from 1, on which the key stands. */
  readonly line: number;
  /** The last line of its value. */
  readonly lineEnd: number;
}

export class MalformedProperties extends Error {
  override readonly name = 'MalformedProperties';
  readonly line: number;

  constructor(line: number) {
    super('Malformed \\uxxxx encoding.');
    this.line = line;
  }
}

interface LogicalLine {
  readonly text: string;
  readonly line: number;
  readonly lineEnd: number;
}

export function parseProperties(text: string): readonly Property[] {
  return joinLines(text).map(({ text: content, line, lineEnd }) => {
    const { keyEnd, valueStart } = splitAt(content);
    return {
      key: undoEscapes(content.slice(0, keyEnd), line).trim(),
      value: undoEscapes(content.slice(valueStart), line).trim(),
      line,
      lineEnd,
    };
  });
}

/** What an editor calls a line, and Java too. */
export function linesOf(text: string): string[] {
  return text.split(/\r\n|\n|\r/);
}

/** Joins lines that end in an unescaped backslash; leaves out blank lines and comments. */
function joinLines(text: string): readonly LogicalLine[] {
  const lines = linesOf(text.replace(/^\uFEFF/, ''));
  const logical: LogicalLine[] = [];
  for (let index = 0; index < lines.length; index++) {
    const line = index + 1;
    let content = trimStart(lines[index] ?? '');
    if (content === '' || content.startsWith('#') || content.startsWith('!')) continue;
    while (endsOpen(content)) {
      index++;
      content = content.slice(0, -1) + trimStart(lines[index] ?? '');
    }
    logical.push({ text: content, line, lineEnd: Math.min(index + 1, lines.length) });
  }
  return logical;
}

function trimStart(line: string): string {
  return line.replace(/^[ \t\f]+/, '');
}

/** Whether the next line belongs to this one. */
export function endsOpen(line: string): boolean {
  const backslashes = /\\+$/.exec(line)?.[0].length ?? 0;
  return backslashes % 2 === 1;
}

/** The key ends at the first unescaped `=`, `:` or blank; blanks and one separator follow it. */
function splitAt(content: string): { keyEnd: number; valueStart: number } {
  const key = /^(?:\\.|[^\\=: \t\f])*/.exec(content)?.[0] ?? '';
  const separator = /^[ \t\f]*[=:]?[ \t\f]*/.exec(content.slice(key.length))?.[0] ?? '';
  return { keyEnd: key.length, valueStart: key.length + separator.length };
}

const controls: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

function undoEscapes(text: string, line: number): string {
  return text.replace(/\\(u[0-9a-fA-F]{4}|.|$)/g, (_, escaped: string) => {
    if (!escaped.startsWith('u')) return controls[escaped] ?? escaped;
    if (escaped.length === 1) throw new MalformedProperties(line);
    return String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
  });
}

/**
 * The form of a script: commands, a line of three dashes, what they are expected to say, an empty
 * line. Lines that start with # are remarks. A command's arguments may go on in indented lines.
 *
 *     # A sentence that says what is shown.
 *
 *     create /a hello
 *     getData /a
 *     ---
 *     create /a -> /a, zxid 1
 *     getData /a -> "hello"
 */
export interface Command {
  readonly text: string;
  /** Commands indented below it. */
  readonly parts: readonly Command[];
}

export interface Block {
  /** Remarks and empty lines before the commands, then the commands, as they stand in the file. */
  readonly head: readonly string[];
  readonly commands: readonly Command[];
  readonly expected: readonly string[];
}

const RULE = '---';
const INDENT = '  ';

export function parseScript(text: string): Block[] {
  const blocks: Block[] = [];
  let head: string[] = [];
  const lines = text.split('\n');
  for (let i = 0; i < lines.length; i += 1) {
    const line = lines[i]!;
    if (line !== RULE) {
      head.push(line);
      continue;
    }
    const end = lines.indexOf('', i + 1);
    const expected = lines.slice(i + 1, end < 0 ? lines.length : end);
    blocks.push({ head, commands: parseCommands(head.filter(isCommand)), expected });
    head = [];
    i += expected.length;
  }
  return blocks;
}

function isCommand(line: string): boolean {
  return line.trim() !== '' && !line.startsWith('#');
}

function parseCommands(lines: readonly string[]): Command[] {
  const commands: Command[] = [];
  for (let i = 0; i < lines.length; ) {
    let end = i + 1;
    while (lines[end]?.startsWith(INDENT)) end += 1;
    const parts = lines.slice(i + 1, end).map((line) => line.slice(INDENT.length));
    commands.push({ text: lines[i]!, parts: parseCommands(parts) });
    i = end;
  }
  return commands;
}

/** The file again, with what the commands really said. */
export function formatScript(blocks: readonly Block[], outputs: readonly string[][]): string {
  const lines = blocks.flatMap((block, i) => [...block.head, RULE, ...outputs[i]!]);
  return `${lines.join('\n')}\n`;
}

/** A command's words; `key=value` stands apart, and quotes keep blanks and hold JSON's escapes. */
export interface Words {
  readonly list: readonly string[];
  readonly options: ReadonlyMap<string, string>;
}

export function parseWords(text: string): Words {
  const list: string[] = [];
  const options = new Map<string, string>();
  for (const token of text.match(/(?:\w+=)?"(?:[^"\\]|\\.)*"|\S+/g) ?? []) {
    const [, key, value] = /^([A-Za-z]\w*)=(.*)$/s.exec(token) ?? [];
    if (key === undefined || value === undefined) list.push(unquoted(token));
    else options.set(key, unquoted(value));
  }
  return { list, options };
}

function unquoted(token: string): string {
  return token.startsWith('"') ? (JSON.parse(token) as string) : token;
}

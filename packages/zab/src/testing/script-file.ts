/**
 * The form of a script: commands, a line of three dashes, what they are expected to say, an empty
 * line. Lines that start with # are remarks. A command's arguments may go on in indented lines.
 *
 *     # A sentence that says what is shown.
 *
 *     server 1 of 1 2 3
 *     start zxid=100000001
 *     ---
 *     to 2, 3: looking, 1 at 100000001, round 1, epoch 0
 */
export interface Command {
  readonly text: string;
  /** The lines indented below it. */
  readonly parts: readonly string[];
}

export interface Block {
  /** Remarks and empty lines before the commands, then the commands, as they stand in the file. */
  readonly head: readonly string[];
  readonly commands: readonly Command[];
}

const RULE = '---';
const INDENT = '  ';

export function parseScript(text: string): Block[] {
  const blocks: Block[] = [];
  let head: string[] = [];
  const lines = text.split('\n');
  for (let i = 0; i < lines.length; i += 1) {
    if (lines[i] !== RULE) {
      head.push(lines[i]!);
      continue;
    }
    const end = lines.indexOf('', i);
    blocks.push({ head, commands: parseCommands(head) });
    head = [];
    i = (end < 0 ? lines.length : end) - 1;
  }
  return blocks;
}

function parseCommands(head: readonly string[]): Command[] {
  const commands: { text: string; parts: string[] }[] = [];
  for (const line of head) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    if (line.startsWith(INDENT)) commands.at(-1)?.parts.push(line.slice(INDENT.length));
    else commands.push({ text: line, parts: [] });
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

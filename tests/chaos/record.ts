/**
 * A history as it is written down while it happens: one line of JSON for each thing that was sent,
 * heard or done to a server, in the order in which this process saw it. Requests and answers are kept
 * as the bytes they were, so the record depends on nobody's reading of them. It knows no rule.
 */
import { createWriteStream, type WriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** `client` is whom it happened to, `connection` the number of its connection. */
export type Line =
  | {
      readonly kind: 'hello';
      readonly client: number;
      readonly connection: number;
      /** Whose server was called. */
      readonly product: string;
    }
  | {
      readonly kind: 'greeted';
      readonly client: number;
      readonly connection: number;
      /** Hexadecimal, and 0 where the session was refused. */
      readonly session: string;
      readonly timeoutMs: number;
    }
  | {
      readonly kind: 'asked';
      readonly client: number;
      readonly connection: number;
      readonly xid: number;
      readonly opcode: number;
      readonly body: string;
    }
  | {
      readonly kind: 'answered';
      readonly client: number;
      readonly connection: number;
      readonly xid: number;
      readonly zxid: string;
      readonly error: number;
      readonly body: string;
    }
  | {
      readonly kind: 'event';
      readonly client: number;
      readonly connection: number;
      readonly zxid: string;
      readonly body: string;
    }
  /** A ping was answered that was sent then. */
  | {
      readonly kind: 'pinged';
      readonly client: number;
      readonly connection: number;
      readonly sentMs: number;
    }
  /** What a client found to be wrong by itself. */
  | { readonly kind: 'nonsense'; readonly client: number; readonly what: string }
  | { readonly kind: 'stroke'; readonly what: string; readonly members: readonly number[] };

export type DatedLine = Line & { readonly atMs: number };

const FILE = 'history.jsonl';

/** One clock for all of a history: milliseconds of this machine's wall clock that never go back. */
export function clockMs(): number {
  return performance.timeOrigin + performance.now();
}

export class RecordWriter {
  readonly #stream: WriteStream;

  constructor(directory: string) {
    this.#stream = createWriteStream(join(directory, FILE));
  }

  note(line: Line): void {
    this.#stream.write(`${JSON.stringify({ ...line, atMs: clockMs() })}\n`);
  }

  end(): Promise<void> {
    return new Promise((resolve) => {
      this.#stream.end(resolve);
    });
  }
}

export async function readRecord(directory: string): Promise<DatedLine[]> {
  const text = await readFile(join(directory, FILE), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as DatedLine);
}

/**
 * The server's log: one line for each notable event, as JSON. The library behind it is loaded with
 * the first line, so that a quiet server never waits for it.
 */
export type LogLevel = 'info' | 'warn' | 'error';

export type LogFacts = Readonly<Record<string, string | number>>;

export interface ServerLog {
  write(level: LogLevel, text: string, facts: LogFacts): void;
}

export const silentLog: ServerLog = { write: () => {} };

const levels: readonly LogLevel[] = ['info', 'warn', 'error'];

interface Line {
  readonly level: LogLevel;
  readonly text: string;
  readonly facts: LogFacts;
}

/** Lines of this level and above, to the standard error. */
export function createLog(lowest: LogLevel): ServerLog {
  const waiting: Line[] = [];
  let emit: ((line: Line) => void) | null = null;
  const load = async (): Promise<void> => {
    const { destination, pino } = await import('pino');
    const logger = pino({ base: null }, destination({ fd: 2, sync: true }));
    emit = ({ level, text, facts }): void => logger[level](facts, text);
    for (const line of waiting.splice(0)) emit(line);
  };
  return {
    write: (level, text, facts) => {
      if (levels.indexOf(level) < levels.indexOf(lowest)) return;
      const line = { level, text, facts };
      if (emit !== null) {
        emit(line);
        return;
      }
      waiting.push(line);
      if (waiting.length === 1) load().catch(() => waiting.splice(0).forEach(writePlainly));
    },
  };
}

/** Without the library a line is still better than none. */
function writePlainly({ level, text, facts }: Line): void {
  process.stderr.write(`${JSON.stringify({ level, msg: text, ...facts })}\n`);
}

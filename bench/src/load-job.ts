/**
 * The contract between the bench and its two generators (native/load.c, node-load.ts): arguments
 * `name=value`, one line of JSON on stdout, latencies as float64 nanoseconds in a file.
 */

export interface LoadArguments {
  /** Connections go to them in turn. */
  readonly ports: readonly number[];
  /** Whose CPU time, added up, is read from /proc at both ends of the window. */
  readonly serverPids: readonly number[];
  readonly connections: number;
  /** Requests without a reply, per connection. */
  readonly window: number;
  readonly warmupMs: number;
  readonly durationMs: number;
  /** When not 0: stop after so many replies; `durationMs` is then the longest this may take. */
  readonly operations: number;
  /** Every `stride`-th latency is kept. */
  readonly stride: number;
  /** 1: connect, handshake, closeSession, wait for the end; and again. The script is not used. */
  readonly sessions: 0 | 1;
  readonly script: string;
  readonly samples: string;
}

export interface LoadOutcome {
  readonly operations: number;
  readonly errors: number;
  readonly firstError: number;
  readonly elapsedMs: number;
  readonly generatorCpuMs: number;
  readonly serverCpuMs: number;
  readonly maxNs: number;
}

export function toArguments(job: LoadArguments): string[] {
  return Object.entries(job).map(([name, value]) => `${name}=${value}`);
}

export function fromArguments(words: readonly string[]): LoadArguments {
  const values = new Map<string, string>();
  for (const word of words) {
    const equals = word.indexOf('=');
    if (equals < 1) throw new Error(`an argument lacks its value: ${word}`);
    values.set(word.slice(0, equals), word.slice(equals + 1));
  }
  const number = (name: string, otherwise: number): number => Number(values.get(name) ?? otherwise);
  const numbers = (name: string): number[] =>
    (values.get(name) ?? '').split(',').filter(Boolean).map(Number);
  return {
    ports: numbers('ports'),
    serverPids: numbers('serverPids'),
    connections: number('connections', 1),
    window: number('window', 1),
    warmupMs: number('warmupMs', 0),
    durationMs: number('durationMs', 0),
    operations: number('operations', 0),
    stride: number('stride', 1),
    sessions: number('sessions', 0) === 1 ? 1 : 0,
    script: values.get('script') ?? '',
    samples: values.get('samples') ?? '',
  };
}

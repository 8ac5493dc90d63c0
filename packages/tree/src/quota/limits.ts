/**
 * The text of quota nodes: `key=value` pairs separated by commas or semicolons. Where there is more
 * than count and bytes, a lone `=` stands before the rest, at which old parsers stop.
 */
export interface Limits {
  readonly count: number;
  readonly bytes: number;
  readonly countHard: number;
  readonly bytesHard: number;
}

export const UNLIMITED = -1;

export function parseLimits(text: string): Limits {
  const values = new Map<string, number>();
  for (const pair of text.split(/[,;]/)) {
    const [key, value] = pair.split('=');
    if (key !== undefined && value !== undefined && /^-?\d+$/.test(value)) {
      values.set(key, Number(value));
    }
  }
  return {
    count: values.get('count') ?? UNLIMITED,
    bytes: values.get('bytes') ?? UNLIMITED,
    countHard: values.get('countHardLimit') ?? UNLIMITED,
    bytesHard: values.get('byteHardLimit') ?? UNLIMITED,
  };
}

export function formatUsage(count: number, bytes: number): string {
  return `count=${count},bytes=${bytes}`;
}

/** Words of others inside our sentences: in quotes, without control characters, cut when long. */
const QUOTED_LENGTH_MAX = 80;

export function quoted(text: string): string {
  const isLong = text.length > QUOTED_LENGTH_MAX;
  return JSON.stringify(isLong ? `${text.slice(0, QUOTED_LENGTH_MAX)}…` : text);
}

/**
 * A folder of scripts as tests: what the commands of each say must be what stands below them. With
 * `UPDATE_SCRIPTS=1` the files are rewritten; the difference is then read like any other.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

/** A machine that is busy with other things may take long. */
const PATIENCE_MS = 60_000;

/** What the remarks at the head of a script say that it covers, by docs/internals/faults.md. */
function idsIn(text: string): readonly string[] {
  const [head = ''] = text.split(/^[^#\n]/m);
  return head.match(/\b[BFLS]-\w?\d\d\b/g) ?? [];
}

/** `play` gives a script's text as it would be with the answers of now. */
export function playScripts(title: string, home: URL, play: (text: string) => string): void {
  const rewrites = process.env.UPDATE_SCRIPTS === '1';
  const files = readdirSync(home).filter((file) => file.endsWith('.txt'));
  const textOf = (file: string): string => readFileSync(new URL(file, home), 'utf8');

  describe(title, () => {
    const named = files.map((file) => [[file, ...idsIn(textOf(file))].join(' '), file] as const);
    test.each(named)('%s', { timeout: PATIENCE_MS }, (_name, file) => {
      const text = textOf(file);
      const played = play(text);
      if (rewrites && played !== text) writeFileSync(new URL(file, home), played);
      else expect(played).toBe(text);
    });

    test('each begins with a sentence', () => {
      for (const file of files) {
        const [first = ''] = textOf(file).split('\n');
        expect(first, file).toMatch(/^# \S.*\.$/);
      }
    });
  });
}

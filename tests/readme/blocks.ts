/** The fenced blocks of a Markdown text, and the commands that stand in its prose. */
export interface Block {
  readonly language: string;
  readonly text: string;
}

export function blocksOf(markdown: string): Block[] {
  const found = markdown.matchAll(/^```(\w*)\n(.*?)^```$/gms);
  return [...found].map(([, language = '', text = '']) => ({ language, text }));
}

/** Commands of npm in backticks, outside the blocks: `npm run check`. */
export function npmCommandsOf(markdown: string): string[] {
  const prose = markdown.replace(/^```.*?^```$/gms, '');
  const found = prose.matchAll(/`npm (?:run )?(?<script>[\w-]+)[^`]*`/g);
  return [...found].map(({ groups }) => groups?.script ?? '');
}

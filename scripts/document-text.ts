// What documents say about the repository, and what the source says that documents must know.
import { parseAst } from 'rolldown/parseAst';

/** The texts in backticks of a Markdown text, blocks left out. */
export function codeSpansOf(markdown: string): string[] {
  const prose = markdown.replace(/^```.*?^```$/gms, '');
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span.replaceAll('\\|', '|'));
}

/** Targets of links, those to other sites left out. */
export function linksOf(markdown: string): string[] {
  const prose = markdown.replace(/^```.*?^```$/gms, '').replace(/`[^`\n]+`/g, '');
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets.filter((target) => !/^[a-z]+:/.test(target));
}

/** The anchors of a Markdown text, one for each heading. */
export function anchorsOf(markdown: string): string[] {
  const prose = markdown.replace(/^```.*?^```$/gms, '');
  return [...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/**
 * The strings of a TypeScript text, what is put into a template shown as an ellipsis: those of
 * properties called `advice`, of assertions and of imports left out.
 */
export function stringsOf(source: string): string[] {
  const strings: string[] = [];
  visit(parseAst(source, { lang: 'ts' }), strings);
  return strings;
}

function visit(value: unknown, strings: string[]): void {
  if (Array.isArray(value)) {
    for (const element of value) visit(element, strings);
  } else if (isNode(value) && !isLeftOut(value)) {
    const text = textOf(value);
    if (text !== null) strings.push(text);
    for (const child of Object.values(value)) visit(child, strings);
  }
}

interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value;
}

function isLeftOut(node: Node): boolean {
  if (node.type.startsWith('Import') || node.type.startsWith('Export')) {
    return 'source' in node && node.source !== null;
  }
  if (node.type === 'Property') return nameOf(node.key) === 'advice';
  return node.type === 'CallExpression' && nameOf(node.callee) === 'assert';
}

function nameOf(value: unknown): unknown {
  return isNode(value) ? value.name : undefined;
}

function textOf(node: Node): string | null {
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node.type !== 'TemplateLiteral' || !Array.isArray(node.quasis)) return null;
  return node.quasis.map(({ value }: { value: { cooked: string } }) => value.cooked).join('…');
}

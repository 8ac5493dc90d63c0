/** A result as text: aligned columns for a terminal, or the tables of a Markdown page. */
import type { Figure } from './figure.ts';
import { formatFigure, formatFloor, formatRatio, significant } from './format.ts';
import type { Cost, Result } from './result.ts';
import type { Role, Row } from './row.ts';

const roles: readonly Role[] = ['subject', 'peer', 'limit'];

type Table = readonly (readonly string[])[];

export function textReport(result: Result): string {
  return [
    ...preamble(result),
    '',
    ...aligned(rowTable(result)),
    ...(result.costs.length > 0 ? ['', 'What it cost', ...aligned(costTable(result))] : []),
    '',
  ].join('\n');
}

export function markdownReport(result: Result): string {
  return [
    ...preamble(result).map((line) => `- ${line}`),
    '',
    ...markdown(rowTable(result)),
    ...(result.costs.length > 0 ? ['', ...markdown(costTable(result))] : []),
    '',
  ].join('\n');
}

function preamble(result: Result): string[] {
  const { machine } = result;
  return [
    `${result.startedAt}, ${Object.values(result.titles).join(', ')}`,
    `${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Linux ${machine.kernel}, Node ${machine.node}`,
    `rounds of ${result.seconds} s, ${result.rounds} per server, in turns; median and half the spread; ${result.placement}; generator in ${result.generator}; fsync on`,
    ...result.warnings,
  ];
}

function rowTable(result: Result): Table {
  const shown = roles.filter((role) => result.titles[role] !== undefined);
  const titles = shown.map((role) => result.titles[role] ?? '');
  const head = ['', ...titles, 'ratio', 'floor', ''];
  return [head, ...result.rows.map((row) => rowCells(row, shown))];
}

function rowCells(row: Row, shown: readonly Role[]): string[] {
  return [
    row.label,
    ...shown.map((role) => formatFigure(row.figures[role], row.unit)),
    formatRatio(row),
    formatFloor(row.floor, row.unit),
    [row.verdict, row.note].filter((part) => part !== undefined).join('; '),
  ];
}

function costTable(result: Result): Table {
  const head = ['', 'server', 'CPU per op', 'server CPU', 'load CPU', 'memory', 'p99', 'slowest'];
  return [head, ...result.costs.map((cost) => costCells(cost, result))];
}

function costCells(cost: Cost, result: Result): string[] {
  const percent = (figure: Figure): string => `${Math.round(figure.median * 100)} %`;
  return [
    cost.workload,
    result.titles[cost.role] ?? '',
    `${significant(cost.cpuUsPerOperation.median)} µs`,
    percent(cost.serverShare),
    percent(cost.generatorShare),
    `${significant(cost.residentMiB.median)} MiB`,
    `${significant(cost.p99Us.median)} µs`,
    `${significant(cost.maxMs.median)} ms`,
  ];
}

/** The first column is words and starts at the left; numbers end at the right. */
function aligned(table: Table): string[] {
  const widths = columnWidths(table);
  return table.map((cells) =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd(),
  );
}

function columnWidths(table: Table): number[] {
  const columns = table[0] ?? [];
  return columns.map((_, i) => Math.max(...table.map((cells) => cells[i]?.length ?? 0)));
}

function markdown(table: Table): string[] {
  const [head = [], ...rest] = table;
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, i) => (i === 0 ? '---' : '---:'));
  return [head, rule, ...rest].map(line);
}

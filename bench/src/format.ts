/** Numbers as people read them. */
import { type Figure, spreadOf } from './figure.ts';
import type { Floor } from './floors.ts';
import type { Row, Unit } from './row.ts';

export function formatFigure(figure: Figure | undefined, unit: Unit): string {
  if (figure === undefined) return '';
  const spread = figure.values.length > 1 ? ` ±${Math.round(spreadOf(figure) * 100)} %` : '';
  return `${formatValue(figure.median, unit)}${spread}`;
}

function formatValue(value: number, unit: Unit): string {
  if (unit !== 'per second') return `${significant(value)} ${unit}`;
  if (value >= 1e6) return `${significant(value / 1e6)} M/s`;
  if (value >= 1e3) return `${significant(value / 1e3)} k/s`;
  return `${significant(value)} /s`;
}

/** Three digits that mean something. */
export function significant(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toFixed(digits);
}

export function formatRatio(row: Row): string {
  return row.ratio === undefined ? '' : `${significant(row.ratio)}×`;
}

export function formatFloor(floor: Floor | undefined, unit: Unit): string {
  if (floor === undefined) return '';
  if ('atLeast' in floor) return `≥ ${floor.atLeast}×`;
  return floor.against === 'peer' ? `≤ ${floor.atMost}×` : `≤ ${floor.atMost} ${unit}`;
}

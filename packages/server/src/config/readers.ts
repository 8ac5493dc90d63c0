// How the text of a value is read. A number that is none is refused, also where Apache would fall
// back to the default in silence; booleans keep each Java rule of theirs, since a file that works
// there must not mean something else here, but a value that surely means something else is told of.

import { ConfigError } from './config-error.ts';
import type { Assignment } from './origin.ts';
import { describeOrigin } from './origin.ts';

export type Reader<T> = (given: Assignment, warn: (warning: string) => void) => T;

const int32Max = 0x7fffffff;
const int64Max = Number.MAX_SAFE_INTEGER;

interface Range {
  readonly min: number;
  readonly max: number;
}

/** A whole number as Java's `Integer.decode` reads it: decimal, 0x… or 0… */
export function integer(min: number, max: number = int32Max): Reader<number> {
  return (given) => within(given, { min, max }, decode(given));
}

/** The same, where a number below 1 switches the feature off: those become 0. */
export function size(unit: number): Reader<number> {
  return (given) => {
    const count = within(given, { min: -int64Max, max: int64Max / unit }, decode(given));
    return Math.max(0, count) * unit;
  };
}

export const port: Reader<number> = integer(0, 65_535);

function decode(given: Assignment): number {
  const match = /^([+-]?)(?:(?:0x|#)([0-9a-f]+)|(0[0-7]+)|(\d+))$/i.exec(given.value);
  if (match === null) {
    throw new ConfigError({
      problem: `${given.key} is not a number. For input string: "${given.value}"`,
      advice: 'Write a whole number.',
      given,
    });
  }
  const [, sign, hexadecimal, octal, decimal] = match;
  const radix = hexadecimal !== undefined ? 16 : octal !== undefined ? 8 : 10;
  const magnitude = Number.parseInt(hexadecimal ?? octal ?? decimal ?? '', radix);
  return sign === '-' ? -magnitude : magnitude;
}

function within(given: Assignment, { min, max }: Range, value: number): number {
  if (value >= min && value <= max) return value;
  throw new ConfigError({
    problem: `${given.key} is out of range.`,
    advice: `Write a number from ${min} to ${max}.`,
    given,
  });
}

export const fraction: Reader<number> = (given) => {
  const value = /^\d*\.?\d+$/.test(given.value) ? Number(given.value) : Number.NaN;
  if (value >= 0 && value <= 1) return value;
  throw new ConfigError({
    problem: `${given.key} is not a fraction. For input string: "${given.value}"`,
    advice: 'Write a number from 0 to 1.',
    given,
  });
};

/** Keys of the configuration file: only `true` and `false` count, in any case. */
export const strictBoolean: Reader<boolean> = (given) => {
  const value = given.value.toLowerCase();
  if (value === 'true') return true;
  if (value === 'false') return false;
  throw new ConfigError({
    problem: `Invalid option ${given.value} for ${given.key}. Choose 'true' or 'false.'`,
    advice: 'Write true or false.',
    given,
  });
};

/** Keys that are Java properties: everything but `true` is false. */
export const javaBoolean: Reader<boolean> = (given, warn) => {
  const value = given.value.toLowerCase();
  if (value !== 'true' && value !== 'false') {
    warn(`${quote(given)} means false: only 'true' switches it on.`);
  }
  return value === 'true';
};

/** On unless switched off by the exact word `no`. */
export const onUnlessNo: Reader<boolean> = (given, warn) => {
  if (given.value !== 'yes' && given.value !== 'no') {
    warn(`${quote(given)} leaves it on: only 'no' switches it off.`);
  }
  return given.value !== 'no';
};

/** Off unless switched on by the exact word `yes`. */
export const offUnlessYes: Reader<boolean> = (given, warn) => {
  if (given.value !== 'yes' && given.value !== 'no') {
    warn(`${quote(given)} leaves it off: only 'yes' switches it on.`);
  }
  return given.value === 'yes';
};

const unitsMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** A time with a unit; hours when there is none. Nothing and less than nothing are 0: never. */
export const intervalMs: Reader<number> = (given) => {
  const [, count, unit] = /^([+-]?\d+)\s*(ms|s|m|h|d)?$/i.exec(given.value) ?? [];
  const factor = unitsMs[unit?.toLowerCase() ?? 'h'];
  if (count === undefined || factor === undefined) {
    throw new ConfigError({
      problem: `${given.key} is not a time. For input string: "${given.value}"`,
      advice: 'Write a number of hours, or a number with one of ms, s, m, h, d: 12h.',
      given,
    });
  }
  return within(given, { min: 0, max: int64Max }, Math.max(0, Number(count)) * factor);
};

export const text: Reader<string> = ({ value }) => value;

/** A value that may be left empty, which is as if it were not set. */
export const optionalText: Reader<string | undefined> = ({ value }) =>
  value === '' ? undefined : value;

/** Words between commas; blanks do not count. */
export const words: Reader<readonly string[]> = ({ value }) =>
  value
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');

/** One of a few words, whatever their case. */
export function oneOf<T extends string>(choices: Readonly<Record<string, T>>): Reader<T> {
  return (given) => {
    const chosen = choices[given.value.toLowerCase()];
    if (chosen !== undefined) return chosen;
    const names = Object.keys(choices).filter((name) => name !== '');
    throw new ConfigError({
      problem: `${given.key} is not one of the known words.`,
      advice: `Write one of ${names.join(', ')}.`,
      given,
    });
  };
}

export function quote({ key, value, origin }: Assignment): string {
  return `${key}=${value} (${describeOrigin(origin)})`;
}

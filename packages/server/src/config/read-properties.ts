// The assignments of a properties file, each with the place where it stands.

import { ConfigError } from './config-error.ts';
import type { Assignment } from './origin.ts';
import { MalformedProperties, parseProperties } from './properties.ts';

export function readProperties(path: string, text: string): readonly Assignment[] {
  try {
    return parseProperties(text).map(({ key, value, line }) => ({
      key,
      value,
      origin: { source: 'file', name: path, line },
    }));
  } catch (error) {
    if (!(error instanceof MalformedProperties)) throw error;
    throw new ConfigError({
      problem: `Error processing ${path}: ${error.message}`,
      advice: 'Write \\u with four hexadecimal digits, or \\\\ for a backslash.',
      file: `${path}, line ${error.line}`,
    });
  }
}

// Where a value comes from. Every setting remembers it, so that an operator can be told which of
// several places won, and every complaint can name the place to mend.

export interface Origin {
  /** In rising order of precedence. */
  readonly source: 'default' | 'file' | 'image' | 'environment' | 'argument';
  /** The file's path, the variable's name, or the argument as it was written; empty for a default. */
  readonly name: string;
  readonly line?: number;
}

export const defaultOrigin: Origin = { source: 'default', name: '' };

/** One `key=value` as somebody wrote it. */
export interface Assignment {
  readonly key: string;
  readonly value: string;
  readonly origin: Origin;
}

export function describeOrigin({ source, name, line }: Origin): string {
  switch (source) {
    case 'default':
      return 'default';
    case 'file':
      return line === undefined ? name : `${name}, line ${line}`;
    case 'image':
    case 'environment':
      return `environment variable ${name}`;
    case 'argument':
      return `argument ${name}`;
  }
}

// What becomes of zoo.cfg when the members move to a file of their own: every line that names them
// goes, one that names the file comes, and all the rest stays as its author wrote it, comments
// included.

import { plainKey } from './key-names.ts';
import { endsOpen, linesOf, parseProperties } from './properties.ts';

export interface StaticEdit {
  /** The file that lists the members from now on. */
  readonly membersFile: string;
  /** Whether a member's own line says where clients connect, so that this file must not. */
  readonly dropsClientPort: boolean;
}

const POINTER = 'dynamicConfigFile';
/** The role stands in the server lines. */
const MEMBERSHIP = /^(?:(?:server|group|weight)\.\d+|dynamicConfigFile|peerType)$/;
const CLIENT_PORT = /^clientPort(?:Address)?$/;

/** The text as it has to be; the same where nothing is to be changed. */
export function editStaticFile(text: string, edit: StaticEdit): string {
  const properties = parseProperties(text);
  const goes = properties.filter(({ key }) => {
    const plain = plainKey(key);
    return MEMBERSHIP.test(plain) || (edit.dropsClientPort && CLIENT_PORT.test(plain));
  });
  const [only] = goes;
  if (goes.length === 1 && only?.key === POINTER && only.value === edit.membersFile) return text;
  const gone = new Set(goes.flatMap(({ line, lineEnd }) => numbersFrom(line, lineEnd)));
  const kept = linesOf(text).filter((_, index) => !gone.has(index + 1));
  if (kept.at(-1) === '') kept.pop();
  // A last line that asks for another must not have this one.
  if (endsOpen(kept.at(-1) ?? '')) kept.push('');
  const pointer = `${POINTER}=${edit.membersFile.replaceAll('\\', '\\\\')}`;
  return `${[...kept, pointer].join('\n')}\n`;
}

function numbersFrom(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

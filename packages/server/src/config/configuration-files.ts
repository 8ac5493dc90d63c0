// Keeps the configurations of an ensemble beside zoo.cfg, in the files and under the names in which
// Apache's servers keep them, so that either can go on from the other's:
//
//     zoo.cfg                      names the file of the committed one, in dynamicConfigFile
//     zoo.cfg.dynamic.<version>    the committed one; its version is in the name alone
//     zoo.cfg.dynamic.next         one that was proposed, with its version, until it is committed
//     zoo.cfg.bak                  zoo.cfg as it was when it still listed the members itself
//
// Each file is replaced in one step, and zoo.cfg only when what it names is safe: a start at any
// moment finds a configuration that was committed. Files of older ones are left to the operator.

import { dirname, resolve } from 'node:path';
import { type Ensemble, formatEnsemble, type ServerId } from '@zabra/wire';
import type { Files } from '../store/files.ts';
import { replaceFile } from '../store/replace-file.ts';
import { committedPath, memberOf, nextPath } from './ensemble-settings.ts';
import { parseProperties } from './properties.ts';
import { editStaticFile } from './static-file.ts';

export interface ConfigurationPlace {
  /** The path of zoo.cfg. */
  readonly file: string;
  /** Whose files they are. */
  readonly id: ServerId;
}

export class ConfigurationFiles {
  readonly #files: Files;
  /** From the root on, since it is written down, and read by servers started elsewhere. */
  readonly #file: string;
  readonly #id: ServerId;

  constructor(files: Files, { file, id }: ConfigurationPlace) {
    this.#files = files;
    this.#file = resolve(file);
    this.#id = id;
  }

  /** From now on a start begins with this configuration. Rejects where the files cannot be written. */
  async storeCommitted(ensemble: Ensemble): Promise<void> {
    const file = this.#file;
    const path = committedPath(file, ensemble);
    await replaceFile(this.#files, path, committedText(ensemble));
    const text = (await this.#files.readText(file)) ?? '';
    const me = memberOf(ensemble, this.#id);
    const dropsClientPort = me !== undefined && me.client !== null;
    const edited = editStaticFile(text, { membersFile: path, dropsClientPort });
    if (edited === text) return;
    if (listsMembers(text)) await replaceFile(this.#files, `${file}.bak`, text);
    await replaceFile(this.#files, file, edited);
  }

  /** Null forgets it. */
  async storeNext(ensemble: Ensemble | null): Promise<void> {
    const path = nextPath(this.#file);
    if (ensemble !== null) {
      await replaceFile(this.#files, path, `${formatEnsemble(ensemble)}\n`);
      return;
    }
    await this.#files.remove(path);
    await this.#files.syncDirectory(dirname(path));
  }
}

/** Sorted, and without the version, which others refuse to find inside. */
function committedText(ensemble: Ensemble): string {
  const lines = formatEnsemble(ensemble)
    .split('\n')
    .filter((line) => !line.startsWith('version='));
  return `${lines.sort().join('\n')}\n`;
}

function listsMembers(text: string): boolean {
  return parseProperties(text).every(({ key }) => key !== 'dynamicConfigFile');
}

/**
 * A copy of this checkout, as somebody has it who cloned it and installed: the sources without what
 * was built, and a `node_modules` whose entries point to the installed ones, but for our own rooms.
 */
import { spawnSync } from 'node:child_process';
import { cp, mkdir, readdir, readlink, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { repositoryRoot } from '../support/peers-cache.ts';

export async function copyCheckout(target: string): Promise<void> {
  for (const path of sourcePaths()) {
    const file = join(target, path);
    await mkdir(dirname(file), { recursive: true });
    await cp(join(repositoryRoot, path), file, { verbatimSymlinks: true });
  }
  await linkModules(join(repositoryRoot, 'node_modules'), join(target, 'node_modules'));
}

/** What is under version control or would be, and is there; the suites themselves are not needed. */
function sourcePaths(): string[] {
  const listed = spawnSync(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    {
      cwd: repositoryRoot,
      encoding: 'utf8',
    },
  );
  if (listed.status !== 0) throw new Error(`git cannot list the sources: ${listed.stderr}`);
  const deleted = spawnSync('git', ['ls-files', '-z', '--deleted'], {
    cwd: repositoryRoot,
    encoding: 'utf8',
  });
  const gone = new Set(deleted.stdout.split('\0'));
  return listed.stdout
    .split('\0')
    .filter((path) => path !== '' && !gone.has(path) && !path.startsWith('tests/'));
}

async function linkModules(source: string, target: string): Promise<void> {
  await mkdir(target, { recursive: true });
  for (const entry of await readdir(source, { withFileTypes: true })) {
    const from = join(source, entry.name);
    const to = join(target, entry.name);
    // A link of npm's to one of our rooms is relative: the same text leads into the copy.
    if (entry.isSymbolicLink()) await symlink(await readlink(from), to);
    else if (entry.name === '@zabra' || entry.name === '.bin') await linkModules(from, to);
    else if (!entry.name.startsWith('.vite') && entry.name !== '.cache') await symlink(from, to);
  }
}
